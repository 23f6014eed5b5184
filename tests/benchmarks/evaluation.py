"""Scoring a split against `model.predict` in a loop.

What `seg.evaluation.evaluate` does for each batch; preparing the forward pass, seconds
that vanish among 3,669 photos, comes before.
"""

from pictures import ROOT, squares
from timing import at_least

PHOTOS, BATCH_SIZE, LOOP, PAIRS = 32, 32, 8, 7
"""Photos that we score, and that the loop does, in one go; and how often."""


def rows():
    from seg.evaluation.metrics import confusion_matrix
    from seg.networks import TITLES
    from seg.networks.forward import forward_pass
    from seg.networks.weights import load_network

    for name, title in TITLES.items():
        network, config = load_network(ROOT / "weights" / name)
        photos, masks = squares(PHOTOS, config["image_size"])
        forward = forward_pass(network)

        def ours(photos=photos, masks=masks, forward=forward):
            batches = [slice(start, start + BATCH_SIZE) for start in range(0, PHOTOS, BATCH_SIZE)]
            return sum(confusion_matrix(masks[batch], forward(photos[batch]).argmax(-1)) for batch in batches)

        def theirs(photos=photos, masks=masks, network=network):
            return sum(
                confusion_matrix(masks[i : i + 1], network.predict(photos[i : i + 1], verbose=0).argmax(-1))
                for i in range(LOOP)
            )

        yield at_least(
            f"evaluation, {title}", "`model.predict` photo by photo", 2.5, ours, theirs, (PHOTOS, LOOP), PAIRS
        )
