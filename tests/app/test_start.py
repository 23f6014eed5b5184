"""The app's start on machines of all kinds: it runs, or says in one sentence what to change."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from repository import EXAMPLES, PATIENCE, ROOT

pytestmark = pytest.mark.slow


def as_from_a_terminal():
    """Whoever runs the tests in the background has Ctrl-C and the end of the terminal ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def started(tmp_path, environment, preexec_fn=as_from_a_terminal):
    """`python app.py`, its output in a log."""
    environment = os.environ | {"TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "home")} | environment
    environment.setdefault("GRADIO_TEMP_DIR", "")  # the folder of an app of another test
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir(exist_ok=True)
    with open(tmp_path / "log.txt", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=preexec_fn,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(process, tmp_path, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log.txt").read_text()
        time.sleep(0.1)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


ODD = {
    "an office": {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9", "PYTHONIOENCODING": "cp1252", "FLIP_AVERAGING": "1", "keras": "float16"},
    "no language": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "GRADIO_SERVER_NAME": "::1", "keras": "float8"},
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_settings_of_the_machine(tmp_path, name):
    """Started on a port that is taken; ended as by a terminal that closes, or as hosts stop an app."""
    environment = dict(ODD[name])
    (tmp_path / "home/.keras").mkdir(parents=True)
    keras = {"image_data_format": "channels_first", "floatx": environment.pop("keras"), "backend": "torch"}
    if keras["floatx"] == "float8":  # with values that no Keras knows it does not even import
        keras = {"image_data_format": "channels_first", "backend": "torch"}
    (tmp_path / "home/.keras/keras.json").write_text(json.dumps(keras))
    address = environment.setdefault("GRADIO_SERVER_NAME", "127.0.0.1")
    shown = f"[{address}]" if ":" in address else address
    with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, environment | {"GRADIO_SERVER_PORT": str(port)}) as process:
            log = tmp_path / "log.txt"
            until(process, tmp_path, lambda: f"Port {port} cannot be had" in log.read_text())
            url = log.read_text().partition("the page is at ")[2].split()[0].rstrip(".")
            assert url.startswith(f"http://{shown}:")
            client = Client(url, verbose=False, download_files=False)
            numbers = client.predict(image=handle_file(EXAMPLES / "boxer_26.jpg"), api_name="/compare")[0]
            assert [network["name"] for network in numbers["networks"]] == ["fcn8", "unet"]
            assert ("averaged with its mirror image" in log.read_text()) == ("FLIP_AVERAGING" in environment)
            assert files(tmp_path / "tmp")
            loaded = Path(f"/proc/{process.pid}/maps").read_text()
            assert "_pywrap_tensorflow" in loaded and "jaxlib" not in loaded and "matplotlib" not in loaded
            process.send_signal(signal.SIGHUP if name == "an office" else signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text() and not files(tmp_path / "tmp")


REFUSED = {
    "GRADIO_SERVER_NAME": ("no-such-host.invalid", "192.0.2.1", "a" * 300),
    "GRADIO_TEMP_DIR": ("/dev/null/uploads", "/proc/uploads"),
    "GRADIO_SERVER_PORT": ("0", "70000", "http"),
    "GRADIO_NUM_PORTS": ("many",),
    "KERAS_BACKEND": ("torch", "nonsense"),
    "MAX_WAITING": ("-1",),
    "COMPARISONS_AT_ONCE": ("many",),
    "FLIP_AVERAGING": ("yes",),
}


@pytest.mark.parametrize("name, value", [(name, value) for name, values in REFUSED.items() for value in values])
def test_what_cannot_be_is_one_sentence_that_names_the_setting(tmp_path, name, value):
    with started(tmp_path, {name: value}) as process:
        assert process.wait(PATIENCE) == 2
    said = (tmp_path / "log.txt").read_text().strip()
    assert said.startswith("app.py: ") and "\n" not in said and name in said


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_stopped_while_it_starts(tmp_path, number, status):
    with started(tmp_path, {}) as process:
        until(process, tmp_path, lambda: list((tmp_path / "tmp").glob("pets-*/*")))
        process.send_signal(number)
        assert process.wait(PATIENCE) == status
    assert "Traceback" not in (tmp_path / "log.txt").read_text() and not files(tmp_path / "tmp")


def test_nohup_is_heeded(tmp_path):
    with started(tmp_path, {}, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        until(process, tmp_path, lambda: list((tmp_path / "tmp").glob("pets-*/*")))
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
