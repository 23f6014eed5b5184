import numpy as np
from PIL import Image

from seg.classes import OUTLINE, PALETTE
from seg.images.geometry import class_map_at, fit_mask, fit_photo
from seg.images.rendering import OVERLAY_STRENGTH, mask_image, overlay_image


def test_photo_of_the_right_size_is_unchanged(rng):
    photo = rng.integers(0, 256, (32, 32, 3), np.uint8)
    assert (fit_photo(Image.fromarray(photo), 32) == photo).all()


def test_mask_keeps_its_values():
    mask = np.kron(np.array([[0, 2], [2, 1]], np.uint8), np.ones((8, 8), np.uint8))
    assert (fit_mask(Image.fromarray(mask), 4) == np.kron([[0, 2], [2, 1]], np.ones((2, 2)))).all()


def test_class_map_at_own_size_is_argmax(rng):
    logits = rng.normal(size=(8, 8, 3)).astype("f")
    assert (class_map_at(logits, 8, 8) == logits.argmax(-1)).all()


def test_class_map_is_the_same_in_bands(rng):
    """Upsampling in bands of rows, which bounds memory, equals upsampling at once."""
    logits = rng.normal(size=(16, 16, 3)).astype("f")
    width, height = 37, 700
    planes = [
        Image.fromarray(np.ascontiguousarray(logits[..., c])).resize((width, height), Image.Resampling.BILINEAR)
        for c in range(3)
    ]
    at_once = np.stack([np.asarray(p) for p in planes], -1).argmax(-1)
    assert (class_map_at(logits, width, height) == at_once).mean() > 0.9999


def test_border_lies_where_the_logits_cross():
    logits = np.zeros((4, 4, 3), np.float32)
    logits[:, :2, 0] = logits[:, 2:, 1] = 5
    assert (class_map_at(logits, 400, 8) == np.repeat([0, 1], 200)).all()


def test_mask_image_is_indexed_and_exact(rng, tmp_path):
    class_map = rng.integers(0, 3, (20, 30), np.uint8)
    mask_image(class_map).save(tmp_path / "mask.png")
    read = Image.open(tmp_path / "mask.png")
    assert read.mode == "P"
    assert (np.asarray(read) == class_map).all()
    assert (np.asarray(read.convert("RGB")) == np.array(PALETTE)[class_map]).all()


def test_overlay_mixes_photo_and_colour():
    class_map = np.full((2, 3), OUTLINE, np.uint8)
    pixel = overlay_image(Image.new("RGB", (6, 4), (100, 0, 200)), class_map).getpixel((3, 2))
    expected = np.array((100, 0, 200)) * (1 - OVERLAY_STRENGTH) + np.array(PALETTE[OUTLINE]) * OVERLAY_STRENGTH
    np.testing.assert_allclose(pixel, expected, atol=1)
