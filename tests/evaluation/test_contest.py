"""Statistics of the comparison, against numbers worked by hand."""

import numpy as np
import pytest

from seg.evaluation.boundary import boundary_f_score
from seg.evaluation.calibration import ReliabilityCounts, confidences, fit_temperature, probabilities
from seg.evaluation.contest import mean_ious, paired_bootstrap, pixel_accuracies, share_of_wins
from seg.evaluation.metrics import scores


def square(top, left, size=20, side=100):
    ids = np.ones((side, side), int)
    ids[top : top + size, left : left + size] = 0
    return ids


def test_boundary_of_a_copy_is_met():
    assert boundary_f_score(square(30, 30), square(30, 30)) == 1


def test_boundary_within_the_tolerance_is_met():
    # 0.75 % of the diagonal of 100 x 100 is 1.06 pixels.
    assert boundary_f_score(square(30, 30), square(31, 30)) == 1
    # That of 240 x 320 is 400 pixels: 3 are met, 4 are not.
    truth = np.ones((240, 320), int)
    truth[:, :100] = 0
    met = []
    for by in (3, 4):
        shifted = np.ones_like(truth)
        shifted[:, : 100 + by] = 0
        met.append(boundary_f_score(truth, shifted))
    assert met == [1, 0]


def test_boundary_beyond_the_tolerance_by_hand():
    # Shifted 3 to the right: of 76 border pixels each, top and bottom edge share
    # 17 columns, and one column more lies within 1 pixel; so does the pixel of
    # the left edge next to each of them.
    assert boundary_f_score(square(30, 30), square(30, 33)) == pytest.approx(2 * (17 + 1 + 1) / 76)


def test_boundary_of_nothing():
    empty = np.ones((10, 10), int)
    assert boundary_f_score(empty, empty) is None
    assert boundary_f_score(square(2, 2, 3, 10), empty) == 0
    assert boundary_f_score(empty, square(2, 2, 3, 10)) == 0


def test_image_border_is_no_boundary():
    assert boundary_f_score(np.zeros((10, 10), int), np.zeros((10, 10), int)) is None


def test_probabilities():
    np.testing.assert_allclose(probabilities(np.log([[1.0, 2.0, 5.0]])), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-6)
    np.testing.assert_allclose(probabilities(np.log([[1.0, 4.0]]), 2), [[1 / 3, 2 / 3]], rtol=1e-6)


def test_expected_calibration_error_by_hand():
    counts = ReliabilityCounts()
    # Four pixels, each 0.7 sure; three are right: |0.7 - 0.75|.
    counts.add(np.full(4, 0.7), np.array([True, True, True, False]))
    assert counts.expected_calibration_error() == pytest.approx(0.05, abs=1e-6)
    # Four more, quite sure and all wrong: half of the pixels are off by 1.
    counts.add(np.ones(4), np.zeros(4, bool))
    assert counts.expected_calibration_error() == pytest.approx((0.05 + 1) / 2, abs=1e-6)


def test_confidence_divides_the_logits_by_the_temperature():
    # At temperature 2 the odds of 16 to 1 become 4 to 1.
    np.testing.assert_allclose(confidences(np.log([[16.0, 1.0], [1.0, 16.0]]), 2), 0.8, rtol=1e-6)


def test_temperature_is_found(rng):
    logits = rng.normal(0, 2, (20_000, 3))
    cumulative = probabilities(logits).cumsum(-1)
    truth = (rng.random((20_000, 1)) > cumulative[:, :2]).sum(-1)
    assert fit_temperature(logits, truth) == pytest.approx(1, abs=0.05)
    assert fit_temperature(3 * logits, truth) == pytest.approx(3, abs=0.15)


def test_scores_of_many_agree_with_scores_of_one(rng):
    confusions = rng.integers(0, 50, (6, 3, 3))
    confusions[0, 2] = confusions[0, :, 2] = 0
    for confusion, mean_iou, accuracy in zip(confusions, mean_ious(confusions), pixel_accuracies(confusions)):
        assert mean_iou == pytest.approx(scores(confusion)["mean_iou"])
        assert accuracy == pytest.approx(scores(confusion)["pixel_accuracy"])


def confusions_with(accuracies):
    """Two-pixel-row matrices of 1,000 pixels with the given share right."""
    return np.array([[[500 * a, 500 * (1 - a), 0], [500 * (1 - a), 500 * a, 0], [0, 0, 0]] for a in accuracies])


def test_bootstrap_interval_holds_the_difference(rng):
    first = rng.normal(0.9, 0.02, 400).clip(0, 1)
    second = (first - rng.normal(0.01, 0.01, 400)).clip(0, 1)
    got = paired_bootstrap(confusions_with(first), confusions_with(second), pixel_accuracies)
    gap = first - second
    assert got["difference"] == pytest.approx(gap.mean())
    # For a mean, the bootstrap's width is the normal one.
    half = 1.96 * gap.std() / np.sqrt(400)
    assert got["low"] == pytest.approx(gap.mean() - half, abs=half / 10)
    assert got["high"] == pytest.approx(gap.mean() + half, abs=half / 10)


def test_bootstrap_draws_as_many_photos_as_there_are():
    """Of four photos, all 256 ways to draw four are known, and with them the whole distribution."""
    gaps = np.array([0.01, 0.07, 0.19, 0.43])
    got = paired_bootstrap(confusions_with(gaps), confusions_with(np.zeros(4)), pixel_accuracies)
    every_mean = gaps[np.indices((4,) * 4).reshape(4, -1)].mean(0)
    low, high = np.percentile(every_mean, [2.5, 97.5])
    assert (got["low"], got["high"]) == pytest.approx((low, high), abs=0.002)


def test_bootstrap_of_equals_is_zero(rng):
    same = confusions_with(rng.random(20))
    got = paired_bootstrap(same, same)
    assert got["difference"] == got["low"] == got["high"] == 0


def test_share_of_wins():
    got = share_of_wins(confusions_with([0.9, 0.8, 0.7, 0.6]), confusions_with([0.8, 0.9, 0.7, 0.5]))
    assert got == {"first": 0.5, "second": 0.25, "tie": 0.25}
