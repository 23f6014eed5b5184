"""The networks by name.

One contract for all: RGB photos (n, h, w, 3), 0..255, h and w divisible by
32, in; float32 logits (n, h, w, 3) out, in the order of `seg.classes`.
Preprocessing is part of the network.
"""

import numpy as np

TITLES = {"fcn8": "FCN-8", "unet": "U-Net"}
"""Each network's name as people write it; the order is the order of display."""

DEFAULT_ARGUMENTS = {
    "fcn8": {"fc_filters": 512, "dropout_rate": 0.5},
    "unet": {"base_filters": 32, "dropout_rate": 0.3},
}
"""Arguments of each network's builder unless told otherwise."""

UNET_ENCODERS = ("plain", "vgg16")
"""U-Net's own encoder, and the convolutions of VGG-16; weights that do not say have the first."""

STRIDE = 32
"""Height and width of a network's input are multiples of this."""


LARGEST_IMAGE_SIZE = 1024
LARGEST_WIDTHS = {"fc_filters": 4096, "base_filters": 128}
"""Largest input, pixels, and widths: either network then has at most 134 million
parameters, so that no config makes a machine run out of memory."""


FCN8_LEAST_SIZE = 192
"""To this height and width FCN-8 scales smaller photos up, unless told otherwise."""


def is_enlargeable(image_size: int, factor: float) -> bool:
    """Whether FCN-8 can scale photos of ``image_size`` pixels up by ``factor``."""
    enlarged = image_size * factor
    return image_size <= enlarged <= LARGEST_IMAGE_SIZE and enlarged % STRIDE == 0


def build_network(name: str, arguments: dict):
    """Builds a network, untrained.

    Args:
        name: key of `TITLES`.
        arguments: of `seg.networks.fcn8.build_fcn8` or `seg.networks.unet.build_unet`.

    Returns:
        `keras.Model` that keeps the contract above.
    """
    # Keras takes seconds to import, which a command line should not wait for.
    import keras

    # Whatever stands in ~/.keras/keras.json.
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    if name == "fcn8":
        from seg.networks.fcn8 import build_fcn8 as build
    else:
        from seg.networks.unet import build_unet as build
    return build(**arguments)


def tensors_of(network) -> dict:
    """The network's weights as NumPy arrays by variable path, such as ``fc6/kernel``."""
    return {weight.path: np.asarray(weight.value) for weight in network.weights}
