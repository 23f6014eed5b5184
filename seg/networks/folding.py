"""A trained network made ready to run: batch normalisation folded, hidden layers in the fastest precision."""

import keras
import numpy as np
from keras import layers


def fold(network: keras.Model, precision: str = "float32") -> keras.Model:
    """Copies a trained network without its batch normalisations, for inference.

    What batch normalisation does after training, a multiplication and an
    addition for each channel, the kernel and the bias of the convolution before
    it can do as well. In float32 logits stay the same up to rounding.

    Args:
        network: functional model.
        precision: ``"float32"`` or ``"bfloat16"``, of the hidden layers: of all
            that make neither photos nor class scores.

    Returns:
        A network of the same layers, less the normalisations, with weights of
        its own; float32 logits.
    """
    norms = {
        convolution.name: layer
        for layer in network.layers
        if isinstance(layer, layers.BatchNormalization) and (convolution := _normalised_alone(layer)) is not None
    }
    gone = {norm.name for norm in norms.values()}
    # Photos and class scores stay in float32 whatever the precision; so does all that has no more channels.
    few_channels = max(network.input.shape[-1], network.output.shape[-1])

    def copy_layer(layer):
        config = layer.get_config()
        config["dtype"] = "float32" if layer.output.shape[-1] <= few_channels else precision
        if "kernel_initializer" in config:
            config["kernel_initializer"] = "zeros"  # random numbers take their time, and are replaced below
        if layer.name in norms:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call_layer(layer, inputs, **kwargs):
        return inputs if layer.name in gone else layer(inputs, **kwargs)

    folded = keras.models.clone_model(network, clone_function=copy_layer, call_function=call_layer)
    for layer in network.layers:
        if layer.weights and layer.name not in gone:
            weights = _folded_weights(layer, norms[layer.name]) if layer.name in norms else layer.get_weights()
            folded.get_layer(layer.name).set_weights(weights)
    return folded


def _normalised_alone(norm):
    """The convolution whose output goes to this normalisation and nowhere else, or None."""
    source = norm.input._keras_history.operation
    fits = (
        type(source) is layers.Conv2D
        and source.activation is keras.activations.linear
        and len(source._outbound_nodes) == 1
    )
    return source if fits else None


def _folded_weights(convolution, norm):
    """Kernel (h, w, in, out) and bias (out,) that do what both do."""
    scale = 1 / np.sqrt(_values(norm.moving_variance) + norm.epsilon)
    if norm.scale:
        scale = scale * _values(norm.gamma)
    bias = (_values(convolution.bias) if convolution.use_bias else 0) - _values(norm.moving_mean)
    bias = bias * scale + (_values(norm.beta) if norm.center else 0)
    return [_values(convolution.kernel) * scale, bias]


def _values(weight):
    return np.asarray(weight.value, np.float64)
