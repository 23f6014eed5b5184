"""A Hub of our own for each test, and a way to call this project against it."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

sys.path.insert(0, os.path.dirname(__file__))

from server import HubServer

ROOT = Path(__file__).parents[2]
CLASSES = ["pet", "background", "outline"]


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
            answer.get("value"), answer.get("error"), answer.get("text"), output, answer.get("seconds"), answer.get("pauses")
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
            self._process.wait(30)


def clean_environment(url, home):
    """Of this process, less what would lead to the real Hub or a real token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING", "WEIGHTS_", "GRADIO_"))}
    return kept | {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        # Whole seconds only: how long a stalled download is waited for.
        "HF_HUB_DOWNLOAD_TIMEOUT": "1",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.path.dirname(__file__))),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


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


def config_of(name, width=None, **training):
    """A ``config.json`` as training writes it."""
    arguments = {"fcn8": {"fc_filters": width or 4}, "unet": {"base_filters": width or 2}}[name]
    return {
        "network": name,
        "arguments": arguments | {"dropout_rate": 0.5},
        "image_size": 64,
        "classes": CLASSES,
        "parameters": 7697,
        "training": {
            "limit": None,
            "epochs": 30,
            "best_epoch": 27,
            "batch_size": 16,
            "learning_rate": 0.0003,
            "weight_decay": 0.01,
            "encoder_weights": "imagenet" if name == "fcn8" else None,
            "pretrained_layers": ["block1_conv1"] if name == "fcn8" else [],
            "optimizer": "AdamW, linear warm-up, cosine decay",
            "loss": "cross-entropy",
            "dataset": {"name": "tfds:oxford_iiit_pet/4.0.0", "train": 3312, "validation": 368, "test": 3669},
        }
        | training,
    }


def metrics_of(name, **changes):
    """A ``metrics.json`` as training writes it, with other numbers for each network."""
    shift = {"fcn8": 0.0123456789, "unet": 0.0234567891}[name]
    return {
        "split": "test",
        "limit": None,
        "photos": 3669,
        "scored_at": 64,
        "pixel_accuracy": 0.89 + shift,
        "mean_iou": 0.71 + shift,
        "mean_dice": 0.81 + shift,
        "iou": {"pet": 0.77 + shift, "background": 0.88 + shift, "outline": 0.44 + shift},
        "dice": {"pet": 0.87 + shift, "background": 0.93 + shift, "outline": 0.61 + shift},
    } | changes


def write_network(folder, name, config=None, metrics=None):
    """A network's folder with little in it: its tensors are only those that tell its width."""
    folder = Path(folder) / name
    folder.mkdir(parents=True, exist_ok=True)
    config = config or config_of(name)
    rng = np.random.default_rng(0)
    width = config["arguments"].get("fc_filters") or config["arguments"].get("base_filters")
    tensor = {"fcn8": ("fc6/kernel", (7, 7, 512, width)), "unet": ("encoder1_conv1/kernel", (3, 3, 3, width))}[name]
    save_file(
        {tensor[0]: rng.normal(size=tensor[1]).astype(np.float16), "score/bias": rng.normal(size=5000).astype(np.float32)},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps(metrics or metrics_of(name)))
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n")
    (folder / "curves.png").write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    return folder


@pytest.fixture
def weights(tmp_path):
    """A folder ``weights`` as training leaves it, of both networks."""
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "weights", name)
    return tmp_path / "weights"


def contents(folder):
    """The files below a folder: contents by relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.fixture
def published(hub, weights):
    """``me/pets`` on the Hub, holding what ``weights`` holds."""
    hub.add("me/pets", contents(weights))
    return "me/pets"


@pytest.fixture
def copy_of(tmp_path):
    """Copies a folder into a new one of this test."""
    return lambda folder, name: Path(shutil.copytree(folder, tmp_path / name))
