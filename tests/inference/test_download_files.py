"""What a person takes home from a comparison."""

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from seg.classes import CLASS_NAMES, PALETTE
from seg.evaluation.metrics import class_shares
from seg.inference.comparison import Comparison, Segmentation
from seg.inference.download_files import cutout_image, make_files, safe_stem, write_zip

import odd_files
from repository import EXAMPLES, example_photo, example_truth


def comparison_of(maps):
    """A comparison in which the networks saw these class maps."""
    logits = np.zeros((4, 4, len(CLASS_NAMES)), np.float32)
    return Comparison(
        {name: Segmentation(name, logits, m, class_shares(m), 0.1) for name, m in maps.items()}, None, None
    )


def opened(content):
    return Image.open(io.BytesIO(content))


def test_files_are_the_comparison(rng, tmp_path):
    truth = example_truth("boxer_26")
    maps = {"fcn8": rng.integers(0, 3, truth.shape, np.uint8), "unet": truth}
    numbers = {"agreement": 0.5, "networks": []}
    files = dict(make_files("boxer_26", EXAMPLES / "boxer_26.jpg", comparison_of(maps), numbers, truth))
    assert json.loads(files["boxer_26-numbers.json"]) == numbers
    for name, class_map in maps.items():
        mask = opened(files[f"boxer_26-{name}-mask.png"])
        assert mask.mode == "P" and (np.asarray(mask) == class_map).all()
        assert mask.getpalette()[:9] == [channel for colour in PALETTE for channel in colour]
        assert opened(files[f"boxer_26-{name}-overlay.jpg"]).size == mask.size
        cutout = np.asarray(opened(files[f"boxer_26-{name}-cutout.png"]))
        assert (cutout[..., 3] == np.array([255, 0, 128])[class_map]).all()
        photo = np.asarray(example_photo("boxer_26"))
        assert (cutout[class_map != 1][:, :3] == photo[class_map != 1]).all() and not cutout[class_map == 1].any()
    assert (np.asarray(opened(files["boxer_26-truth-mask.png"])) == truth).all()
    write_zip(tmp_path / "all.zip", files.items())
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None and {name: archive.read(name) for name in archive.namelist()} == files


def test_overlay_and_cutout_have_the_full_size_of_a_large_photo(tmp_path):
    photo = example_photo("boxer_26").resize((2000, 1328))
    (tmp_path / "phone.jpg").write_bytes(odd_files.sideways(photo))
    class_map = np.zeros((1328, 2000), np.uint8)
    class_map[:, :700] = 1
    files = dict(make_files("phone", tmp_path / "phone.jpg", comparison_of({"unet": class_map}), {}))
    overlay = np.asarray(opened(files["phone-unet-overlay.jpg"]), float)
    assert overlay.shape == (1328, 2000, 3)
    tint = 2 * overlay - np.asarray(photo, float)  # half photo, half class colour
    for columns, class_id in ((slice(20, 680), 1), (slice(720, 1980), 0)):
        assert tint[:, columns].mean(axis=(0, 1)) == pytest.approx(PALETTE[class_id], abs=6)
    assert opened(files["phone-unet-cutout.png"]).size == (2000, 1328)


def test_jpeg_beyond_fifty_megapixels_is_halved(tmp_path):
    Image.new("RGB", (8000, 6400), "red").save(tmp_path / "huge.jpg")
    files = make_files("huge", tmp_path / "huge.jpg", comparison_of({"unet": np.zeros((6400, 8000), np.uint8)}), {})
    sizes = {name: opened(content).size for name, content in files if not name.endswith("json")}
    assert sizes == {
        "huge-unet-mask.png": (8000, 6400),
        "huge-unet-overlay.jpg": (4000, 3200),
        "huge-unet-cutout.png": (4000, 3200),
    }


def test_photo_sent_as_data(tmp_path):
    source = io.BytesIO((EXAMPLES / "boxer_26.jpg").read_bytes())
    files = dict(make_files("photo", source, comparison_of({"unet": example_truth("boxer_26")}), {}))
    assert "photo-unet-mask.png" in files


@pytest.mark.parametrize(
    "name, stem",
    [
        ("boxer_26", "boxer_26"),
        ("Mein Hund (1)", "Mein-Hund-1"),
        ("Kätzchen", "Kätzchen"),
        ("..%2f..%2fetc", "2f-2fetc"),
        ("<b>", "b"),
        ("💛", "photo"),
        ("x" * 200, "x" * 60),
        ("", "photo"),
    ],
)
def test_file_names_are_safe(name, stem):
    assert safe_stem(name) == stem


def test_nothing_of_the_background_goes_along():
    photo = Image.new("RGB", (2, 1), "red")
    assert cutout_image(photo, np.array([[0, 1]], np.uint8)).getpixel((1, 0)) == (0, 0, 0, 0)
