"""How the app ends: what runs is finished, who waits is told, nothing is left behind."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seg.ui.server import own_folder, stopping, turns

from repository import EXAMPLES, PATIENCE, ROOT, save_tiny_networks
from visitor import MARK, Visitor

TINY = {"fcn8": {"fc_filters": 2}, "unet": {"base_filters": 2}}


class HeldNetworks:
    """Real networks; a comparison begins when `let_go` is set."""

    def __init__(self, networks):
        self._networks = networks
        self.let_go, self.begun = threading.Event(), threading.Semaphore(0)

    def __getattr__(self, name):
        return getattr(self._networks, name)

    def compare(self, *arguments, **options):
        self.begun.release()
        self.let_go.wait(PATIENCE)
        return self._networks.compare(*arguments, **options)


@pytest.fixture
def served(tmp_path):
    """The page on tiny networks, in this process: the page, its address and the networks."""
    save_tiny_networks(tmp_path / "weights", TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
        from seg.ui import page
        from seg.ui.server.serving import Service

        service = Service(tmp_path / "weights")
        blocks = page.build_page(service)  # compares the example that the page shows first
        networks = service.networks = HeldNetworks(service.networks)
        _, url, _ = page.launch(blocks, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        yield blocks, url.rstrip("/"), networks
        networks.let_go.set()
        blocks.close(verbose=False)


def health(url):
    try:
        with urllib.request.urlopen(f"{url}/healthz") as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_what_runs_is_finished_and_who_waits_is_told(served):
    page, url, networks = served
    visitor = Visitor(url, timeout=PATIENCE)
    (path,) = visitor.upload(("photo.jpg", (EXAMPLES / "boxer_26.jpg").read_bytes()))[1]
    photo = {"path": path, "meta": MARK}
    assert health(url) == 200

    def call_directly():
        body = json.dumps({"data": [photo]})
        return visitor.ask("/gradio_api/run/compare", body, {"Content-Type": "application/json"})[1].decode()

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(visitor.compare, photo) for _ in range(turns.AT_ONCE)]
        assert all(networks.begun.acquire(timeout=PATIENCE) for _ in running)
        in_the_queue, beside_it = pool.submit(visitor.compare, photo), pool.submit(call_directly)
        until(lambda: len(page._queue) == 1 and turns.waiting() == 1)

        ended = pool.submit(stopping.finish, page)
        assert in_the_queue.result(PATIENCE).sentence == turns.RESTARTS
        assert turns.RESTARTS in beside_it.result(PATIENCE)
        assert not any(each.done() for each in running) and not ended.done()
        assert health(url) == 503
        answer, said = visitor.ask("/gradio_api/call/compare", b"{}", {"Content-Type": "application/json"})
        assert answer.status == 503 and turns.RESTARTS in said.decode()
        assert visitor.upload(("photo.jpg", b"x"))[0].status == 503
        networks.let_go.set()
        assert all(each.result(PATIENCE).results[0]["networks"] for each in running)
        ended.result(PATIENCE)
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{url}/healthz", timeout=5)


@pytest.mark.slow
def test_what_takes_too_long_is_broken_off_in_a_sentence(served, monkeypatch):
    page, url, networks = served
    monkeypatch.setattr(stopping, "FINISH_SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool:
        visitor, photo = Visitor(url, timeout=PATIENCE), (EXAMPLES / "boxer_26.jpg").read_bytes()
        running = pool.submit(visitor.compare_file, "photo.jpg", photo)
        assert networks.begun.acquire(timeout=PATIENCE)
        stopping.finish(page)
        assert running.result(PATIENCE).sentence == turns.RESTARTS
        networks.let_go.set()


@pytest.mark.slow
def test_an_app_without_one_of_its_networks_is_not_ready(served):
    page, url, networks = served
    del networks._networks.segmenters["unet"]
    assert health(url) == 503


def test_folders_of_dead_apps_go_and_those_of_living_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    hold = "import sys; from seg.ui.server.own_folder import own_folder\nwith own_folder() as f: (f / 'photo.jpg').touch(); print(f, flush=True); sys.stdin.read()"
    living, killed = (
        subprocess.Popen(
            [sys.executable, "-c", hold], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    )
    try:
        kept, left = (process.stdout.readline().strip() for process in (living, killed))
        killed.kill()
        killed.wait()
        assert Path(left, "photo.jpg").exists(), "nothing to sweep"
        (tmp_path / "pets-photos").mkdir()  # somebody's own, whatever its name
        (tmp_path / "pets-link").symlink_to(tmp_path / "pets-photos")
        with own_folder.own_folder():
            assert Path(left).exists(), "it may be an app that has just begun"
        monkeypatch.setattr(own_folder, "_SETTLED_SECONDS", -1)
        with own_folder.own_folder() as mine:
            assert mine.is_dir() and Path(kept, "photo.jpg").exists() and not Path(left).exists()
        assert {path.name for path in tmp_path.iterdir()} == {Path(kept).name, "pets-link", "pets-photos"}
    finally:
        living.communicate("")
        killed.kill()
    assert {path.name for path in tmp_path.iterdir()} == {"pets-link", "pets-photos"}
