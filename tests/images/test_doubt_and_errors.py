"""Transparent pictures, and colours that colour-blind people can tell apart."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from seg.classes import PALETTE
from seg.evaluation.calibration import confidences
from seg.images.doubt_and_errors import (
    ERRORS,
    LOWEST_LOG,
    error_layer,
    error_map,
    log_probability_image,
    unsureness_layer,
)
from seg.images.geometry import scaled_logits
from seg.ui.compare.differences import COLOURS


def as_sent(layer):
    """RGBA, after PNG."""
    file = io.BytesIO()
    layer.save(file, "PNG")
    return np.asarray(Image.open(file).convert("RGBA"))


def test_unsureness_layer():
    alpha = as_sent(unsureness_layer(np.array([[1.0, 0.9, 0.6, 1 / 3]])))[0, :, 3]
    assert alpha[0] == 0 and (np.diff(alpha.astype(int)) > 0).all() and alpha[-1] > 200


def test_probabilities_come_back_from_the_image_of_their_logarithms(rng):
    logits = rng.normal(0, 2, (8, 9, 3)).astype(np.float32)
    sent = log_probability_image(logits, 1.7)
    logarithms = LOWEST_LOG * (np.asarray(sent, np.float32).reshape(3, 8, 9) / 255 - 1)
    planes = [Image.fromarray(plane).resize((40, 30), Image.Resampling.BILINEAR) for plane in logarithms]
    exps = np.exp(np.stack([np.asarray(plane) for plane in planes], axis=-1))
    found = (exps / exps.sum(axis=-1, keepdims=True)).max(axis=-1)
    assert np.abs(found - confidences(scaled_logits(logits, 40, 30), 1.7)).max() < 0.02


def test_errors_by_hand():
    truth = np.array([[0, 0, 1, 2, 1, 2]], np.uint8)
    seen = np.array([[0, 1, 0, 0, 2, 2]], np.uint8)
    errors = error_map(truth, seen)
    assert errors.tolist() == [[0, 1, 2, 2, 3, 0]]
    rgba = as_sent(error_layer(errors))[0]
    assert (rgba[:, 3] > 0).tolist() == [False, True, True, True, True, False]
    assert tuple(rgba[1, :3]) == ERRORS["missed pet"] and tuple(rgba[2, :3]) == ERRORS["pet seen where there is none"]


# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of
# Color Vision Deficiency", 2009: linear RGB at full severity.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
SRGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) / np.array(
    [[0.9505], [1], [1.089]]
)


def lab(colour, sight):
    """CIELAB of an RGB colour as somebody sees it."""
    srgb = np.array(colour) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(np.maximum(SRGB_TO_XYZ @ np.clip(sight @ linear, 0, 1), 0.001))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "colours",
    [PALETTE, list(ERRORS.values()), [tuple(bytes.fromhex(colour[1:])) for colour in COLOURS.values()]],
    ids=["classes", "errors", "differences"],
)
def test_colours_stay_apart(colours, sight):
    seen = [lab(colour, SIGHT[sight]) for colour in colours]
    # A difference of about 2 can just be seen; side by side in areas, 20 is plain.
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20
