"""How well the border of the pet is met."""

import numpy as np

from seg.classes import PET

TOLERANCE = 0.0075
"""Distance, as a share of the photo's diagonal, up to which a border counts as met."""


def boundary_f_score(truth: np.ndarray, predicted: np.ndarray) -> float | None:
    """Boundary F1 score of the pet against the rest.

    The harmonic mean of precision (share of the predicted border that lies
    within the tolerance of the true one) and recall (the reverse). Csurka,
    Larlus, Perronnin, "What is a good evaluation measure for semantic
    segmentation?", BMVC 2013, which also has the tolerance.

    Args:
        truth: integer array (h, w) of class ids.
        predicted: the same, of the same shape.

    Returns:
        0..1, or None where neither has a border.
    """
    borders = [_border(np.asarray(ids) == PET) for ids in (truth, predicted)]
    found = [border.any() for border in borders]
    if not all(found):
        return 0.0 if any(found) else None
    radius = TOLERANCE * np.hypot(*borders[0].shape)
    true_reach, predicted_reach = (_dilate(border, radius) for border in borders)
    precision = true_reach[borders[1]].mean()
    recall = predicted_reach[borders[0]].mean()
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def _border(region):
    """Pixels of the region that have a neighbour, above, below or beside, outside it."""
    padded = np.pad(region, 1, mode="edge")
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return region & ~inside


def _dilate(mask, radius):
    """Every pixel within ``radius`` pixels of the mask."""
    reach = int(radius)
    height, width = mask.shape
    padded = np.pad(mask, reach)
    grown = np.zeros_like(mask)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if down * down + right * right <= radius * radius:
                grown |= padded[reach + down : reach + down + height, reach + right : reach + right + width]
    return grown
