"""How a trained network runs: as fast as this machine can."""

from collections.abc import Callable

import keras
import numpy as np

from seg.compilation import inference_precision
from seg.folding import fold


def forward_pass(network: keras.Model, precision: str | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """Prepares a network to run with the weights it has now.

    With TensorFlow the weights become constants of a graph, so that convolution,
    bias and ReLU run as one operation and weights are laid out for the processor
    once. Elsewhere Keras runs the network.

    Args:
        network: functional model from photos to logits, weights in float32.
        precision: of `seg.folding.fold`; by default the fastest one here.

    Returns:
        A function from photos, uint8 (n, h, w, 3) RGB 0..255, to logits,
        float32 (n, h, w, 3). It is not affected by later changes of the weights
        and may be called by several threads.
    """
    folded = fold(network, precision or inference_precision())
    if keras.backend.backend() != "tensorflow":
        return folded.predict_on_batch
    import tensorflow as tf

    weights = [[np.asarray(variable.value) for variable in kind] for kind in (folded.trainable_variables, folded.non_trainable_variables)]

    @tf.function(input_signature=[tf.TensorSpec((None, *folded.input.shape[1:]), tf.uint8)])
    def graph(photos):
        trainable, fixed = ([tf.constant(value) for value in kind] for kind in weights)
        return folded.stateless_call(trainable, fixed, photos, training=False)[0]

    concrete = graph.get_concrete_function()
    return lambda photos: concrete(tf.constant(photos, tf.uint8)).numpy()
