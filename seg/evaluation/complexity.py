"""What a network costs to run."""

import math
import timeit
from collections.abc import Callable

import keras
import numpy as np


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


def seconds_per_photo(forward: Callable[[np.ndarray], np.ndarray], image_size: int) -> float:
    """Shortest time that one photo takes, the first ones left out.

    Other work on the machine only ever adds to a time, so the shortest one says most about the network.

    Args:
        forward: as `seg.networks.forward.forward_pass` returns it.
        image_size: height and width of the photo, pixels.
    """
    photo = np.zeros((1, image_size, image_size, 3), np.uint8)
    times = timeit.repeat(lambda: forward(photo), number=1, repeat=3 + 15)
    return min(times[3:])
