"""Masks and photos as pictures, pixel by pixel."""

import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.images.rendering import beside_one_another, mask_image, overlay_image

RED, BLUE = (200, 0, 0), (0, 0, 200)


def test_pictures_stand_in_a_row_with_white_between():
    row = beside_one_another([Image.new("RGB", (3, 2), colour) for colour in (RED, BLUE, RED)], 2)
    white = (255,) * 3
    expected = [RED] * 3 + [white] * 2 + [BLUE] * 3 + [white] * 2 + [RED] * 3
    np.testing.assert_array_equal(row, [expected] * 2)


def test_overlay_lies_between_photo_and_mask_and_is_of_the_photos_size():
    class_map = np.array([[0, 1], [2, 0]], np.uint8)
    photo = Image.new("RGB", (8, 6), (100, 100, 100))
    overlay, mask = np.asarray(overlay_image(photo, class_map), int), mask_image(class_map).convert("RGB")
    assert overlay.shape == (6, 8, 3) and len({tuple(overlay[y, x]) for y, x in ((0, 0), (0, 7), (5, 0))}) == len(
        CLASS_NAMES
    )
    for (x, y), at in (((0, 0), (0, 0)), ((1, 0), (0, 7)), ((0, 1), (5, 0)), ((1, 1), (5, 7))):
        colour = np.array(mask.getpixel((x, y)))
        assert (np.abs(overlay[at] - colour) <= np.abs(100 - colour)).all() and (overlay[at] != 100).any()
