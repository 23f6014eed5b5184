"""Transparent pictures to lay over a photo: how sure a network is, and where it is wrong."""

import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES, NUM_CLASSES, OTHER_NAMES, PET

UNSURE_COLOUR = (84, 39, 143)
"""RGB; the more of it, the less sure a network is of a pixel."""

ERRORS = {
    f"missed {CLASS_NAMES[PET]}": (123, 50, 148),
    f"{CLASS_NAMES[PET]} seen where there is none": (0, 136, 55),
    f"{' or '.join(OTHER_NAMES)} mixed up": (90, 90, 90),
}
"""RGB of each kind of error; purple and green stay apart for colour-blind viewers."""

LOWEST_LOG = 8
"""Probabilities below exp(-8), 0.0003, are told as that."""

_LEVELS = 64
_STRONGEST = 235


def unsureness_layer(confidence: np.ndarray) -> Image.Image:
    """An indexed image, transparent where a network is certain, opaque where it guesses.

    Args:
        confidence: float array (h, w), 1/classes..1.
    """
    unsure = (1 - confidence) / (1 - 1 / NUM_CLASSES)
    image = Image.fromarray(np.clip(unsure * (_LEVELS - 1) + 0.5, 0, _LEVELS - 1).astype(np.uint8))
    image.putpalette(UNSURE_COLOUR * _LEVELS)
    image.info["transparency"] = bytes(_STRONGEST * level // (_LEVELS - 1) for level in range(_LEVELS))
    return image


def log_probability_image(logits: np.ndarray, temperature: float) -> Image.Image:
    """A small image from which a browser gets the calibrated probabilities of any place of the photo.

    The logarithm of a probability differs from the logit by a number that all classes of a pixel share. So whoever
    scales these bilinearly and then takes the softmax gets the probabilities of the scaled logits, but for rounding:
    less than 0.02.

    Args:
        logits: float32 array (h, w, classes).
        temperature: by which they are divided.

    Returns:
        Grey image of (w, classes * h), a class below the other: 0 for a probability of exp(-`LOWEST_LOG`) or less,
        255 for 1.
    """
    scaled = logits / np.float32(temperature)
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    logarithms = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    levels = np.rint(255 * (1 + np.maximum(logarithms, -LOWEST_LOG) / LOWEST_LOG)).astype(np.uint8)
    return Image.fromarray(np.concatenate(np.moveaxis(levels, -1, 0)))


def error_map(truth: np.ndarray, class_map: np.ndarray) -> np.ndarray:
    """Kinds of error, uint8 (h, w), of uint8 arrays (h, w) of class ids: 0 for none, else 1 + the index in `ERRORS`."""
    kinds = np.where(truth == PET, 1, np.where(class_map == PET, 2, 3))
    return np.where(truth == class_map, 0, kinds).astype(np.uint8)


def error_shares(counts: np.ndarray) -> dict:
    """Share of the pixels with each kind of error, 0..1, by the names in `ERRORS`.

    Args:
        counts: confusion matrix (classes, classes), rows are the truth.
    """
    wrong = counts * (1 - np.eye(len(counts))) / counts.sum()
    missed, nothing_there = wrong[PET].sum(), wrong[:, PET].sum()
    return dict(zip(ERRORS, map(float, (missed, nothing_there, wrong.sum() - missed - nothing_there))))


def error_layer(errors: np.ndarray) -> Image.Image:
    """An indexed image of an `error_map`, transparent where there is no error."""
    image = Image.fromarray(errors)
    image.putpalette([0, 0, 0] + [channel for colour in ERRORS.values() for channel in colour])
    image.info["transparency"] = bytes([0, *(_STRONGEST for _ in ERRORS)])
    return image
