"""What a trained network does without one of its skip connections.

The network is disturbed, not retrained: the score says how much it relies on a
skip, not how good a network without it could have become.
"""

import numpy as np

from seg.networks.vgg16 import BLOCKS

# Of a U-Net whose encoder is VGG-16; its own has one less.
_MOST_LEVELS = len(BLOCKS)


def silenced_variants(name: str, tensors: dict) -> dict:
    """The weights of a network with skip connections silenced.

    FCN-8 adds the class scores of pool3 and pool4; without the first it is the
    FCN-16 of the paper, without both the FCN-32. U-Net concatenates; a skip is
    silenced where the convolution behind it gives its channels no weight.

    Args:
        name: key of `seg.networks.TITLES`.
        tensors: as `seg.networks.tensors_of` returns them.

    Returns:
        Tensors by the variant's title, the whole network first.
    """
    if name == "fcn8":
        stride16 = _zeroed(tensors, "score_pool3/kernel", "score_pool3/bias")
        stride32 = _zeroed(stride16, "score_pool4/kernel", "score_pool4/bias")
        return {"FCN-8, whole": tensors, "FCN-16 (no pool3)": stride16, "FCN-32 (no pool3, no pool4)": stride32}
    variants = {"U-Net, whole": tensors}
    levels = [level for level in range(1, _MOST_LEVELS + 1) if f"decoder{level}_conv1/kernel" in tensors]
    without = {level: _without_skip(tensors, level) for level in levels}
    for level, silenced in without.items():
        variants[f"U-Net without skip {level}"] = silenced
    everything = tensors
    for level in levels:
        everything = _without_skip(everything, level)
    return variants | {"U-Net without any skip": everything}


def _zeroed(tensors, *names):
    return tensors | {name: np.zeros_like(tensors[name]) for name in names}


def _without_skip(tensors, level):
    name = f"decoder{level}_conv1/kernel"
    kernel = tensors[name].copy()
    # The skip comes first, see `seg.networks.unet`; what was upsampled has as many channels as the output.
    kernel[:, :, : kernel.shape[2] - kernel.shape[3]] = 0
    return tensors | {name: kernel}
