"""Scores of a segmentation, all derived from one confusion matrix."""

import numpy as np

from seg.classes import CLASS_NAMES, NUM_CLASSES


def confusion_matrix(truth, predicted) -> np.ndarray:
    """Counts pixels by true and predicted class.

    Args:
        truth: integer array of class ids, any shape.
        predicted: the same, of the same shape.

    Returns:
        int64 array (classes, classes); rows are the truth.

    Raises:
        ValueError: shapes differ or an id is none of the classes.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape:
        raise ValueError(f"truth has shape {truth.shape}, predicted {predicted.shape}")
    if truth.size and not (min(truth.min(), predicted.min()) >= 0 and max(truth.max(), predicted.max()) < NUM_CLASSES):
        raise ValueError(f"class ids must be 0..{NUM_CLASSES - 1}")
    pairs = truth.astype(np.uint8) * np.uint8(NUM_CLASSES) + predicted.astype(np.uint8)
    return _counts(pairs, NUM_CLASSES**2).reshape(NUM_CLASSES, NUM_CLASSES)


def ious(confusions: np.ndarray) -> np.ndarray:
    """IoU = TP / (TP + FP + FN) of each class.

    Args:
        confusions: array (..., classes, classes), rows are the truth.

    Returns:
        float array (..., classes), 0..1; NaN for a class that is neither present nor predicted.
    """
    confusions = np.asarray(confusions, float)
    true_positives = np.diagonal(confusions, axis1=-2, axis2=-1)
    either = confusions.sum(-1) + confusions.sum(-2) - true_positives
    return np.divide(true_positives, either, out=np.full_like(true_positives, np.nan), where=either > 0)


def scores(confusion: np.ndarray) -> dict:
    """Pixel accuracy, and IoU and Dice per class with their unweighted means.

    IoU as `ious` and Dice = 2 TP / (2 TP + FP + FN) of pooled pixels. A class that is neither present nor predicted
    has no score (None) and does not count in the mean.

    Args:
        confusion: int array (classes, classes), rows are the truth.

    Returns:
        ``{"pixel_accuracy", "mean_iou", "mean_dice", "iou": {class: value},
        "dice": {class: value}}``; every value within 0..1.
    """
    iou = ious(confusion)
    dice = 2 * iou / (1 + iou)
    with np.errstate(invalid="ignore"):
        accuracy = np.trace(confusion) / confusion.sum()
    return {
        "pixel_accuracy": _number(accuracy),
        "mean_iou": _mean(iou),
        "mean_dice": _mean(dice),
        "iou": {name: _number(value) for name, value in zip(CLASS_NAMES, iou)},
        "dice": {name: _number(value) for name, value in zip(CLASS_NAMES, dice)},
    }


def class_shares(class_map: np.ndarray) -> dict:
    """Share of the pixels in each class, 0..1, by class name."""
    counts = _counts(np.asarray(class_map, np.uint8), NUM_CLASSES)
    return {name: float(count / counts.sum()) for name, count in zip(CLASS_NAMES, counts)}


def _counts(values, number):
    """How often each of 0..number - 1 occurs in a uint8 array."""
    # For so few values several times as fast as `numpy.bincount` or Pillow's histogram.
    return np.array([np.count_nonzero(values == value) for value in range(number)], np.int64)


def _number(value):
    return None if np.isnan(value) else float(value)


def _mean(values):
    present = values[~np.isnan(values)]
    return float(present.mean()) if present.size else None
