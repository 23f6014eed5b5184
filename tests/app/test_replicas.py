"""Two copies of the app behind the nginx and the Caddy that DEPLOY.md describes: a visitor stays with one."""

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


def nginx(text, port, folder):
    """Command and configuration."""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; {'user root;' if os.geteuid() == 0 else ''}\n"
        f"events {{}}\nhttp {{ access_log off; {places}\n"
        + text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
        + "\n}\n"
    )
    return ["-p", folder, "-c", folder / "nginx.conf"]


def caddy(text, port, folder):
    (folder / "Caddyfile").write_text(
        f"{{\n admin off\n storage file_system {folder}\n}}\n" + text.replace(":8080", f"http://127.0.0.1:{port}")
    )
    return ["run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]


UNSTUCK = {nginx: ("ip_hash;", ""), caddy: ("ip_hash", "round_robin")}


@pytest.fixture(params=[nginx, caddy], ids=lambda balancer: balancer.__name__)
def balancer(request):
    name = request.param.__name__
    if not (shutil.which(name) or shutil.which(name, path="/usr/sbin")):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"There is no {name}; install it.")
    return request.param


@pytest.fixture
def balanced(balancer, copies, tmp_path):
    """Runs a balancer on its documented configuration, changed by a function; returns its address."""
    processes, name = [], balancer.__name__

    def balanced(change=lambda text: text):
        text = re.search(rf"```{name}\n(.*?)```", (ROOT / ".github/DEPLOY.md").read_text(), re.S)[1]
        for documented, copy in zip(COPIES, copies):
            assert text.count(documented) == 1
            text = text.replace(documented, copy)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
        command = [program, *balancer(change(text), port, tmp_path)]
        with (tmp_path / "log.txt").open("w") as log:
            process = subprocess.Popen(command, stderr=log, env=os.environ | {"HOME": str(tmp_path)})
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
    visitors = [VisitorFrom(url, f"127.0.{number}.1") for number in range(1, 13)]
    served = [copies_of(visitor) for visitor in visitors]
    assert all(len(each) == 1 for each in served)
    assert len(set.union(*served)) == 2, "one copy got all visitors"
    for visitor in visitors[:3]:
        ended = visitor.compare_file("boxer.jpg", PHOTO)
        assert ended.results, ended.text


def test_without_sticking_they_do_not(balanced, balancer):
    url = balanced(lambda text: text.replace(*UNSTUCK[balancer]))
    assert len(copies_of(VisitorFrom(url, "127.0.1.1"))) == 2


def test_files_are_asked_for_at_the_balancer(balanced):
    url = balanced()
    with urllib.request.urlopen(f"{url}/config") as answer:
        assert f'"root":"{url}"' in answer.read().decode().replace(" ", "")
