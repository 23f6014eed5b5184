"""A comparison as numbers: what the page shows, the API returns and downloads hold."""

import numpy as np

from seg.classes import CLASS_NAMES, PALETTE
from seg.evaluation.calibration import confidences
from seg.evaluation.confidence import disputed_confidence, mean_confidence
from seg.evaluation.metrics import class_shares, confusion_matrix, scores
from seg.images.doubt_and_errors import error_shares
from seg.images.geometry import scaled_logits
from seg.images.rendering import css_colour
from seg.inference.comparison import Comparison
from seg.networks import TITLES

_SCORES = ("pixel_accuracy", "mean_iou", "iou", "dice", "errors")


def numbers_of(comparison: Comparison, truth: np.ndarray | None = None) -> dict:
    """The numbers of a comparison as JSON can hold them.

    Args:
        truth: true class ids, integer array (height, width), where known.

    Returns:
        ``{"agreement": 0..1, "agreement_iou": {class: 0..1}, "networks":
        [{"name", "title", "without": [silenced skip connections], "shares": {class: 0..1}, "seconds", "confidence",
        "pixel_accuracy", "mean_iou", "iou", "dice", "errors"}], "truth": {class: 0..1}, "classes": [{"id", "name",
        "colour"}]}``. ``agreement`` and ``agreement_iou`` are None unless both
        networks ran; ``confidence`` is `seg.evaluation.confidence.mean_confidence` with
        ``disputed``, `seg.evaluation.confidence.disputed_confidence` or None, and ``calibrated``,
        whether the saved report knows the temperature; ``pixel_accuracy``, ``mean_iou``,
        ``iou`` and ``dice`` by class, ``errors`` by kind (`seg.images.doubt_and_errors.error_shares`), and ``truth``,
        the true shares, are None where the truth is not known.
    """
    networks = []
    disputed = _disputed(comparison)
    for name, seen in comparison.segmentations.items():
        score = dict.fromkeys(_SCORES)
        if truth is not None:
            counts = confusion_matrix(truth, seen.class_map)
            score = scores(counts) | {"errors": error_shares(counts)}
        temperature = comparison.temperature(name)
        confidence = mean_confidence(seen.logits, temperature or 1) | {
            "disputed": disputed.get(name),
            "calibrated": temperature is not None,
        }
        numbers = {
            "name": name,
            "title": TITLES[name],
            "without": list(seen.without),
            "shares": seen.shares,
            "seconds": seen.seconds,
            "confidence": confidence,
        }
        networks.append(numbers | {key: score[key] for key in _SCORES})
    return {
        "agreement": comparison.agreement,
        "agreement_iou": comparison.agreement_iou,
        "networks": networks,
        "truth": class_shares(truth) if truth is not None else None,
        "classes": [
            {"id": class_id, "name": name, "colour": css_colour(PALETTE[class_id])}
            for class_id, name in enumerate(CLASS_NAMES)
        ],
    }


def _disputed(comparison):
    """By network name, how sure each is where they differ; empty where that cannot be said."""
    logits = {name: seen.logits for name, seen in comparison.segmentations.items()}
    if len(logits) < 2:
        return {}
    # Networks may get the photo at different sizes: told at the larger one.
    size = max(len(each) for each in logits.values())
    logits = {name: each if len(each) == size else scaled_logits(each, size, size) for name, each in logits.items()}
    sure = [confidences(each, comparison.temperature(name) or 1) for name, each in logits.items()]
    means = disputed_confidence([each.argmax(axis=-1) for each in logits.values()], sure)
    return dict(zip(logits, means)) if means else {}
