"""What the README promises: the Space's settings and the snippets; `test_documents.py` tries commands and numbers."""

import re
import runpy

import keras
import numpy as np
import pytest
from PIL import Image

from repository import ROOT

README = (ROOT / "README.md").read_text()
PINS = dict(re.sub(r"\[.*]", "", line).split("==") for line in (ROOT / "requirements.txt").read_text().split())


@pytest.fixture(scope="module")
def settings():
    from huggingface_hub import RepoCard

    return RepoCard(README).data.to_dict()


def test_space_settings_agree_with_the_pins(settings):
    assert settings["sdk"] == "gradio" and settings["sdk_version"] == PINS["gradio"]
    assert (ROOT / settings["app_file"]).is_file()
    assert len(settings["short_description"]) <= 60
    wanted = {
        "title",
        "emoji",
        "colorFrom",
        "colorTo",
        "python_version",
        "license",
        "datasets",
        "tags",
        "suggested_hardware",
    }
    assert wanted <= settings.keys()  # models and thumbnail are written when the Space is deployed: they name it


def test_python_version_runs_the_pins(settings):
    from importlib.metadata import metadata

    from packaging.specifiers import SpecifierSet

    for package in PINS:
        assert settings["python_version"] in SpecifierSet(metadata(package)["Requires-Python"] or ""), package


def test_pins_are_what_is_installed():
    from importlib.metadata import version

    assert {package: version(package) for package in PINS} == PINS


def snippet(mark):
    return next(block for block in re.findall(r"```python\n(.*?)```", README, re.S) if mark in block)


@pytest.mark.slow
def test_python_snippet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("seg", "weights"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "snippet.py").write_text(snippet("Segmenter("))
    runpy.run_path(str(tmp_path / "snippet.py"))
    assert set(np.unique(Image.open("mask.png"))) <= {0, 1, 2}
    assert Image.open("overlay.jpg").size == Image.open("mask.png").size


def test_api_snippet(app_url, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (tmp_path / "snippet.py").write_text(snippet("gradio_client").replace("http://127.0.0.1:7860", app_url))
    runpy.run_path(str(tmp_path / "snippet.py"))
    assert "'pet'" in capsys.readouterr().out


def test_encoder_snippet_makes_what_training_reads(tmp_path, monkeypatch):
    """The snippet on a VGG-16 of random weights, which needs no download."""
    from seg.networks.encoder_start import _from_file

    monkeypatch.chdir(tmp_path)
    whole = keras.applications.VGG16
    monkeypatch.setattr(keras.applications, "VGG16", lambda **options: whole(weights=None, **options))
    (tmp_path / "snippet.py").write_text(snippet("np.savez"))
    runpy.run_path(str(tmp_path / "snippet.py"))
    found = _from_file(tmp_path / "vgg16.npz")
    assert len(found) == 13 and found["block1_conv1"][0].shape == (3, 3, 3, 64)


def test_security_names_the_limits():
    from seg.images import photos
    from seg.ui import page
    from seg.ui.server import request_limits, uploads

    security = (ROOT / ".github/SECURITY.md").read_text()
    assert page.LAUNCH["max_file_size"] == "64mb" and uploads.KEEP_SECONDS == 3600 and uploads.SWEEP_SECONDS == 600
    assert photos.MAX_MEGAPIXELS_OF == {"JPEG": 128, "MPO": 128, "WEBP": 40, "AVIF": 13, "JPEG2000": 2}
    assert photos.MAX_MEGAPIXELS_WHOLE == 51
    for stated in (
        "64 MB",
        f"{request_limits.MAX_UPLOAD_MB} MB",
        f"{request_limits.MAX_REQUEST_MB} MB",
        "after an hour",
        "every ten minutes",
    ):
        assert stated in security, stated
