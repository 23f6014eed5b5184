"""Makes sure, before anybody spends a night on it, that a network can be run as everything after training runs it."""

import re

import numpy as np

from seg.classes import NUM_CLASSES
from seg.errors import UserError
from seg.networks import LARGEST_IMAGE_SIZE, NETWORKS, STRIDE, build_network
from seg.networks.anatomy import anatomy_of
from seg.networks.forward import forward_pass


def check_contract(name: str, arguments: dict, image_size: int) -> None:
    """Builds a network, reads its parts and runs it on a photo of another size than the one that it is trained at.

    Args:
        name, arguments: as of `seg.networks.build_network`.
        image_size: height and width of the training photos, pixels.

    Raises:
        UserError: it breaks the contract of `seg.networks`.
    """
    described = NETWORKS[name]
    sizes = (size for size in range(2 * STRIDE, LARGEST_IMAGE_SIZE + 1, STRIDE) if size != image_size)
    size = next(size for size in sizes if described.problem(arguments, size) is None)
    try:
        network = build_network(name, arguments)
        anatomy_of(network, size)
        logits = forward_pass(network, "float32")(np.zeros((1, size, size, 3), np.uint8))
    except Exception as error:  # a network's own code raises whatever it likes
        layer = re.search(r"when calling (\w+)", str(error))
        where = f"its layer {layer[1]} raises" if layer else "it raises"
        raise UserError(
            f"{described.title} cannot be trained: on photos of {size} x {size} pixels, which it must take too,"
            f" {where} {type(error).__name__}; build it for photos of any size."
        ) from error
    if logits.shape != (1, size, size, NUM_CLASSES) or logits.dtype != np.float32:
        raise UserError(
            f"{described.title} cannot be trained: for photos of shape (1, {size}, {size}, 3) it gives {logits.dtype}"
            f" of shape {logits.shape} instead of float32 logits of shape {(1, size, size, NUM_CLASSES)}."
        )
