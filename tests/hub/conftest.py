"""A Hub of our own for each test, and a way to call this project against it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from server import HubServer

from hub_samples import ROOT, clean_environment, contents, write_network


@pytest.fixture(scope="session")
def _server():
    server = HubServer()
    yield server
    server.close()


@pytest.fixture
def hub(_server):
    """An empty `HubServer`."""
    _server.reset()
    yield _server
    _server.reset()


@dataclass
class Outcome:
    """What a call returned, or the error it raised, and what it printed."""

    value: object
    error: str | None
    text: str | None
    output: str
    seconds: float
    pauses: list


class Client:
    """Runs functions of the project in a process that knows only our Hub."""

    def __init__(self, server, home):
        self.home = home
        self.environment = clean_environment(server.url, home)
        self._process = None

    def call(self, function, *arguments, folder, cache=None, token=None, environment=None, patches=None, **settings):
        """Calls ``module:function``; the working directory is ``folder``.

        Args:
            cache: folder of the Hub's local cache; by default an empty one.
            token: for the Hub.
            environment: more variables.
            patches: values by ``module:name``, set before the call.
        """
        place = Path(folder) / f".call{time.monotonic_ns()}"
        place.mkdir(parents=True)
        request = {
            "call": function,
            "arguments": [os.fspath(a) if isinstance(a, Path) else a for a in arguments],
            "settings": settings,
            "folder": str(folder),
            "cache": str(cache or place / "cache"),
            "environment": ({"HF_TOKEN": token} if token else {}) | (environment or {}),
            "patches": patches or {},
            "output": str(place / "output"),
            "answer": str(place / "answer"),
        }
        process = self._start()
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        answer = json.loads((place / "answer").read_text())
        output = (place / "output").read_text(errors="replace")
        if answer.get("error") not in (None, "UserError"):
            pytest.fail(f"{function} crashed:\n{answer['trace']}\n{output}")
        return Outcome(
            answer.get("value"),
            answer.get("error"),
            answer.get("text"),
            output,
            answer.get("seconds"),
            answer.get("pauses"),
        )

    def _start(self):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("client.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env=self.environment,
            )
            assert self._process.stdout.readline() == "ready\n"
        return self._process

    def close(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait(300)  # TensorFlow takes its time to end on a busy machine


@pytest.fixture(scope="session")
def _client(_server, tmp_path_factory):
    client = Client(_server, tmp_path_factory.mktemp("home"))
    yield client
    client.close()


@pytest.fixture
def call(_client, hub, tmp_path):
    """Calls a function of the project against ``hub``: see `Client.call`."""

    def call(function, *arguments, **settings):
        return _client.call(function, *arguments, **({"folder": tmp_path} | settings))

    return call


@pytest.fixture
def weights(tmp_path):
    """A folder ``weights`` as training leaves it, of both networks."""
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "weights", name)
    return tmp_path / "weights"


@pytest.fixture
def published(hub, weights):
    """``me/pets`` on the Hub, holding what ``weights`` holds."""
    hub.add("me/pets", contents(weights))
    return "me/pets"
