"""What several tests share."""

import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import numpy as np
import pytest
from filelock import FileLock

from compare_page import open_page
from repository import EXAMPLES, PATIENCE, ROOT, TOKEN, run_train, train
from small_dataset import store_dataset

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# TensorFlow's tracing makes so many objects that the usual thresholds cost a fifth of the time of a small training.
gc.set_threshold(100_000, 50, 100)
# A developer's own settings must lead no test to the real Hub.
for name in [name for name in os.environ if name.startswith(("WEIGHTS_", "HF_", "HUGGING", "GRADIO_"))]:
    del os.environ[name]

CHROMIUM_HINT = "No Chromium or Chrome found; install one, e.g. `apt-get install chromium-headless-shell`, or set CHROMIUM to its path."


SLOW_FIXTURES = {"app", "browser", "running_app", "smoke", "one_device", "uninterrupted", "interrupted"}
"""What starts a browser, the app or a training: a test that uses one of them, also by way of another, is slow."""


def pytest_configure(config):
    config.option.loadscopereorder = False  # of pytest-xdist, which would begin with the files of the most tests


def pytest_collection_modifyitems(items):
    # Files that take minutes come first, so that no process has one left when the others are done.
    items.sort(key=lambda item: item.path.parent.name not in ("training", "app"))
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def example_names():
    return sorted(path.stem for path in EXAMPLES.glob("*.jpg"))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def made_once(tmp_path_factory, name, make):
    """The folder that ``make(folder)`` fills, once for all workers: whoever needs it first makes it, others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = base / name, base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a try that failed
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def prepared_dataset(tmp_path_factory):
    """A small Oxford-IIIT Pet dataset as TFDS prepares it: 32 training and 16 test photos of many sizes."""
    return made_once(tmp_path_factory, "tfds", store_dataset)


@pytest.fixture(scope="session")
def smoke(prepared_dataset, tmp_path_factory):
    """`train.py` with both networks, killed once and resumed: the folder, the options, and what it printed then.

    The folder is the test's own: a copy.
    """
    options = [
        "--data-dir", prepared_dataset, "--limit", 12, "--epochs", 3, "--image-size", 32, "--enlarge", 1, "--batch-size", 4,
        "--fc-filters", 4, "--base-filters", 2, "--encoder-weights", "none", "--precision", "float32",
    ]  # fmt: skip

    def make(folder):
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "train.py"), *map(str, options)],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        checkpoint = folder / "runs/checkpoints/fcn8-first12.safetensors"
        deadline = time.monotonic() + PATIENCE
        while not checkpoint.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not (folder / "runs/first12").exists(), "results of an unfinished run"
        refused = train(*options, cwd=folder)
        assert refused.returncode == 2 and "--resume" in refused.stderr and "Traceback" not in refused.stderr
        resumed = run_train(*options, "--resume", cwd=folder)
        assert resumed.returncode == 0, resumed.stderr[-2000:]
        (folder / "resumed.txt").write_text(resumed.stdout)

    folder = shutil.copytree(made_once(tmp_path_factory, "smoke", make), tmp_path_factory.mktemp("smoke") / "copy")
    return folder, options, (folder / "resumed.txt").read_text()


@pytest.fixture(scope="session")
def running_app():
    """A context manager that runs the app: see `_running_app`."""
    return _running_app


@contextmanager
def _running_app(folder, environment=(), clone=ROOT):
    """`python app.py` as a person starts it, on a free port; yields its address and its log."""
    log = folder / "log.txt"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_TEMP_DIR": str(folder / "uploads"),
    }
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=clone,
            env=os.environ | settings | dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None and time.monotonic() < deadline, f"app.py did not start:\n{log.read_text()}"
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        yield url, log
        assert process.poll() is None, f"app.py ended:\n{log.read_text()}"
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app on the weights of this repository: its address, and its log."""
    with _running_app(tmp_path_factory.mktemp("app"), {"HF_TOKEN": TOKEN}) as (url, log):
        yield url, log


@pytest.fixture(scope="session")
def app_url(app):
    return app[0]


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, whichever is installed."""
    from playwright.sync_api import sync_playwright

    # The shell draws pages alone, without the windows around them: for three quarters of the processor time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(CHROMIUM_HINT)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light")], ids=lambda p: f"{p[0]}-{p[1]}")
def view(request):
    return request.param


def fault(message):
    """What an error on the browser's console says, and which address it is about."""
    return f"{message.text} {message.location.get('url', '')}"


@pytest.fixture
def page(browser, app_url, view):
    width, scheme = view
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(fault(message)) if message.type == "error" else None)
    open_page(page, app_url)
    yield page
    context.close()
