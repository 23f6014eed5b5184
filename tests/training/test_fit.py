"""What the optimizer of a training run does to each kind of variable."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from seg.training.fit import Recipe, _optimizer

RECIPE = Recipe(
    network="unet", arguments={}, image_size=32, epochs=10, batch_size=4, learning_rate=0.1, weight_decay=0.5,
    encoder_weights=None, precision="float32", seed=0,
)  # fmt: skip


def test_weights_decay_in_kernels_alone():
    optimizer = _optimizer(RECIPE, steps_per_epoch=1)
    variables = [keras.Variable(np.ones(2, np.float32), name=name) for name in ("kernel", "bias", "gamma", "beta")]
    optimizer.build(variables)
    for _ in range(3):  # the warm-up begins at a rate of nothing
        optimizer.apply([keras.ops.zeros(2)] * 4)
    kernel, *others = (float(variable.numpy()[0]) for variable in variables)
    assert 0.5 < kernel < 0.99
    assert others == [1, 1, 1]


@pytest.mark.parametrize("encoder_rate", [None, 0.1])
def test_pretrained_layers_take_smaller_steps(encoder_rate):
    recipe = replace(RECIPE, weight_decay=0.0, encoder_rate=encoder_rate)
    optimizer = _optimizer(recipe, steps_per_epoch=1, pretrained=["block1_conv1"])
    variables = []
    for layer in ("block1_conv1", "block1_conv2"):
        with keras.name_scope(layer):
            variables.append(keras.Variable(np.zeros(2, np.float32), name="kernel"))
    optimizer.build(variables)
    for _ in range(3):
        optimizer.apply([keras.ops.ones(2)] * 2)
    pretrained, new = (float(variable.numpy()[0]) for variable in variables)
    assert new < -0.05 and pretrained == pytest.approx((encoder_rate or 1) * new, rel=1e-4)
