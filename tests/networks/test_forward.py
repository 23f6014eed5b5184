"""Networks made ready to run see what the trained ones see."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from seg.images.geometry import fit_photo
from seg.networks import build_network, tensors_of
from seg.networks.anatomy import anatomy_of
from seg.networks.folding import fold
from seg.networks.forward import forward_pass, gated
from seg.networks.weights import load_network

from repository import ROOT, example_photo


@pytest.fixture(scope="module")
def trained():
    return functools.cache(lambda name: load_network(ROOT / "weights" / name))


@pytest.fixture(scope="module")
def examples(example_names):
    return np.stack([fit_photo(example_photo(name), 128) for name in example_names])


def normalisations(network):
    return [layer.name for layer in network.layers if isinstance(layer, layers.BatchNormalization)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_folded_network_has_equal_logits(trained, examples, name):
    network, _ = trained(name)
    folded = fold(network)
    assert not normalisations(folded)
    np.testing.assert_allclose(
        folded.predict_on_batch(examples[:2]), network.predict_on_batch(examples[:2]), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("classes", [2, 3, 4, 9])
def test_logits_are_float32_for_any_number_of_classes(classes):
    photos = keras.Input((8, 8, 3))
    hidden = layers.Conv2D(16, 3, padding="same", name="hidden")(photos)
    folded = fold(keras.Model(photos, layers.Conv2D(classes, 1)(hidden)), "bfloat16")
    assert folded.output.dtype == "float32"
    assert folded.get_layer("hidden").compute_dtype == "bfloat16"


def test_only_what_can_be_folded_is(rng):
    photos = keras.Input((12, 12, 3))
    x = layers.BatchNormalization(name="on_the_photo")(photos)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    x = layers.BatchNormalization(name="after_relu")(x)
    shared = layers.Conv2D(5, 1)(x)
    x = layers.BatchNormalization(name="of_a_convolution_used_twice")(shared)
    x = layers.Concatenate()([x, shared])
    x = layers.Conv2D(6, 3)(x)
    x = layers.BatchNormalization(scale=False, center=False, name="folded_with_bias")(x)
    x = layers.Conv2D(7, 3, use_bias=False, dilation_rate=2)(x)
    network = keras.Model(photos, layers.BatchNormalization(name="folded_without_bias")(x))
    for weight in network.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    folded = fold(network)
    assert normalisations(folded) == ["on_the_photo", "after_relu", "of_a_convolution_used_twice"]
    batch = rng.uniform(-1, 1, (2, 12, 12, 3)).astype(np.float32)
    np.testing.assert_allclose(folded.predict_on_batch(batch), network.predict_on_batch(batch), rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_forward_pass_is_the_network(trained, examples, name):
    network, _ = trained(name)
    expected = network.predict_on_batch(examples)
    exact = forward_pass(network, "float32")(examples)
    fastest = forward_pass(network)(examples)
    assert exact.dtype == fastest.dtype == np.float32
    np.testing.assert_allclose(exact, expected, rtol=1e-4, atol=1e-4)
    assert (fastest.argmax(-1) == expected.argmax(-1)).mean() >= 0.998


def test_forward_pass_keeps_the_weights_it_was_made_with(rng):
    network = build_network("unet", {"base_filters": 2})
    photos = rng.integers(0, 256, (1, 64, 32, 3), np.uint8)  # any size that the network takes
    forward = forward_pass(network)
    before = forward(photos)
    for weight in network.trainable_weights:
        weight.assign(weight + 1)
    assert (forward(photos) == before).all()
    assert (forward_pass(network)(photos) != before).any()


def blind(path, tensor, closed):
    """A weight that takes in nothing over the closed skip connections."""
    if any(path.startswith(f"score_{skip}/") for skip in closed):
        return np.zeros_like(tensor)
    if any(path == f"decoder{skip}_conv1/kernel" for skip in closed):
        tensor = tensor.copy()
        tensor[:, :, : tensor.shape[2] // 2] = 0  # the skip comes first
    return tensor


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, closed", [("fcn8", {"pool3"}), ("fcn8", {"pool3", "pool4"}), ("unet", {"2"}), ("unet", set())]
)
def test_a_closed_gate_silences_as_weights_of_nothing_do(trained, examples, name, closed):
    network, _ = trained(name)
    skips = anatomy_of(network, 128).skips
    run = gated(fold(network), [skip.joins for skip in skips])
    seen = run(examples[:2], [float(skip.short_name not in closed) for skip in skips])
    silenced = keras.models.clone_model(network)
    for weight in silenced.weights:
        weight.assign(blind(weight.path, tensors_of(network)[weight.path], closed))
    np.testing.assert_allclose(seen, silenced.predict_on_batch(examples[:2]), rtol=1e-3, atol=1e-3)
