"""Runs a network over a whole split."""

import keras
import numpy as np

from seg.data.batches import OrderedBatches
from seg.evaluation.metrics import confusion_matrix, scores
from seg.networks.forward import forward_pass
from seg.progress import verbosity

_BATCH = 32


def confusions_over(network, photos) -> np.ndarray:
    """The confusion matrix of each photo, of the network as the app runs it, with a progress bar.

    Args:
        network: `keras.Model` that returns logits.
        photos: `seg.data.photo_set.PhotoSet`.

    Returns:
        int64 array (photos, classes, classes), rows are the truth.
    """
    forward = forward_pass(network)
    batches = OrderedBatches(photos, _BATCH)
    progress = keras.utils.Progbar(len(batches), verbose=verbosity(), unit_name="batch")
    confusions = []
    for index in range(len(batches)):
        images, masks = batches[index]
        confusions += map(confusion_matrix, masks, forward(images).argmax(axis=-1))
        progress.update(index + 1)
    return np.array(confusions)


def evaluate(network, photos) -> dict:
    """Scores the network on all photos at their own image size, all pixels pooled; arguments as of `confusions_over`.

    Returns:
        `seg.evaluation.metrics.scores`, with the number of photos, the size at which they
        were scored and the confusion matrix (rows are the truth).
    """
    confusion = confusions_over(network, photos).sum(0)
    return {
        "photos": len(photos),
        "scored_at": photos.image_size,
        **scores(confusion),
        "confusion_matrix": confusion.tolist(),
    }
