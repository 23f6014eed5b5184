"""Scores a network on a whole split."""

import keras
import numpy as np

from seg.batches import OrderedBatches
from seg.classes import NUM_CLASSES
from seg.metrics import confusion_matrix, scores


def evaluate(network, photos, batch_size: int = 32) -> dict:
    """Runs the network over all photos and pools their pixels.

    Args:
        network: compiled network that returns logits.
        photos: `seg.dataset.PhotoSet`; scored at its image size.

    Returns:
        `seg.metrics.scores`, with the number of photos, the size at which they
        were scored and the confusion matrix (rows are the truth).
    """
    confusion = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    batches = OrderedBatches(photos, batch_size)
    progress = keras.utils.Progbar(len(batches), unit_name="batch")
    for index in range(len(batches)):
        images, masks = batches[index]
        confusion += confusion_matrix(masks, network.predict_on_batch(images).argmax(axis=-1))
        progress.update(index + 1)
    return {
        "photos": len(photos),
        "scored_at": photos.image_size,
        **scores(confusion),
        "confusion_matrix": confusion.tolist(),
    }
