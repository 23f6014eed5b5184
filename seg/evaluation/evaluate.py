"""Runs a network over a whole split."""

import keras
import numpy as np

from seg.classes import NUM_CLASSES
from seg.data.batches import OrderedBatches
from seg.evaluation.metrics import confusion_matrix, scores
from seg.networks.forward import forward_pass
from seg.progress import verbosity

_BATCH = 32


def logits_over(network, photos):
    """Runs the network over all photos in order, as the app runs it, with a progress bar.

    Args:
        network: `keras.Model` that returns logits.
        photos: `seg.data.photo_set.PhotoSet`.

    Yields:
        For each batch the masks, uint8 (n, s, s) class ids, and the logits,
        float32 (n, s, s, 3).
    """
    forward = forward_pass(network)
    batches = OrderedBatches(photos, _BATCH)
    progress = keras.utils.Progbar(len(batches), verbose=verbosity(), unit_name="batch")
    for index in range(len(batches)):
        images, masks = batches[index]
        yield masks, forward(images)
        progress.update(index + 1)


def evaluate(network, photos) -> dict:
    """Scores the network on all photos at their own image size, all pixels pooled; arguments as of `logits_over`.

    Returns:
        `seg.evaluation.metrics.scores`, with the number of photos, the size at which they
        were scored and the confusion matrix (rows are the truth).
    """
    confusion = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    for masks, logits in logits_over(network, photos):
        confusion += confusion_matrix(masks, logits.argmax(axis=-1))
    return {
        "photos": len(photos),
        "scored_at": photos.image_size,
        **scores(confusion),
        "confusion_matrix": confusion.tolist(),
    }
