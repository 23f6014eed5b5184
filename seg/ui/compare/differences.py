"""Where the networks differ, and who says what there."""

import colorsys
import itertools

import numpy as np
from PIL import Image, ImageColor

from seg.classes import BACKGROUND, CLASS_NAMES, NUM_CLASSES, OTHER_NAMES, OUTLINE, PET
from seg.images.regions import Region, largest_disagreements
from seg.inference.comparison import Comparison

_REGIONS = 3

# Warm where the first network sees more of the pet, cool where the second does; all apart for colour-blind viewers.
_CHOSEN = {
    (PET, BACKGROUND): "#a52100",
    (PET, OUTLINE): "#f29100",
    (BACKGROUND, PET): "#3d3dcc",
    (OUTLINE, PET): "#318ea5",
    (OUTLINE, BACKGROUND): "#591a4c",
    (BACKGROUND, OUTLINE): "#87a55b",
}
_OTHERS = [pair for pair in itertools.permutations(range(NUM_CLASSES), 2) if pair not in _CHOSEN]

COLOURS = _CHOSEN | {
    pair: "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hsv_to_rgb(place / len(_OTHERS), 0.6, 0.5))
    for place, pair in enumerate(_OTHERS)
}
"""By the class ids that the first and the second network say; those of further classes are spread over the hues."""


def groups(first: str, second: str) -> dict:
    """What people ask first, and the pairs of classes that answer it; each pair is in one of them.

    Args:
        first, second: titles of the networks.
    """
    subject = CLASS_NAMES[PET]
    return {
        f"Only {first} sees {subject}": tuple(pair for pair in COLOURS if pair[0] == PET),
        f"Only {second} sees {subject}": tuple(pair for pair in COLOURS if pair[1] == PET),
        " or ".join(OTHER_NAMES).capitalize(): tuple(pair for pair in COLOURS if PET not in pair),
    }


def largest_regions(comparison: Comparison) -> list[Region]:
    """Where the networks differ most, the largest region first; none where only one network runs."""
    maps = [seen.class_map for seen in comparison.segmentations.values()]
    return largest_disagreements(*maps, _REGIONS) if len(maps) == 2 else []


def pair_shares(counts: np.ndarray) -> dict:
    """Share of the photo, 0..1, of each pair of different classes that occurs.

    Args:
        counts: as of `seg.inference.comparison.Comparison`.
    """
    return {pair: float(counts[pair] / counts.sum()) for pair in COLOURS if counts[pair]}


def numbered_pairs(first: np.ndarray, second: np.ndarray) -> Image.Image:
    """An indexed image of the pairs in the order of `COLOURS`, from 1 on; 0 where both say the same.

    Args:
        first, second: uint8 arrays (h, w) of class ids.
    """
    number = np.zeros((NUM_CLASSES, NUM_CLASSES), np.uint8)
    for index, pair in enumerate(COLOURS, 1):
        number[pair] = index
    image = Image.fromarray(number[first, second])
    image.putpalette([0, 0, 0] + [channel for colour in COLOURS.values() for channel in ImageColor.getrgb(colour)])
    return image


def pair_in_words(pair: tuple[int, int], titles: list[str]) -> str:
    """Such as ``FCN-8 pet, U-Net background``."""
    return ", ".join(f"{title} {CLASS_NAMES[class_id]}" for title, class_id in zip(titles, pair))
