"""The networks by name.

One contract for all: RGB photos (n, h, w, 3), 0..255, h and w divisible by
32, in; float32 logits (n, h, w, 3) out, in the order of `seg.classes`.
Preprocessing is part of the network.
"""

import inspect

from seg.networks.fcn8 import build_fcn8
from seg.networks.unet import build_unet

NETWORKS = {"fcn8": build_fcn8, "unet": build_unet}
"""Builder of each network; the order is the order of display."""

TITLES = {"fcn8": "FCN-8", "unet": "U-Net"}
"""Each network's name as people write it."""

STRIDE = 32
"""Height and width of a network's input are multiples of this."""


def default_arguments(name: str) -> dict:
    """The arguments with which ``NETWORKS[name]`` builds unless told otherwise."""
    return {key: p.default for key, p in inspect.signature(NETWORKS[name]).parameters.items()}
