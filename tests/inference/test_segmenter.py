"""The door for notebooks: whatever a person gives to a network."""

import doctest
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import seg.inference.segmenter
from seg.images.photos import open_photo
from seg.inference.comparison import Networks
from seg.inference.segmenter import Segmenter

import odd_files
from repository import EXAMPLES, ROOT, example_photo

BOXER = EXAMPLES / "boxer_26.jpg"


@pytest.fixture(scope="module")
def unet():
    return Segmenter(ROOT / "weights/unet")


@pytest.mark.slow
def test_example_of_the_docstring(monkeypatch):
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(seg.inference.segmenter)
    assert tried.attempted >= 7 and not tried.failed


@pytest.mark.slow
def test_a_grey_photo_does_not_end_the_process():
    code = (
        "from PIL import Image; from seg.inference import Segmenter; "
        f"print(Segmenter('weights/unet').segment(Image.open({str(BOXER)!r}).convert('L')).shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "(332, 500)\n"), done.stderr[-2000:]


@pytest.mark.parametrize(
    "mode",
    [
        "L",
        "CMYK",
        *(
            pytest.param(mode, marks=pytest.mark.slow)
            for mode in ["1", "P", "LA", "RGBA", "YCbCr", "HSV", "I", "F", "I;16"]
        ),
    ],
)
def test_an_image_is_seen_as_the_page_sees_it(unet, mode):
    image = example_photo("boxer_26")
    image = (
        Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        if mode == "I;16"
        else image.convert(mode)
    )
    grey = mode in ("L", "LA", "I", "F", "I;16")
    expected = example_photo("boxer_26").convert(mode if mode in ("1", "P") else "L" if grey else "RGB").convert("RGB")
    assert (unet.segment(image) == unet.segment(expected)).mean() > 0.99
    assert (unet.segment(image) != 1).mean() > 0.1  # not everything background


@pytest.mark.slow
def test_paths_files_images_and_arrays_are_the_same_photo(unet):
    expected = Networks(ROOT / "weights", "here", ["unet"]).compare(open_photo(BOXER)).segmentations["unet"].class_map
    with open(BOXER, "rb") as file:
        for given in (BOXER, str(BOXER), file, Image.open(BOXER), np.asarray(Image.open(BOXER)), open_photo(BOXER)):
            np.testing.assert_array_equal(unet.segment(given), expected)
    floats = np.asarray(Image.open(BOXER)) / 255
    np.testing.assert_array_equal(unet.segment(floats), expected)


def test_a_phone_photo_is_upright(unet, tmp_path):
    (tmp_path / "phone.jpg").write_bytes(odd_files.sideways(example_photo("boxer_26")))
    for given in (tmp_path / "phone.jpg", Image.open(tmp_path / "phone.jpg")):
        assert (unet.segment(given) == unet.segment(BOXER)).mean() > 0.97


@pytest.mark.slow
def test_several_photos_are_a_list(unet):
    names = ["boxer_26", "Bengal_93"] * 3  # more than one batch
    photos = [EXAMPLES / f"{name}.jpg" for name in names]
    for given in (photos, tuple(photos)):
        several = unet.segment(given)
        assert len(several) == 6
        for class_map, photo in zip(several, photos):
            alone = unet.segment(photo)
            assert class_map.shape == alone.shape and (class_map == alone).mean() > 0.999
    assert unet.segment([]) == []
    stack = np.stack([np.asarray(example_photo("boxer_26"))] * 2)
    assert [class_map.shape for class_map in unet.segment(stack)] == [(332, 500)] * 2


@pytest.mark.parametrize("given", [BOXER, np.zeros((40, 30), np.uint8)], ids=["path", "grey array"])
def test_probabilities(unet, given):
    found = unet.probabilities(given)
    class_map = unet.segment(given)
    assert found.dtype == np.float32 and found.shape == (*class_map.shape, 3)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)
    assert (found >= 0).all() and (found.argmax(axis=-1) == class_map).mean() > 0.999
    softer = unet.probabilities(given, temperature=2)
    assert softer.max(axis=-1).mean() < found.max(axis=-1).mean()
    assert [each.shape for each in unet.probabilities([given, given])] == [found.shape] * 2
    with pytest.raises(ValueError, match="temperature"):
        unet.probabilities(given, temperature=0)


def test_what_cannot_be_used_among_several_is_named(unet, tmp_path):
    with pytest.raises(TypeError, match="Photo 2 of 3: This array has shape .*, type int64"):
        unet.segment([BOXER, np.zeros((4, 4), int), BOXER])
    with pytest.raises(FileNotFoundError, match="Photo 1 of 1: There is no photo"):
        unet.probabilities([tmp_path / "none.jpg"])


@pytest.mark.parametrize(
    ("photos", "kind", "told"),
    [
        (np.zeros((1, 128, 128, 3)), TypeError, "type float64, values 0 to 0"),
        (np.zeros((1, 128, 128), np.uint8), ValueError, "shape (1, 128, 128)"),
        (np.zeros((1, 128, 128, 1), np.uint8), ValueError, "shape (1, 128, 128, 1)"),
        (np.zeros((1, 128, 128, 4), np.uint8), ValueError, "shape (1, 128, 128, 4)"),
        (np.zeros((1, 99, 99, 3), np.uint8), ValueError, "shape (1, 99, 99, 3)"),
        (np.zeros((0, 128, 128, 3), np.uint8), ValueError, "shape (0, 128, 128, 3)"),
        ([1, 2], TypeError, "of type list"),
        (Image.new("L", (9, 9)), TypeError, "of type Image"),
    ],
    ids=["float64", "no channels", "one channel", "four channels", "size", "none", "list", "image"],
)
def test_logits_take_what_the_network_takes(unet, photos, kind, told):
    if isinstance(photos, np.ndarray) and photos.shape[1:3] == (128, 128):
        size = unet.image_size
        photos = np.zeros((len(photos), size, size, *photos.shape[3:]), photos.dtype)
        told = told.replace("128", str(size))
    with pytest.raises(kind) as error:
        unet.logits(photos)
    assert told in str(error.value) and f"(n, {unet.image_size}, {unet.image_size}, 3)" in str(error.value)


@pytest.mark.slow
def test_networks_compare_whatever_is_given(unet):
    networks = Networks(ROOT / "weights", "here", ["unet"])
    expected = networks.compare(open_photo(BOXER)).segmentations["unet"].class_map
    for given in (BOXER, Image.open(BOXER), np.asarray(Image.open(BOXER))):
        np.testing.assert_array_equal(networks.compare(given).segmentations["unet"].class_map, expected)
