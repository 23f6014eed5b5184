"""A third network needs one file, and a fourth class one line: from training to the page, nothing else changes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub_samples import ROOT, clean_environment
from repository import PATIENCE
from small_dataset import store_dataset

HERE = Path(__file__).parent


@pytest.mark.slow
def test_from_training_to_the_page(hub, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "seg", clone / "seg", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "tiny.py", clone / "seg/networks")
    classes = clone / "seg/classes.py"
    last = '    PixelClass("outline", (255, 214, 74), "yellow"),\n'
    assert last in classes.read_text()
    classes.write_text(classes.read_text().replace(last, last + '    PixelClass("ear", (0, 158, 115), "green"),\n'))
    names = ["pet", "background", "outline", "ear"]
    data = store_dataset(tmp_path / "data", further_class=True)
    environment = clean_environment(hub.url, tmp_path / "home") | {
        "HF_TOKEN": "hf_write", "NETWORKS": "tiny,unet", "PYTHONPATH": str(clone), "KERAS_BACKEND": "tensorflow",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(HERE / "tiny_run.py"), str(data), "me/pets"],
        cwd=clone, env=environment, capture_output=True, text=True, timeout=2 * PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])

    # Trained and pushed, with its paper in the card.
    repo = hub.repos["model", "me/pets"]
    files = repo.commits[repo.branches["main"]]
    config = json.loads(files["tiny/config.json"])
    assert config["arguments"] == {"tiny_filters": 5} and config["classes"] == names
    assert config["training"]["stages"][0]["learning_rate"] == 5e-3
    card = files["README.md"].decode()
    assert "[TinyNet](https://example.org/tiny) (Nobody 2026), a network for a test" in card
    assert all(f"IoU of {name}" in card for name in names)

    # Measured, and the page has that report.
    report = found["report"]
    assert report["contest"]["order"] == ["tiny", "unet"] and set(report["networks"]["tiny"]["iou"]) == set(names)
    assert list(report["networks"]["tiny"]["silenced_skips"]) == ["TinyNet, whole", "TinyNet without skip 1"]
    kernels = 32 * 32 * (3 * 9 * 5 + 5 * 5 + 5 * len(names)) + 16 * 16 * (9 * 5 + 9 * 5 + 5 * 5)
    assert report["networks"]["tiny"]["cost"]["multiply_adds"] == kernels
    assert "TinyNet" in found["story"] and "FCN-8" not in found["story"]
    assert all(f"seen as {name}" in found["story"] for name in names)
    assert found["trials"] == ["as it is"] * 2 + ["without skip connections"] * 2 + ["twice the width"]

    # Compared, in numbers, words and pictures.
    assert found["title"] == "TinyNet and U-Net on your pet photo"
    assert [network["name"] for network in found["numbers"]["networks"]] == ["tiny", "unet"]
    assert list(found["numbers"]["networks"][0]["shares"]) == names and found["silenced_differs"]
    scene = found["scene"]
    assert [figure["title"] for figure in scene["figures"]] == ["TinyNet", "U-Net", "Truth"]
    assert scene["figures"][0]["colour"] == "#2a7f3f" and [each["name"] for each in scene["classes"]] == names
    groups = [group["name"] for group in scene["differences"]["groups"]]
    assert groups == ["Only TinyNet sees pet", "Only U-Net sees pet", "Ear or outline or background"]
    assert all(f"[data-lit={name}] .flat .layer.{name}" in found["style"] for name in names)
    assert "TinyNet" in found["verdict"] and "FCN-8" not in found["verdict"]
    assert all(f'"{network}_{name}"' in found["csv"] for network in ("tiny", "unet") for name in names)

    assert found["pairs"] == [["TinyNet and U-Net", "tiny,unet"]] and found["counts"][0] == found["counts"][1]

    # Drawn.
    assert "skip 1" in found["drawing"] and f"{len(names)} scores" in found["drawing"]
    assert "**pet**, **ear**, **outline** or **background**" in found["steps"]
    assert "TinyNet, way down" in found["features"] and "TinyNet, way up" in found["features"]
