"""Draws class maps: masks, overlays and where two of them differ."""

import io
import itertools
import zlib

import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES, NUM_CLASSES, PALETTE

OVERLAY_STRENGTH = 0.5
"""Share of the class colour in an overlay, 0..1."""


def mask_image(class_map: np.ndarray) -> Image.Image:
    """An indexed image: pixel values are class ids, the palette holds the class colours.

    Args:
        class_map: uint8 array (h, w) of class ids.
    """
    image = Image.fromarray(class_map)
    image.putpalette([channel for colour in PALETTE for channel in colour])
    return image


def encoded_mask(class_map: np.ndarray) -> bytes:
    """`mask_image` as a PNG file: exact, with the settings that are fastest and smallest for long runs."""
    file = io.BytesIO()
    mask_image(class_map).save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return file.getvalue()


def overlay_image(photo: Image.Image, class_map: np.ndarray) -> Image.Image:
    """The photo tinted with the class colours.

    Args:
        photo: RGB image of any size.
        class_map: uint8 array (h, w) of class ids, scaled to the photo's size
            by nearest neighbour.
    """
    mask = mask_image(class_map).resize(photo.size, Image.Resampling.NEAREST)
    return Image.blend(photo, mask.convert("RGB"), OVERLAY_STRENGTH)


def encoded_overlay(photo: Image.Image, class_map: np.ndarray) -> bytes:
    """`overlay_image` as a JPEG file."""
    file = io.BytesIO()
    overlay_image(photo, class_map).save(file, "JPEG", quality=85)
    return file.getvalue()


def disagreements(first: np.ndarray, second: np.ndarray) -> dict:
    """The pixels on which two class maps differ, by what each says.

    Args:
        first, second: uint8 arrays (h, w) of class ids.

    Returns:
        Boolean array (h, w) by ``(class name of first, of second)``, for those
        pairs of different classes that occur.
    """
    found = {}
    for a, b in itertools.permutations(range(NUM_CLASSES), 2):
        where = (first == a) & (second == b)
        if where.any():
            found[CLASS_NAMES[a], CLASS_NAMES[b]] = where
    return found
