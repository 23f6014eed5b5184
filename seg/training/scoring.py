"""A trained network scored on the test split, and the files that say how it was made."""

import csv
import io
import json
import platform

import keras

from seg.classes import CLASS_NAMES
from seg.evaluation.evaluate import evaluate
from seg.networks import TITLES, build_network
from seg.networks.stages import ANEW, CONTINUED, stages_of
from seg.networks.weights import as_stored, assign_tensors
from seg.training.curves import draw_curves
from seg.training.recipe import Recipe, describe, loss_name
from seg.training.samples import draw_samples


def score(recipe: Recipe, fitted, pets, start=None) -> tuple[dict, dict, dict]:
    """Scores a network with its weights as they are stored.

    Args:
        fitted: `seg.training.fit.Fitted`.
        pets: `seg.data.dataset.PetDataset`.
        start: `seg.training.start.Start` that was trained on, if any.

    Returns:
        Config, weights and further files, as `seg.networks.weights.save_network_folder` wants them.
    """
    network = build_network(recipe.network, recipe.arguments)
    assign_tensors(network, as_stored(fitted.tensors), "the trained network")
    metrics = {"split": "test", "limit": recipe.limit, **evaluate(network, pets.test)}
    stage = {
        **describe(recipe),
        "start": CONTINUED if start else ANEW,
        "start_mean_iou": fitted.start_mean_iou,
        "optimizer": "AdamW, linear warm-up, cosine decay",
        "loss": loss_name(recipe),
        "pretrained_layers": fitted.pretrained_layers,
        "best_epoch": fitted.best_epoch,
        "minutes": round(sum(row["seconds"] for row in fitted.history) / 60, 1),
        "dataset": pets.description,
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
        },
    }
    former, before = (stages_of(start.config), start.history) if start else ([], [])
    history = before + [row | {"epoch": row["epoch"] + len(before)} for row in fitted.history]
    config = {
        "network": recipe.network,
        "arguments": recipe.arguments,
        "image_size": recipe.image_size,
        "classes": list(CLASS_NAMES),
        "parameters": network.count_params(),
        "training": {"limit": recipe.limit, "dataset": pets.description, "stages": [*former, stage]},
    }
    table = io.StringIO()
    writer = csv.DictWriter(table, history[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    files = {
        "metrics.json": (json.dumps(metrics, indent=2) + "\n").encode(),
        "history.csv": table.getvalue().encode(),
        "curves.png": draw_curves(TITLES[recipe.network], history),
        "samples.png": draw_samples(network, pets.test, TITLES[recipe.network]),
    }
    return config, fitted.tensors, files
