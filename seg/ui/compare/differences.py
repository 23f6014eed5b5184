"""Where the networks differ, and who says what there."""

import numpy as np
from PIL import Image, ImageColor

from seg.classes import BACKGROUND, CLASS_NAMES, NUM_CLASSES, OUTLINE, PET
from seg.networks import TITLES

# Warm where FCN-8 sees more of the pet, cool where U-Net does; all apart for colour-blind viewers.
COLOURS = {
    (PET, BACKGROUND): "#a52100",
    (PET, OUTLINE): "#f29100",
    (BACKGROUND, PET): "#3d3dcc",
    (OUTLINE, PET): "#318ea5",
    (OUTLINE, BACKGROUND): "#591a4c",
    (BACKGROUND, OUTLINE): "#87a55b",
}
"""By the class ids that the first and the second network say."""

_FIRST, _SECOND = TITLES.values()

GROUPS = {
    f"Only {_FIRST} sees pet": ((PET, BACKGROUND), (PET, OUTLINE)),
    f"Only {_SECOND} sees pet": ((BACKGROUND, PET), (OUTLINE, PET)),
    "Outline or background": ((OUTLINE, BACKGROUND), (BACKGROUND, OUTLINE)),
}
"""What people ask first, and the pairs of classes that answer it; each pair is in one of them."""


def pair_shares(counts: np.ndarray) -> dict:
    """Share of the photo, 0..1, of each pair of different classes that occurs.

    Args:
        counts: as of `seg.inference.comparison.Comparison`.
    """
    return {pair: float(counts[pair] / counts.sum()) for pair in COLOURS if counts[pair]}


def pair_layers(first: np.ndarray, second: np.ndarray) -> dict:
    """By pair of class ids, for those that occur, an indexed image on which only its pixels are opaque.

    Args:
        first, second: uint8 arrays (h, w) of class ids.
    """
    number = np.zeros((NUM_CLASSES, NUM_CLASSES), np.uint8)
    for index, pair in enumerate(COLOURS, 1):
        number[pair] = index
    pairs = number[first, second]
    palette = [0, 0, 0] + [channel for colour in COLOURS.values() for channel in ImageColor.getrgb(colour)]
    layers = {}
    for index, pair in enumerate(COLOURS, 1):
        if (pairs == index).any():
            layers[pair] = Image.fromarray(pairs)
            layers[pair].putpalette(palette)
            layers[pair].info["transparency"] = bytes(255 * (other == index) for other in range(len(COLOURS) + 1))
    return layers


def pair_in_words(pair: tuple[int, int]) -> str:
    """Such as ``FCN-8 pet, U-Net background``."""
    return ", ".join(f"{title} {CLASS_NAMES[class_id]}" for title, class_id in zip(TITLES.values(), pair))
