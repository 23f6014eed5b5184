"""Which network is better, and whether chance could have said so."""

import numpy as np

from seg.evaluation.metrics import ious

RESAMPLES = 10_000
_DRAWN_AT_ONCE = 500  # bounds the memory
_SEED = 0


def mean_ious(confusions: np.ndarray) -> np.ndarray:
    """Mean IoU of each confusion matrix, over the classes present in truth or prediction.

    Args:
        confusions: array (..., classes, classes), rows are the truth.

    Returns:
        float array (...), 0..1.
    """
    return np.nanmean(ious(confusions), axis=-1)


def pixel_accuracies(confusions: np.ndarray) -> np.ndarray:
    """Pixel accuracy of each confusion matrix (..., classes, classes), 0..1."""
    confusions = np.asarray(confusions, float)
    return np.trace(confusions, axis1=-2, axis2=-1) / confusions.sum((-1, -2))


def paired_bootstrap(first: np.ndarray, second: np.ndarray, score=mean_ious) -> dict:
    """How far one network is ahead of the other, with a 95 % interval.

    Photos are drawn with replacement, the same for both networks; the pixels
    of the drawn photos are pooled. Percentile interval: Efron, Tibshirani, "An
    Introduction to the Bootstrap", 1993, chapter 13.

    Args:
        first, second: confusion matrices (photos, classes, classes) of both
            networks on the same photos.
        score: turns pooled matrices (..., classes, classes) into scores.

    Returns:
        ``{"difference": first less second, "low", "high", "resamples"}``.
    """
    rng = np.random.default_rng(_SEED)
    photos = len(first)
    flat = [np.asarray(c, float).reshape(photos, -1) for c in (first, second)]
    differences = []
    for _ in range(RESAMPLES // _DRAWN_AT_ONCE):
        draws = rng.multinomial(photos, np.full(photos, 1 / photos), size=_DRAWN_AT_ONCE).astype(float)
        scores = [score((draws @ c).reshape(-1, *first.shape[1:])) for c in flat]
        differences.append(scores[0] - scores[1])
    low, high = np.percentile(np.concatenate(differences), [2.5, 97.5])
    difference = score(np.sum(first, 0)) - score(np.sum(second, 0))
    return {"difference": float(difference), "low": float(low), "high": float(high), "resamples": RESAMPLES}


def share_of_wins(first: np.ndarray, second: np.ndarray) -> dict:
    """On which share of the photos each network has the higher mean IoU, of matrices as of `paired_bootstrap`.

    Returns:
        ``{"first", "second", "tie"}``, which add to 1.
    """
    ahead = mean_ious(first) - mean_ious(second)
    return {"first": float((ahead > 0).mean()), "second": float((ahead < 0).mean()), "tie": float((ahead == 0).mean())}
