"""A sheet of photos, each with its true mask and what networks see."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from seg.rendering import mask_image

_GAP, _CAPTION = 6, 16
_LONGEST_CAPTION = 24


@dataclass(frozen=True)
class SheetRow:
    """One photo of a sheet.

    Attributes:
        name: caption of the photo.
        photo: uint8 array (s, s, 3), RGB 0..255.
        truth: uint8 array (s, s) of class ids.
        predicted: the same of each network, by caption.
    """

    name: str
    photo: np.ndarray
    truth: np.ndarray
    predicted: dict


def draw_sheet(titles: list[str], rows: list[SheetRow]) -> Image.Image:
    """Draws a row for each photo, below the titles of the networks' columns; RGB."""
    cell = rows[0].photo.shape[0]
    width, height = cell + _GAP, cell + _CAPTION + _GAP
    sheet = Image.new("RGB", ((2 + len(titles)) * width + _GAP, len(rows) * height + _CAPTION + _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(["photo", "truth", *titles]):
        draw.text((_GAP + column * width, 2), title, fill="black")
    for number, row in enumerate(rows):
        top = _CAPTION + _GAP + number * height
        pictures = [Image.fromarray(row.photo), *map(mask_image, (row.truth, *row.predicted.values()))]
        for column, (picture, caption) in enumerate(zip(pictures, (row.name, "", *row.predicted))):
            sheet.paste(picture.convert("RGB"), (_GAP + column * width, top))
            draw.text((_GAP + column * width, top + cell + 1), caption[:_LONGEST_CAPTION], fill="black")
    return sheet
