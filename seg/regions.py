"""Connected regions of an image: the places where two networks differ most."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

# Long side, in cells, of the grid on which regions are found; what is thinner than about three cells is a border, no region.
_GRID = 160
_SMALLEST_SHARE = 0.002


@dataclass(frozen=True)
class Region:
    """Neighbouring pixels on which two class maps differ.

    Attributes:
        box: left, top, right, bottom, 0..1 of the width and height.
        share: of the photo's pixels, 0..1.
        classes: the class ids that the first and the second map mostly have there.
    """

    box: tuple[float, float, float, float]
    share: float
    classes: tuple[int, int]


def largest_disagreements(first: np.ndarray, second: np.ndarray, count: int) -> list[Region]:
    """The largest regions on which two class maps differ, the largest first.

    Borders that are merely drawn a little apart do not count.

    Args:
        first, second: uint8 arrays (h, w) of class ids.
        count: how many regions at most.
    """
    height, width = first.shape
    scale = min(1, _GRID / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    first, second = (np.asarray(Image.fromarray(m).resize(size, Image.Resampling.NEAREST)) for m in (first, second))
    labels = connected_regions(_without_thin_parts(first != second))
    cells = np.bincount(labels.ravel())
    cells[0] = 0
    found = []
    for label in cells.argsort(kind="stable")[::-1][:count]:
        if cells[label] < max(1, _SMALLEST_SHARE * labels.size):
            break
        here = labels == label
        rows, columns = np.flatnonzero(here.any(1)), np.flatnonzero(here.any(0))
        box = columns[0] / size[0], rows[0] / size[1], (columns[-1] + 1) / size[0], (rows[-1] + 1) / size[1]
        pairs, counts = np.unique(np.stack([first[here], second[here]]), axis=1, return_counts=True)
        classes = tuple(int(c) for c in pairs[:, counts.argmax()])
        found.append(Region(tuple(float(edge) for edge in box), float(cells[label] / labels.size), classes))
    return found


def connected_regions(mask: np.ndarray) -> np.ndarray:
    """Numbers the 4-connected regions of a boolean array (h, w).

    Returns:
        int array (h, w): 0 outside, elsewhere a number that each region has alone.
    """
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:  # the highest number of a region spreads through it
        spread = labels.copy()
        spread[1:] = np.maximum(spread[1:], labels[:-1])
        spread[:-1] = np.maximum(spread[:-1], labels[1:])
        spread[:, 1:] = np.maximum(spread[:, 1:], labels[:, :-1])
        spread[:, :-1] = np.maximum(spread[:, :-1], labels[:, 1:])
        spread[~mask] = 0
        if (spread == labels).all():
            return labels
        labels = spread


def _without_thin_parts(mask):
    image = Image.fromarray(mask.astype(np.uint8))
    return mask & np.asarray(image.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MaxFilter(3)), bool)
