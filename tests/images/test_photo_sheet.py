"""Sheets of photos with their masks."""

import numpy as np

from seg.classes import PALETTE
from seg.images.photo_sheet import SheetRow, draw_sheet

COLOUR = (7, 90, 200)


def row(width, height, *captions):
    photo = np.full((height, width, 3), COLOUR, np.uint8)
    masks = [(caption, np.full((height, width), place, np.uint8)) for place, caption in enumerate(captions)]
    return SheetRow("a photo", photo, np.full((height, width), 2, np.uint8), masks)


def colours(sheet):
    return {colour for _, colour in sheet.getcolors(10**6)}


def test_two_networks_with_the_same_score_both_have_their_mask():
    sheet = draw_sheet(["FCN-8", "U-Net"], [row(40, 40, "IoU 0.50", "IoU 0.50")])
    assert {PALETTE[0], PALETTE[1], PALETTE[2], COLOUR} <= colours(sheet)


def test_photos_keep_their_aspect_ratio():
    sheet = np.asarray(draw_sheet(["U-Net"], [row(40, 20, "IoU 0.50"), row(10, 30, "IoU 0.75")]))
    photo = (sheet == COLOUR).all(axis=-1)
    rows, columns = np.flatnonzero(photo.any(axis=1)), np.flatnonzero(photo.any(axis=0))
    assert len(rows) == 20 + 30 and len(columns) == 40
    assert photo.sum() == 40 * 20 + 10 * 30
