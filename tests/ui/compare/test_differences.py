"""Where two class maps differ, by the pair of classes."""

import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from seg.evaluation.metrics import confusion_matrix
from seg.ui.compare.differences import COLOURS, groups, pair_in_words, pair_layers, pair_shares

FIRST = np.array([[0, 0, 1, 2], [1, 1, 2, 0]], np.uint8)
SECOND = np.array([[0, 1, 0, 2], [1, 2, 2, 2]], np.uint8)


def test_each_pair_has_its_pixels_its_colour_and_its_share():
    layers, shares = pair_layers(FIRST, SECOND), pair_shares(confusion_matrix(FIRST, SECOND))
    assert set(layers) == set(shares) == {(0, 1), (1, 0), (1, 2), (0, 2)}
    for (first, second), layer in layers.items():
        file = io.BytesIO()
        layer.save(file, "PNG")
        rgba = np.asarray(Image.open(file).convert("RGBA"))
        expected = (first == FIRST) & (second == SECOND)
        assert (rgba[..., 3] == 255 * expected).all()
        assert (rgba[expected][:, :3] == ImageColor.getrgb(COLOURS[first, second])).all()
        assert shares[first, second] == pytest.approx(expected.mean())


def test_every_pair_belongs_to_one_group_and_has_words():
    grouped = [pair for pairs in groups("FCN-8", "U-Net").values() for pair in pairs]
    assert sorted(grouped) == sorted(COLOURS) == sorted((a, b) for a in range(3) for b in range(3) if a != b)
    assert pair_in_words((0, 1), ["FCN-8", "U-Net"]) == "FCN-8 pet, U-Net background"
