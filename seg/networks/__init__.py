"""The networks by name: each is a file of this folder, which ends in its description.

One contract for all: RGB photos (n, h, w, 3), 0..255, h and w divisible by
32, in; float32 logits (n, h, w, classes) out, in the order of `seg.classes`.
Preprocessing is part of the network.
"""

import importlib
import os
import re
from pathlib import Path

import numpy as np

from seg.errors import UserError
from seg.networks.description import LARGEST_IMAGE_SIZE, STRIDE, Argument, Network

__all__ = ["LARGEST_IMAGE_SIZE", "NETWORKS", "STRIDE", "TITLES", "Argument", "Network"]

DEFAULT_PAIR = ("fcn8", "unet")
"""The networks that are trained and compared unless told otherwise, in this order."""


def _collected() -> dict[str, Network]:
    """The descriptions in this folder, the default pair first, then by name."""
    # Only files that have one are imported: the others need Keras, which takes seconds.
    files = [p for p in Path(__file__).parent.glob("*.py") if re.search("^NETWORK = ", p.read_text("utf-8"), re.M)]
    networks = [importlib.import_module(f"{__name__}.{file.stem}").NETWORK for file in files]
    found = {network.name: network for network in networks}
    return {name: found[name] for name in dict.fromkeys((*DEFAULT_PAIR, *sorted(found)))}


NETWORKS = _collected()
"""Each network's description by its name; the order is the order of display."""

TITLES = {name: network.title for name, network in NETWORKS.items()}
"""Each network's name as people write it."""


def chosen_pair() -> tuple[str, str]:
    """The two networks that are trained and compared, as ``NETWORKS=fcn8,unet`` in the environment says.

    Raises:
        UserError: it names others than two of those that are known.
    """
    given = os.environ.get("NETWORKS") or ",".join(DEFAULT_PAIR)
    names = tuple(name.strip() for name in given.split(","))
    if len(set(names)) != 2 or len(names) != 2 or not set(names) <= set(NETWORKS):
        raise UserError(
            f"NETWORKS is {given[:80]!r} in the environment; give two of {', '.join(NETWORKS)} with a comma between"
            " them, or leave it out."
        )
    return names


def build_network(name: str, arguments: dict):
    """Builds a network, untrained.

    Args:
        name: key of `NETWORKS`.
        arguments: of its builder.

    Returns:
        `keras.Model` that keeps the contract above.
    """
    import keras

    # Whatever stands in ~/.keras/keras.json.
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    return NETWORKS[name].build(**arguments)


def tensors_of(network) -> dict:
    """The network's weights as NumPy arrays by variable path, such as ``fc6/kernel``."""
    return {weight.path: np.asarray(weight.value) for weight in network.weights}
