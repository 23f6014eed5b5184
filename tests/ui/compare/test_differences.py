"""Where two class maps differ, by the pair of classes."""

import numpy as np
import pytest
from PIL import ImageColor

from seg.evaluation.metrics import confusion_matrix
from seg.ui.compare.differences import COLOURS, groups, numbered_pairs, pair_in_words, pair_shares

FIRST = np.array([[0, 0, 1, 2], [1, 1, 2, 0]], np.uint8)
SECOND = np.array([[0, 1, 0, 2], [1, 2, 2, 2]], np.uint8)


def test_each_pair_has_its_pixels_its_colour_and_its_share():
    picture, shares = numbered_pairs(FIRST, SECOND), pair_shares(confusion_matrix(FIRST, SECOND))
    assert set(shares) == {(0, 1), (1, 0), (1, 2), (0, 2)}
    numbers, rgb = np.asarray(picture), np.asarray(picture.convert("RGB"))
    assert ((numbers == 0) == (FIRST == SECOND)).all()
    for number, (first, second) in enumerate(COLOURS, 1):
        expected = (first == FIRST) & (second == SECOND)
        assert ((numbers == number) == expected).all()
        assert (rgb[expected] == ImageColor.getrgb(COLOURS[first, second])).all()
        assert shares.get((first, second), 0) == pytest.approx(expected.mean())


def test_every_pair_belongs_to_one_group_and_has_words():
    grouped = [pair for pairs in groups("FCN-8", "U-Net").values() for pair in pairs]
    assert sorted(grouped) == sorted(COLOURS) == sorted((a, b) for a in range(3) for b in range(3) if a != b)
    assert pair_in_words((0, 1), ["FCN-8", "U-Net"]) == "FCN-8 pet, U-Net background"
