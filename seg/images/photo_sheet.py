"""A sheet of photos, each with its true mask and what networks see."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from seg.images.rendering import mask_image

_GAP, _CAPTION = 6, 16
_LONGEST_CAPTION = 24


@dataclass(frozen=True)
class SheetRow:
    """One photo of a sheet.

    Attributes:
        name: caption of the photo.
        photo: uint8 array (h, w, 3), RGB 0..255.
        truth: uint8 array (h, w) of class ids.
        predicted: for each network a caption and the same.
    """

    name: str
    photo: np.ndarray
    truth: np.ndarray
    predicted: list[tuple[str, np.ndarray]]


def draw_sheet(titles: list[str], rows: list[SheetRow]) -> Image.Image:
    """Draws a row for each photo, below the titles of the networks' columns; RGB."""
    width = max(row.photo.shape[1] for row in rows) + _GAP
    total = sum(row.photo.shape[0] + _CAPTION + _GAP for row in rows) + _CAPTION + _GAP
    sheet = Image.new("RGB", ((2 + len(titles)) * width + _GAP, total), "white")
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(["photo", "truth", *titles]):
        draw.text((_GAP + column * width, 2), title, fill="black")
    top = _CAPTION + _GAP
    for row in rows:
        captions, class_maps = zip(("", row.truth), *row.predicted)
        pictures = [Image.fromarray(row.photo), *map(mask_image, class_maps)]
        height = row.photo.shape[0]
        for column, (picture, caption) in enumerate(zip(pictures, (row.name, *captions))):
            sheet.paste(picture.convert("RGB"), (_GAP + column * width, top))
            draw.text((_GAP + column * width, top + height + 1), caption[:_LONGEST_CAPTION], fill="black")
        top += height + _CAPTION + _GAP
    return sheet
