"""What a trained network does without one of its skip connections.

The network is disturbed, not retrained: the score says how much it relies on a
skip, not how good a network without it could have become.
"""

from seg.networks import NETWORKS
from seg.networks.anatomy import Skip


def silenced_variants(name: str, skips: list[Skip]) -> dict[str, list[Skip]]:
    """Which skip connections are silenced together.

    Where the paper has names for the network without its finest skips, these:
    FCN-8 without pool3 is its FCN-16, without pool4 too its FCN-32. Of other
    networks each skip alone, and all of them.

    Args:
        name: key of `seg.networks.NETWORKS`.
        skips: of the network, the finest first, as its anatomy has them.

    Returns:
        Those to silence by the variant's title, the whole network first.
    """
    network = NETWORKS[name]
    variants = {f"{network.title}, whole": []}
    if network.without:
        for count, title in enumerate(network.without[: len(skips)], start=1):
            variants[f"{title} ({', '.join(f'no {skip.name}' for skip in skips[:count])})"] = skips[:count]
    else:
        variants |= {f"{network.title} without {skip.name}": [skip] for skip in skips}
        if len(skips) > 1:
            variants[f"{network.title} without any skip"] = skips
    return variants
