"""A comparison as numbers: what the page shows, the API returns and downloads hold."""

import numpy as np

from seg.classes import CLASS_NAMES, PALETTE
from seg.evaluation.calibration import confidences
from seg.evaluation.confidence import disputed_confidence, mean_confidence
from seg.evaluation.metrics import class_shares, confusion_matrix, scores
from seg.images.doubt_and_errors import ERRORS, error_shares
from seg.images.geometry import scaled_logits
from seg.images.rendering import css_colour
from seg.inference.comparison import Comparison
from seg.networks import TITLES


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items):
    return {"type": "array", "items": items}


def _or_null(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def _described(schema, description):
    return schema | {"description": description}


_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}
_MAYBE = _or_null(_NUMBER)
_BY_CLASS = _object(**dict.fromkeys(CLASS_NAMES, _NUMBER))
_SCORES = _or_null(_object(**dict.fromkeys(CLASS_NAMES, _MAYBE)))
_CONFIDENCE = _object(
    photo=_NUMBER, **dict.fromkeys(CLASS_NAMES, _MAYBE), disputed=_MAYBE, calibrated={"type": "boolean"}
)
_ERROR_SHARES = _or_null(_object(**dict.fromkeys(ERRORS, _NUMBER)))

_NETWORK = _object(
    name=_TEXT,
    title=_TEXT,
    without=_described(_list(_TEXT), "its skip connections that were silenced"),
    shares=_described(_BY_CLASS, "share of the pixels in each class, 0 to 1"),
    seconds=_described(_NUMBER, "from the photo to the mask"),
    confidence=_described(
        _CONFIDENCE,
        "mean probability of the chosen class: of all pixels, of those of each class, and of those on which the"
        " networks disagree",
    ),
    pixel_accuracy=_described(_MAYBE, "share of the pixels in the right class, where the truth is known"),
    mean_iou=_described(_MAYBE, "of the classes, where the truth is known"),
    iou=_described(_SCORES, "by class, where the truth is known"),
    dice=_described(_SCORES, "by class, where the truth is known"),
    errors=_described(_ERROR_SHARES, "share of the pixels with each kind of error, where the truth is known"),
)

NUMBERS_SCHEMA = _object(
    agreement=_described(_MAYBE, "share of the pixels on which the networks agree, 0 to 1"),
    agreement_iou=_described(_SCORES, "of the pixels that either network puts in the class, the share that both do"),
    networks=_list(_NETWORK),
    truth=_described(_or_null(_BY_CLASS), "true shares, known for the example photos"),
    classes=_list(_object(id={"type": "integer"}, name=_TEXT, colour=_TEXT)),
)
"""JSON schema of what `numbers_of` returns."""


def numbers_of(comparison: Comparison, truth: np.ndarray | None = None) -> dict:
    """The numbers of a comparison as JSON can hold them, as `NUMBERS_SCHEMA` says.

    What both networks tell is None unless both ran, and scores are None unless the truth is known. ``confidence`` is
    `seg.evaluation.confidence.mean_confidence`, with ``disputed``, `seg.evaluation.confidence.disputed_confidence`,
    and ``calibrated``, whether the saved report knows the temperature.

    Args:
        truth: true class ids, integer array (height, width), where known.
    """
    networks = []
    disputed = _disputed(comparison)
    for name, seen in comparison.segmentations.items():
        temperature = comparison.temperature(name)
        score = {}
        if truth is not None:
            counts = confusion_matrix(truth, seen.class_map)
            score = scores(counts) | {"errors": error_shares(counts)}
        networks.append(
            {
                "name": name,
                "title": TITLES[name],
                "without": list(seen.without),
                "shares": seen.shares,
                "seconds": seen.seconds,
                "confidence": mean_confidence(seen.logits, temperature or 1)
                | {"disputed": disputed.get(name), "calibrated": temperature is not None},
            }
            | {key: score.get(key) for key in ("pixel_accuracy", "mean_iou", "iou", "dice", "errors")}
        )
    return {
        "agreement": comparison.agreement,
        "agreement_iou": comparison.agreement_iou,
        "networks": networks,
        "truth": class_shares(truth) if truth is not None else None,
        "classes": [
            {"id": class_id, "name": name, "colour": css_colour(PALETTE[class_id])}
            for class_id, name in enumerate(CLASS_NAMES)
        ],
    }


def _disputed(comparison):
    """By network name, how sure each is where they differ; empty where that cannot be said."""
    logits = {name: seen.logits for name, seen in comparison.segmentations.items()}
    if len(logits) < 2:
        return {}
    # Networks may get the photo at different sizes: told at the larger one.
    size = max(len(each) for each in logits.values())
    logits = {name: each if len(each) == size else scaled_logits(each, size, size) for name, each in logits.items()}
    sure = [confidences(each, comparison.temperature(name) or 1) for name, each in logits.items()]
    means = disputed_confidence([each.argmax(axis=-1) for each in logits.values()], sure)
    return dict(zip(logits, means)) if means else {}
