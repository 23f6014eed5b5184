"""How sure a network is of each pixel, by its calibrated probabilities.

A network's raw probabilities tend to be too high or too low. Divided by the
temperature that `seg.evaluation.calibration` fitted on the validation photos, the logits
give probabilities that hold on average over many photos like those: of the
pixels that are 80 % sure, about 80 % are right. On a single photo they can be far off.
"""

import numpy as np

from seg.classes import CLASS_NAMES
from seg.evaluation.calibration import confidences

CLEAR_LEAD = 0.02
"""A network is the surer one if its confidence, 0..1, is higher by this where the two differ."""


def mean_confidence(logits: np.ndarray, temperature: float) -> dict:
    """Mean confidence over the photo, and over the pixels of each class that the network sees.

    Args:
        logits: float32 array (h, w, classes).
        temperature: by which they are divided.

    Returns:
        ``{"photo": 0..1, class name: 0..1 or None if the network sees none}``.
    """
    confidence = confidences(logits, temperature)
    seen = logits.argmax(axis=-1)
    means = {
        name: float(confidence[seen == class_id].mean()) if (seen == class_id).any() else None
        for class_id, name in enumerate(CLASS_NAMES)
    }
    return {"photo": float(confidence.mean()), **means}


def disputed_confidence(class_maps, confidences) -> list[float] | None:
    """How sure each of two networks is on average where they differ.

    Args:
        class_maps: two integer arrays (h, w) of class ids.
        confidences: two float arrays (h, w), the probabilities of those classes.

    Returns:
        Two means, 1/classes..1; None where the networks differ nowhere.
    """
    disputed = class_maps[0] != class_maps[1]
    return [float(confidence[disputed].mean(dtype=float)) for confidence in confidences] if disputed.any() else None
