"""Draws class maps, masks and overlays, and makes files of pictures."""

import base64
import io
import zlib

import numpy as np
from PIL import Image

from seg.classes import PALETTE

OVERLAY_STRENGTH = 0.5
"""Share of the class colour in an overlay, 0..1."""


def mask_image(class_map: np.ndarray) -> Image.Image:
    """An indexed image of a uint8 array (h, w): pixel values are class ids, the palette holds the class colours."""
    image = Image.fromarray(class_map)
    image.putpalette([channel for colour in PALETTE for channel in colour])
    return image


def encoded_mask(class_map: np.ndarray) -> bytes:
    """`mask_image` as a PNG file: exact, with the settings that are fastest and smallest for long runs."""
    return encoded(mask_image(class_map), "PNG", compress_level=1, compress_type=zlib.Z_RLE)


def overlay_image(photo: Image.Image, class_map: np.ndarray) -> Image.Image:
    """The photo tinted with the class colours.

    Args:
        photo: RGB image of any size.
        class_map: uint8 array (h, w) of class ids, scaled to the photo's size by nearest neighbour.
    """
    mask = mask_image(class_map).resize(photo.size, Image.Resampling.NEAREST)
    return Image.blend(photo, mask.convert("RGB"), OVERLAY_STRENGTH)


def beside_one_another(pictures: list[Image.Image], gap: int) -> Image.Image:
    """RGB pictures of one size in a row, a white gap of so many pixels between them."""
    width, height = pictures[0].size
    row = Image.new("RGB", (len(pictures) * (width + gap) - gap, height), "white")
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (width + gap), 0))
    return row


def encoded(image: Image.Image, file_format: str, **options) -> bytes:
    """An image as a file; format and options as of `PIL.Image.Image.save`."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def data_url(png: bytes) -> str:
    """A PNG file as an address that holds all of it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def css_colour(colour: tuple[int, int, int]) -> str:
    """RGB 0..255 as style sheets write it: ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
