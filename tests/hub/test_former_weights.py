"""Folders and repositories that the former version wrote go on working.

`former/NAME.json` holds ``config.json`` and ``metrics.json`` as it wrote them, and
type and shape of each tensor in its ``model.safetensors``.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hub_samples import contents

FORMER = Path(__file__).with_name("former")
NAMES = ("fcn8", "unet")
DTYPES = {"F16": np.float16, "F32": np.float32}


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    """A folder of both networks as the former version left it, with all weights zero."""
    folder = tmp_path_factory.mktemp("former")
    for name in NAMES:
        files = json.loads((FORMER / f"{name}.json").read_text())
        (folder / name).mkdir()
        for file in ("config.json", "metrics.json"):
            (folder / name / file).write_text(json.dumps(files[file], indent=2) + "\n")
        tensors = {path: np.zeros(shape, DTYPES[dtype]) for path, (dtype, shape) in files["model.safetensors"].items()}
        save_file(tensors, folder / name / "model.safetensors")
    return folder


@pytest.mark.slow
def test_from_disk(call, former):
    outcome = call("client_calls:load", former)
    assert outcome.error is None, outcome.text
    _check(outcome.value)


@pytest.mark.slow
def test_from_the_hub(hub, call, former):
    hub.add("me/former", contents(former))
    outcome = call("client_calls:pull_and_load", "me/former")
    assert outcome.error is None, outcome.text
    assert not outcome.value.pop("problems")
    _check(outcome.value)


def _check(loaded):
    assert set(loaded) == set(NAMES)
    for name in NAMES:
        written = json.loads((FORMER / f"{name}.json").read_text())
        assert loaded[name]["config"] == written["config.json"] and loaded[name]["metrics"] == written["metrics.json"]
        assert loaded[name]["shape"] == [50, 60] and loaded[name]["certain"] == pytest.approx(1 / 3)
