"""Two copies of the app behind the nginx that DEPLOY.md describes: a visitor stays with one."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

from repository import EXAMPLES, ROOT
from visitor import Visitor

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PHOTO = (EXAMPLES / "boxer_26.jpg").read_bytes()
COPIES = ("127.0.0.1:7860", "127.0.0.1:7861")


class VisitorFrom(Visitor):
    """A visitor with an address of his own; Linux has 127.0.0.0/8 for this."""

    def __init__(self, url, address):
        super().__init__(url, timeout=300)
        self.address = address

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, self.timeout, source_address=(self.address, 0))


@pytest.fixture(scope="module")
def copies(running_app, tmp_path_factory):
    """The addresses of two running apps."""
    with contextlib.ExitStack() as stack:
        folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
        yield [stack.enter_context(running_app(folder))[0].removeprefix("http://") for folder in folders]


@pytest.fixture
def balanced(copies, tmp_path):
    """Runs nginx on the documented configuration, changed by a function; returns its address."""
    if NGINX is None:
        pytest.skip("there is no nginx")
    processes = []

    def balanced(change=lambda text: text):
        text = re.search(r"```nginx\n(.*?)```", (ROOT / ".github/DEPLOY.md").read_text(), re.S)[1]
        for documented, copy in zip(COPIES, copies):
            assert text.count(documented) == 1
            text = text.replace(documented, copy)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        text = change(text.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
        places = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/pid; error_log stderr; {'user root;' if os.geteuid() == 0 else ''}\n"
            f"events {{}}\nhttp {{ access_log off; {places}\n{text}\n}}\n"
        )
        with (tmp_path / "log.txt").open("w") as log:
            process = subprocess.Popen([NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf"], stderr=log)
        processes.append(process)
        while True:
            assert process.poll() is None, (tmp_path / "log.txt").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return f"http://127.0.0.1:{port}"
            except OSError:
                time.sleep(0.05)

    yield balanced
    for process in processes:
        process.terminate()
        process.wait(60)


def copies_of(visitor):
    """Which copies got two uploads of a visitor: their folders."""
    uploads = [visitor.upload(("boxer.jpg", PHOTO)) for _ in range(2)]
    assert [answer.status for answer, _ in uploads] == [200, 200]
    return {paths[0].split("/uploads/")[0] for _, paths in uploads}


def test_each_visitor_stays_with_one_copy(balanced):
    url = balanced()
    # nginx goes by the first three numbers of the address.
    visitors = [VisitorFrom(url, f"127.0.{number}.1") for number in range(1, 9)]
    served = [copies_of(visitor) for visitor in visitors]
    assert all(len(each) == 1 for each in served)
    assert len(set.union(*served)) == 2, "one copy got all visitors"
    for visitor in visitors[:3]:
        ended = visitor.compare_file("boxer.jpg", PHOTO)
        assert ended.results, ended.text


def test_without_sticking_they_do_not(balanced):
    url = balanced(lambda text: text.replace("ip_hash;", ""))
    assert len(copies_of(VisitorFrom(url, "127.0.1.1"))) == 2


def test_files_are_asked_for_at_the_balancer(balanced):
    url = balanced()
    with urllib.request.urlopen(f"{url}/config") as answer:
        assert f'"root":"{url}"' in answer.read().decode().replace(" ", "")
