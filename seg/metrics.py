"""Scores of a segmentation, all derived from one confusion matrix."""

import numpy as np
from PIL import Image

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
    if truth.size and not (0 <= min(truth.min(), predicted.min()) and max(truth.max(), predicted.max()) < NUM_CLASSES):
        raise ValueError(f"class ids must be 0..{NUM_CLASSES - 1}")
    if not truth.size:
        return np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    pairs = truth.astype(np.uint8) * np.uint8(NUM_CLASSES) + predicted.astype(np.uint8)
    # Pillow counts bytes four times as fast as np.bincount, which matters at many megapixels.
    counts = Image.fromarray(pairs.reshape(1, -1)).histogram()[: NUM_CLASSES**2]
    return np.array(counts, np.int64).reshape(NUM_CLASSES, NUM_CLASSES)


def scores(confusion: np.ndarray) -> dict:
    """Pixel accuracy, and IoU and Dice per class with their unweighted means.

    IoU = TP / (TP + FP + FN) and Dice = 2 TP / (2 TP + FP + FN) of pooled
    pixels. A class that is neither present nor predicted has no score (None)
    and does not count in the mean.

    Args:
        confusion: int array (classes, classes), rows are the truth.

    Returns:
        ``{"pixel_accuracy", "mean_iou", "mean_dice", "iou": {class: value},
        "dice": {class: value}}``; every value within 0..1.
    """
    true_positives = np.diag(confusion).astype(float)
    either = confusion.sum(0) + confusion.sum(1) - true_positives
    with np.errstate(invalid="ignore"):
        iou = true_positives / either
        dice = 2 * true_positives / (either + true_positives)
        accuracy = true_positives.sum() / confusion.sum()
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
    """How often each of 0..number - 1 occurs in a uint8 array; `numpy.bincount` would widen every pixel to 64 bits."""
    return np.array(Image.fromarray(values.reshape(1, -1)).histogram()[:number], np.int64) if values.size else np.zeros(number, np.int64)


def _number(value):
    return None if np.isnan(value) else float(value)


def _mean(values):
    present = values[~np.isnan(values)]
    return float(present.mean()) if present.size else None
