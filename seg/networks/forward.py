"""How a trained network runs: as fast as this machine can."""

from collections.abc import Callable

import keras
import numpy as np

from seg.networks.anatomy import sources_of
from seg.networks.compilation import inference_precision
from seg.networks.folding import fold


def forward_pass(network: keras.Model, precision: str | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """Prepares a network to run with the weights it has now.

    With TensorFlow a traced graph runs, in which convolution, bias and ReLU are
    one operation. Its weights stay variables: as constants they would be laid
    out for the processor only once, a tenth faster, but TensorFlow keeps five
    copies of a graph's constants, 0.6 GB for both networks.

    Args:
        network: functional model from photos to logits, weights in float32.
        precision: of `seg.networks.folding.fold`; by default the fastest one here.

    Returns:
        A function from photos, uint8 (n, h, w, 3) RGB 0..255, to logits,
        float32 (n, h, w, 3). It is not affected by later changes of the weights
        and may be called by several threads.
    """
    return compiled(fold(network, precision or inference_precision()))


def compiled(folded: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """What `forward_pass` returns, of a network that `seg.networks.folding.fold` has folded."""
    if keras.backend.backend() != "tensorflow":
        return folded.predict_on_batch
    return _graph(lambda photos: folded(photos, training=False), ((None, *folded.input.shape[1:]), "uint8"))


def gated(folded: keras.Model, joins: list[tuple[str, int]]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A second way through a network, on the same weights, on which inputs of some layers pass a gate.

    Args:
        folded: as of `compiled`, whose graph stays as it is: without gates.
        joins: of each gate the layer's name and the place among its inputs, see `seg.networks.anatomy.Skip`.

    Returns:
        A function from photos as `forward_pass` takes them, and gates, float32 (len(joins),), of which 0 silences
        and 1 lets through, to logits.
    """
    ops, gate_of = keras.ops, {join: number for number, join in enumerate(joins)}

    def run(photos, gates):
        made = {}
        for layer in folded.layers:
            if isinstance(layer, keras.layers.InputLayer):
                made[layer.name] = ops.cast(photos, "float32")
                continue
            inputs = [made[source.name] for source in sources_of(layer)]
            for place, given in enumerate(inputs):
                if (gate := gate_of.get((layer.name, place))) is not None:
                    inputs[place] = given * ops.cast(gates[gate], given.dtype)
            made[layer.name] = layer(inputs if len(inputs) > 1 else inputs[0])
        return made[folded.output_names[0]]

    if keras.backend.backend() != "tensorflow":
        return lambda photos, gates: ops.convert_to_numpy(run(photos, gates))
    return _graph(run, ((None, *folded.input.shape[1:]), "uint8"), ((len(joins),), "float32"))


def _graph(run, *signature):
    """A function of tensors as a TensorFlow graph from arrays of these shapes and types to an array."""
    import tensorflow as tf

    specs = [tf.TensorSpec(shape, dtype) for shape, dtype in signature]
    # No Python of this project is in the graph: nothing for autograph to translate.
    graph = tf.function(run, input_signature=specs, autograph=False).get_concrete_function()
    return lambda *arrays: graph(*(tf.constant(array, spec.dtype) for array, spec in zip(arrays, specs))).numpy()


def flip_averaged(forward: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Averages the logits of each photo and of its mirror image, mirrored back; twice the work.

    Args:
        forward: as `forward_pass` returns it.

    Returns:
        A function of the same contract.
    """

    def averaged(photos):
        mirrored = forward(np.ascontiguousarray(photos[:, :, ::-1]))
        return (forward(photos) + mirrored[:, :, ::-1]) / 2

    return averaged


def outputs_of(folded: keras.Model, names: list[str], photo: np.ndarray) -> list[np.ndarray]:
    """What some of a network's layers make of one photo; not compiled, for a look now and then.

    Args:
        folded: as of `compiled`.
        names: of its layers.
        photo: uint8 (h, w, 3) RGB 0..255.

    Returns:
        float32 array (h, w, features) for each, sizes as the layer has them.
    """
    inner = keras.Model(folded.inputs, [folded.get_layer(name).output for name in names])
    outputs = inner([photo[np.newaxis]], training=False)
    return [np.asarray(keras.ops.cast(output, "float32"))[0] for output in outputs]
