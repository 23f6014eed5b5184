"""Draws class maps: masks and overlays."""

import io
import zlib

import numpy as np
from PIL import Image

from seg.classes import PALETTE

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
