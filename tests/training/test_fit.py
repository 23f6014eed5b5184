"""What the optimizer of a training run does to each kind of variable."""

import keras
import numpy as np
import pytest

from seg.training.fit import Recipe, _optimizer


@pytest.fixture
def optimizer():
    recipe = Recipe(
        network="unet", arguments={}, image_size=32, epochs=10, batch_size=4, learning_rate=0.1, weight_decay=0.5,
        encoder_weights=None, precision="float32", seed=0,
    )  # fmt: skip
    return _optimizer(recipe, steps_per_epoch=1)


def test_weights_decay_in_kernels_alone(optimizer):
    variables = [keras.Variable(np.ones(2, np.float32), name=name) for name in ("kernel", "bias", "gamma", "beta")]
    optimizer.build(variables)
    for _ in range(3):  # the warm-up begins at a rate of nothing
        optimizer.apply([keras.ops.zeros(2)] * 4)
    kernel, *others = (float(variable.numpy()[0]) for variable in variables)
    assert 0.5 < kernel < 0.99
    assert others == [1, 1, 1]
