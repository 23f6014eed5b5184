"""Firefox and WebKitGTK, driven as WebDriver has it, for what a test needs of them."""

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from repository import PATIENCE

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_MINI_BROWSER = next(map(str, Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")), None)


class Refused(Exception):
    """What the browser says it cannot do."""


class Driven:
    """A browser with a page open.

    Args:
        send: carries a command out, by the name and the parameters that WebDriver gives it; returns its value.
    """

    def __init__(self, send):
        self._send = send

    def run(self, script, *arguments):
        """What a function's body returns in the page; it has ``arguments``."""
        return self._send("ExecuteScript", {"script": script, "args": list(arguments)})

    def wait(self, expression):
        """Waits until a JavaScript expression is true, and returns it."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.run(f"return {expression};")):
            assert time.monotonic() < deadline, f"never true: {expression}"
            time.sleep(0.1)
        return value

    def click(self, selector):
        self.run("arguments[0].scrollIntoView({block: 'center'})", self._found(selector))
        self._send("ElementClick", {"id": self._found(selector)[_ELEMENT]})

    def choose_file(self, selector, path):
        self._send("ElementSendKeys", {"id": self._found(selector)[_ELEMENT], "text": str(path)})

    def screenshot(self):
        """PNG of what the window shows."""
        return base64.b64decode(self._send("TakeScreenshot", {"full": False}))

    def open(self, url):
        self._send("Navigate", {"url": url})

    def _found(self, selector):
        return self._send("FindElement", {"using": "css selector", "value": selector})


@contextmanager
def firefox(downloads):
    """Firefox, which saves what is downloaded to a folder; None where there is none."""
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as profile, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = {
            "marionette.port": port,
            "browser.download.folderList": 2,
            "browser.download.dir": str(downloads),
            "browser.download.useDownloadDir": True,
            "browser.download.always_ask_before_handling_new_types": False,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        Path(profile, "user.js").write_text("\n".join(lines))
        command = [
            binary,
            "--headless",
            "--marionette",
            "--no-remote",
            "--profile",
            profile,
            "--width=1280",
            "--height=900",
        ]
        environment = os.environ | {"HOME": profile, "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with _connected(port, process) as connection:
                yield Driven(_marionette(connection))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _connected(port, process):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "Firefox did not start"
            time.sleep(0.2)


def _marionette(connection):
    """Firefox's own protocol: JSON after its length and a colon; commands are called as WebDriver calls them."""
    stream = connection.makefile("rb")

    def read():
        digits = b""
        while (byte := stream.read(1)) != b":":
            assert byte, "Firefox ended"
            digits += byte
        return json.loads(stream.read(int(digits)))

    def send(name, parameters):
        message = json.dumps([0, 1, f"WebDriver:{name}", parameters]).encode()
        connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = read()
        if error:
            raise Refused(error)
        return answer["value"] if isinstance(answer, dict) and "value" in answer else answer

    read()  # it introduces itself
    send("NewSession", {})
    return send


@contextmanager
def webkit(downloads):
    """WebKitGTK's small browser, which saves what is downloaded to a folder; None where it, its driver or a screen for it is missing."""
    if not (_MINI_BROWSER and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    reading, writing = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24"], pass_fds=[writing], **quiet
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        display = f":{told.readline().strip()}"
    environment = os.environ | {
        "DISPLAY": display,
        "GDK_BACKEND": "x11",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        "HOME": str(downloads),
    }
    driver = subprocess.Popen(["WebKitWebDriver", f"--port={port}"], env=environment, **quiet)
    try:
        yield Driven(_http(f"http://127.0.0.1:{port}/session", driver))
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(PATIENCE)


def _http(base, driver):
    """WebDriver over HTTP."""
    paths = {
        "ExecuteScript": "/execute/sync",
        "FindElement": "/element",
        "ElementClick": "/element/{id}/click",
        "ElementSendKeys": "/element/{id}/value",
        "Navigate": "/url",
    }

    def ask(path, parameters=None):
        body = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(base + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error)["value"]) from error

    browser = {"binary": _MINI_BROWSER, "args": ["--automation", "--geometry=1300x950"]}
    wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": browser}}}
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            session = ask("", wanted)["sessionId"]
            break
        except (urllib.error.URLError, ConnectionError):
            assert driver.poll() is None and time.monotonic() < deadline, "WebKitWebDriver did not start"
            time.sleep(0.2)

    def send(name, parameters):
        if name == "TakeScreenshot":
            return ask(f"/{session}/screenshot")
        given = {key: value for key, value in parameters.items() if key != "id"}
        return ask(f"/{session}" + paths[name].format(**parameters), given)

    return send
