import numpy as np
import pytest

from seg.training.losses import CrossEntropyAndDice


@pytest.fixture
def batch(rng):
    return rng.integers(0, 3, (2, 4, 5), np.uint8), rng.normal(size=(2, 4, 5, 3)).astype(np.float32)


def reference(truth, logits, dice_weight):
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    one_hot = np.eye(3)[truth]
    cross_entropy = -np.log((shares * one_hot).sum(-1)).mean()
    dice = [2 * (shares * one_hot)[..., c].sum() / (shares[..., c].sum() + one_hot[..., c].sum()) for c in range(3)]
    return cross_entropy + dice_weight * (1 - np.mean(dice))


@pytest.mark.parametrize("dice_weight", [0.0, 0.5, 1.0])
def test_loss_is_cross_entropy_plus_dice(batch, dice_weight):
    loss = CrossEntropyAndDice(dice_weight)
    assert float(loss(*batch)) == pytest.approx(reference(*batch, dice_weight), rel=1e-4)


def test_right_answer_costs_nothing(batch):
    truth, _ = batch
    assert float(CrossEntropyAndDice(1.0)(truth, np.eye(3, dtype=np.float32)[truth] * 50)) == pytest.approx(0, abs=1e-4)
