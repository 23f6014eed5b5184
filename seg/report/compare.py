"""The contest: who is ahead, by how much and how surely, and where."""

import numpy as np

from seg.evaluation.confidence import CLEAR_LEAD
from seg.evaluation.contest import mean_ious, paired_bootstrap, pixel_accuracies, share_of_wins
from seg.report.sizes import PUBLISHED_SIZE, larger_copies

SHOWN_PHOTOS = 10
"""How many extremes of each kind the report names and shows."""
_SMALLEST_BREED = 20


def compare_networks(confusions: dict, disputed: np.ndarray, photos) -> dict:
    """Compares two networks on the same photos.

    Args:
        confusions: int array (photos, 3, 3) by network name, rows are the truth.
        disputed: as `seg.report.measure.measure_test` returns it.
        photos: the test split.

    Returns:
        What ``report.json`` has as ``contest``.
    """
    order = list(confusions)
    first, second = confusions.values()
    each = {name: mean_ious(found) for name, found in confusions.items()}
    ahead = each[order[0]] - each[order[1]]
    larger = larger_copies(photos)

    def by_group(groups, smallest=1):
        """Scores of the photos of each species or breed that has so many."""
        found = {}
        for group in sorted(set(groups)):
            places = np.flatnonzero(np.array(groups) == group)
            if len(places) >= smallest:
                scores = {name: float(mean_ious(counts[places].sum(0))) for name, counts in confusions.items()}
                found[group] = {"photos": len(places), **scores, "wins": share_of_wins(first[places], second[places])}
        return found

    def lowest(values):
        """The photos with the lowest of these values, the lowest first."""
        return [
            {
                "index": int(index),
                "file_name": photos.file_names[index],
                "mean_iou": {name: float(scores[index]) for name, scores in each.items()},
            }
            for index in np.argsort(values, kind="stable")[:SHOWN_PHOTOS]
        ]

    return {
        "order": order,
        "mean_iou": paired_bootstrap(first, second),
        "pixel_accuracy": paired_bootstrap(first, second, pixel_accuracies),
        "wins": share_of_wins(first, second),
        "larger_copies": {
            "longer_than": PUBLISHED_SIZE,
            "photos": len(larger),
            "mean_iou": paired_bootstrap(first[larger], second[larger]) if larger else None,
        },
        "surer": surer_and_closer(order, disputed, ahead),
        "species": by_group(photos.species),
        "breeds": by_group(photos.breeds, _SMALLEST_BREED),
        "most_different": lowest(-np.abs(ahead)),
        "worst": {name: lowest(scores) for name, scores in each.items()},
    }


def surer_and_closer(order: list[str], disputed: np.ndarray, ahead: np.ndarray) -> dict:
    """For each network: where it is clearly the surer one, how often is it the closer one to the truth?

    Of each by itself, since one network's lead may mean much and the other's nothing.

    Args:
        order: names of both networks.
        disputed: float array (photos, 2), how sure each is where they differ, NaN where they do not.
        ahead: float array (photos,), mean IoU of the first less that of the second.

    Returns:
        ``{"least_lead": 0..1, "networks": {name: {"photos", "closer": 0..1 or None for no photo}}}``. Photos on
        which both are equally close do not count.
    """
    lead = np.nan_to_num(disputed[:, 0] - disputed[:, 1])
    found = {}
    for name, sign in zip(order, (1, -1)):
        clear = (sign * lead >= CLEAR_LEAD) & (ahead != 0)
        closer = float((sign * ahead[clear] > 0).mean()) if clear.any() else None
        found[name] = {"photos": int(clear.sum()), "closer": closer}
    return {"least_lead": CLEAR_LEAD, "networks": found}
