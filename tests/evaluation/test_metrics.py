import numpy as np
import pytest

from seg.evaluation.metrics import class_shares, confusion_matrix, scores


def test_confusion_matrix_by_hand():
    truth = [[0, 0, 1], [1, 2, 2]]
    predicted = [[0, 1, 1], [1, 2, 0]]
    assert confusion_matrix(truth, predicted).tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]


def test_scores_by_hand():
    got = scores(np.array([[1, 1, 0], [0, 2, 0], [1, 0, 1]]))
    assert got["pixel_accuracy"] == pytest.approx(4 / 6)
    assert got["iou"] == pytest.approx({"pet": 1 / 3, "background": 2 / 3, "outline": 1 / 2})
    assert got["mean_iou"] == pytest.approx(1 / 2)
    assert got["dice"] == pytest.approx({"pet": 1 / 2, "background": 4 / 5, "outline": 2 / 3})
    assert got["mean_dice"] == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)


def test_absent_class_has_no_score_and_does_not_count():
    got = scores(np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]]))
    assert got["iou"]["outline"] is None and got["dice"]["outline"] is None
    assert got["mean_iou"] == pytest.approx((3 / 4 + 4 / 5) / 2)


def test_agrees_with_keras(rng):
    import keras

    truth, predicted = rng.integers(0, 3, (2, 50, 40))
    metric = keras.metrics.MeanIoU(3)
    metric.update_state(truth, predicted)
    assert scores(confusion_matrix(truth, predicted))["mean_iou"] == pytest.approx(float(metric.result()), rel=1e-6)


@pytest.mark.parametrize("truth, predicted", [([0, 3], [0, 0]), ([0, 1], [0, -1]), ([0, 1], [0])])
def test_nonsense_is_refused(truth, predicted):
    with pytest.raises(ValueError):
        confusion_matrix(truth, predicted)


def test_class_shares():
    assert class_shares(np.array([[0, 0, 1, 2]])) == {"pet": 0.5, "background": 0.25, "outline": 0.25}
