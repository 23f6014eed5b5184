"""A short training run on few photos, scored on the validation photos."""

import time
from pathlib import Path

import keras
import numpy as np

from seg.evaluation.evaluate import confusions_over
from seg.evaluation.metrics import scores
from seg.networks import build_network
from seg.networks.compilation import fastest_precision
from seg.networks.weights import assign_tensors
from seg.training.fit import fit_network
from seg.training.recipe import Recipe


def train_briefly(pets, photos: int, checkpoint: Path, **recipe) -> tuple[dict, np.ndarray, list[dict]]:
    """Trains a network and scores its weights of the epoch that is best on the validation photos.

    Args:
        pets: `seg.data.dataset.PetDataset`.
        photos: how many of the training photos, evenly spread.
        checkpoint: file for the unfinished run; one that was stopped starts over.
        recipe: fields of `seg.training.recipe.Recipe`, without size and precision.

    Returns:
        ``{"pixel_accuracy", "mean_iou", "iou": {class: value}, "minutes"}``, the confusion matrix of each validation
        photo, int64 (photos, classes, classes), and the epochs as `seg.training.fit.Fitted` has them.
    """
    recipe = Recipe(**recipe, image_size=pets.train.image_size, precision=fastest_precision())
    checkpoint.unlink(missing_ok=True)
    started = time.monotonic()
    fitted = fit_network(recipe, pets.train.spread(photos), pets.validation, checkpoint)
    minutes = round((time.monotonic() - started) / 60, 2)
    checkpoint.unlink()
    network = build_network(recipe.network, recipe.arguments)
    assign_tensors(network, fitted.tensors, "the trained network")
    confusions = confusions_over(network, pets.validation)
    keras.utils.clear_session()
    score = scores(confusions.sum(0))
    return (
        {key: score[key] for key in ("pixel_accuracy", "mean_iou", "iou")} | {"minutes": minutes},
        confusions,
        fitted.history,
    )
