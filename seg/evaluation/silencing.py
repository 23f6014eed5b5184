"""What a trained network does without one of its skip connections.

The network is disturbed, not retrained: the score says how much it relies on a
skip, not how good a network without it could have become.
"""

from collections.abc import Iterable

from seg.networks import NETWORKS, SkipConnection


def silenced(tensors: dict, skips: Iterable[SkipConnection]) -> dict:
    """The weights of a network with some skip connections silenced.

    Args:
        tensors: as `seg.networks.tensors_of` returns them.
        skips: some of `seg.networks.Network.skips_in` of these tensors.
    """
    return tensors | {name: skip.silenced(tensors[name]) for skip in skips for name in skip.tensors}


def silenced_variants(name: str, tensors: dict) -> dict:
    """The weights of a network with skip connections silenced.

    Where the paper has names for the network without its finest skips, these:
    FCN-8 without pool3 is its FCN-16, without pool4 too its FCN-32. Of other
    networks each skip alone, and all of them.

    Args:
        name: key of `seg.networks.NETWORKS`.
        tensors: as `seg.networks.tensors_of` returns them.

    Returns:
        Tensors by the variant's title, the whole network first.
    """
    network = NETWORKS[name]
    skips = network.skips_in(tensors)
    variants = {f"{network.title}, whole": []}
    if network.without:
        for count, title in zip(range(1, len(skips) + 1), network.without):
            variants[f"{title} ({', '.join(f'no {skip.name}' for skip in skips[:count])})"] = skips[:count]
    else:
        variants |= {f"{network.title} without {skip.name}": [skip] for skip in skips}
        if len(skips) > 1:
            variants[f"{network.title} without any skip"] = skips
    return {title: silenced(tensors, gone) for title, gone in variants.items()}
