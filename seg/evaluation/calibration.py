"""Whether a network is as sure as it is right.

Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks",
ICML 2017, https://arxiv.org/abs/1706.04599.
"""

import functools

import numpy as np

BINS = 15


class ReliabilityCounts:
    """Counts pixels by confidence, so that a whole split needs one pass."""

    def __init__(self):
        self.pixels = np.zeros(BINS, np.int64)
        self.correct = np.zeros(BINS, np.int64)
        self.confidence = np.zeros(BINS)

    def add(self, confidence: np.ndarray, correct: np.ndarray) -> None:
        """Counts some pixels.

        Args:
            confidence: as `confidences` returns it.
            correct: bool array of the same shape, whether the most likely class is the true one.
        """
        confidence, correct = confidence.ravel(), correct.ravel()
        bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
        self.pixels += np.bincount(bins, minlength=BINS)
        self.correct += np.bincount(bins[correct], minlength=BINS)
        self.confidence += np.bincount(bins, weights=confidence, minlength=BINS)

    def expected_calibration_error(self) -> float:
        """Mean distance of confidence and accuracy over the bins, weighted by their pixels, 0..1."""
        return float(np.abs(self.confidence - self.correct).sum() / self.pixels.sum())


def probabilities(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Softmax over the last axis of the logits divided by the temperature, float32."""
    scaled = np.asarray(logits, np.float32) / temperature
    scaled = np.exp(scaled - _over_classes(np.maximum, scaled)[..., np.newaxis])
    return scaled / _over_classes(np.add, scaled)[..., np.newaxis]


def confidences(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """The largest of the `probabilities`, float32 array (...), 1/classes..1."""
    return _over_classes(np.maximum, probabilities(logits, temperature))


def _over_classes(operation, values):
    """Reduces the last axis, twenty times as fast as NumPy does where it has only a few values."""
    return functools.reduce(operation, np.moveaxis(values, -1, 0))


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the truth most likely.

    Args:
        logits: float array (..., classes) of held-out photos.
        truth: integer array (...) of class ids.

    Returns:
        The minimum of the mean negative log-likelihood within 0.1..10, to
        about 0.1 %; above 1 where the network is too sure.
    """
    logits = np.asarray(logits, np.float32).reshape(-1, np.shape(logits)[-1])
    true_logits = np.take_along_axis(logits, np.asarray(truth, np.intp).reshape(-1, 1), axis=1)[:, 0]
    highest = logits.max(axis=1)

    def loss(log_temperature):
        scale = np.float32(np.exp(-log_temperature))
        normaliser = np.log(np.exp((logits - highest[:, None]) * scale).sum(axis=1)) + highest * scale
        return float((normaliser - true_logits * scale).mean(dtype=np.float64))

    # The loss is convex in 1 / temperature, hence has one minimum: golden section.
    low, high = np.log(0.1), np.log(10)
    golden = (np.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    left_loss, right_loss = loss(left), loss(right)
    while high - low > 1e-3:
        if left_loss < right_loss:
            high, right, right_loss = right, left, left_loss
            left = high - golden * (high - low)
            left_loss = loss(left)
        else:
            low, left, left_loss = left, right, right_loss
            right = low + golden * (high - low)
            right_loss = loss(right)
    return float(np.exp((low + high) / 2))
