"""What a network costs to run."""

import math
import time

import keras
import numpy as np

from seg.networks.forward import forward_pass


def multiply_adds(network: keras.Model, image_size: int) -> int:
    """Multiplications with addition in the kernels for one photo.

    Args:
        network: with inputs of any size.
        image_size: height and width of the photo, pixels.
    """
    fixed = keras.models.clone_model(network, input_tensors=keras.Input((image_size, image_size, 3)))
    return sum(_of_layer(layer) for layer in fixed.layers if isinstance(layer, _KNOWN))


def uncounted_layers(network: keras.Model) -> list[str]:
    """Layers with a kernel, of a kind that `multiply_adds` does not know, such as ``mixed (EinsumDense)``."""
    return [
        f"{layer.name} ({type(layer).__name__})"
        for layer in network.layers
        if not isinstance(layer, _KNOWN) and any(len(weight.shape) > 1 for weight in layer.weights)
    ]


_KNOWN = (
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.Dense,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


def _of_layer(layer):
    # A kernel is applied once per output pixel; transposed, once per input pixel.
    places = layer.input.shape if isinstance(layer, keras.layers.Conv2DTranspose) else layer.output.shape
    kernels = sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1)
    return math.prod(places[1:-1]) * kernels


def seconds_per_photo(network: keras.Model, image_size: int, repeats: int = 15) -> float:
    """Shortest time of a forward pass with one photo, as the app runs it, after a warm-up.

    Other work on the machine only ever adds to a time, so the shortest one says most about the network.
    """
    forward = forward_pass(network)
    photo = np.zeros((1, image_size, image_size, 3), np.uint8)
    for _ in range(3):
        forward(photo)
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        forward(photo)
        times.append(time.perf_counter() - started)
    return min(times)
