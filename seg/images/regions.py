"""Connected regions of an image: the places where two networks differ most."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

# Regions are found on a grid of 160 cells along the photo's long side. The short side has at least 16,
# since in a narrow strip every cell would lie at the border.
_GRID = 160
_SHORT_GRID = 16
# Of the photo, for the part of a region that is nowhere thinner than about three cells.
_SMALLEST_SHARE = 0.002


@dataclass(frozen=True)
class Region:
    """Neighbouring pixels on which two class maps differ, as exact as the grid on which regions are found.

    Attributes:
        box: left, top, right, bottom, 0..1 of the width and height.
        shares: by the class ids that the first and the second map have there, share of the photo's area, 0..1,
            the largest first.
    """

    box: tuple[float, float, float, float]
    shares: dict[tuple[int, int], float]

    @property
    def share(self) -> float:
        """Of the photo's area, 0..1."""
        return sum(self.shares.values())

    @property
    def classes(self) -> tuple[int, int]:
        """The class ids that the first and the second map mostly have there."""
        return next(iter(self.shares))


def largest_disagreements(first: np.ndarray, second: np.ndarray, count: int) -> list[Region]:
    """The largest regions on which two class maps differ, the largest first.

    Borders that are merely drawn a little apart are no regions, but belong to
    the region that they hang on; between two regions, to the nearer one.

    Args:
        first, second: uint8 arrays (h, w) of class ids.
        count: how many regions at most.
    """
    long_side = max(first.shape)
    size = [min(side, max(_SHORT_GRID, round(_GRID / long_side * side))) for side in first.shape[::-1]]
    first, second = (np.asarray(Image.fromarray(m).resize(size, Image.Resampling.NEAREST)) for m in (first, second))
    differ = first != second
    thick = Image.fromarray(differ).convert("L").filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MaxFilter(3))
    cores = connected_regions(differ & np.asarray(thick, bool))
    large = np.bincount(cores.ravel()) >= max(1, _SMALLEST_SHARE * cores.size)
    # Into what hangs on the large ones: each cell belongs to the nearest.
    labels = _spread(np.where(large[cores], cores, 0), differ, over_others=False)
    cells = np.bincount(labels.ravel())
    cells[0] = 0
    found = []
    for label in cells.argsort(kind="stable")[::-1][:count]:
        if not cells[label]:
            break
        here = labels == label
        box = tuple(edge / side for edge, side in zip(Image.fromarray(here).getbbox(), size * 2))
        pairs, counts = np.unique(np.stack([first[here], second[here]]), axis=1, return_counts=True)
        order = counts.argsort(kind="stable")[::-1]
        shares = {(int(pairs[0, i]), int(pairs[1, i])): float(counts[i] / labels.size) for i in order}
        found.append(Region(box, shares))
    return found


def connected_regions(mask: np.ndarray) -> np.ndarray:
    """Numbers the 4-connected regions of a boolean array (h, w).

    Returns:
        int array (h, w): 0 outside, elsewhere a number that each region has alone.
    """
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    return _spread(labels, mask, over_others=True)


def _spread(labels, mask, over_others):
    """The labels when each has spread through the mask, the highest first: over lower ones too, or over 0 alone."""
    while True:
        spread = labels.copy()
        spread[1:] = np.maximum(spread[1:], labels[:-1])
        spread[:-1] = np.maximum(spread[:-1], labels[1:])
        spread[:, 1:] = np.maximum(spread[:, 1:], labels[:, :-1])
        spread[:, :-1] = np.maximum(spread[:, :-1], labels[:, 1:])
        spread = np.where(mask if over_others else mask & (labels == 0), spread, labels)
        if (spread == labels).all():
            return labels
        labels = spread
