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
    groups = {"species": _groups(photos.species), "breeds": _groups(photos.breeds)}
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
        **{
            kind: {
                group: {
                    "photos": len(places),
                    **{name: float(mean_ious(found[places].sum(0))) for name, found in confusions.items()},
                    "wins": share_of_wins(first[places], second[places]),
                }
                for group, places in sorted(found_groups.items())
                if kind == "species" or len(places) >= _SMALLEST_BREED
            }
            for kind, found_groups in groups.items()
        },
        "most_different": [_photo(photos, each, i) for i in np.argsort(-np.abs(ahead), kind="stable")[:SHOWN_PHOTOS]],
        "worst": {
            name: [_photo(photos, each, i) for i in np.argsort(each[name], kind="stable")[:SHOWN_PHOTOS]]
            for name in order
        },
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


def _photo(photos, mean_ious_by_network, index):
    scores = {name: float(values[index]) for name, values in mean_ious_by_network.items()}
    return {"index": int(index), "file_name": photos.file_names[index], "mean_iou": scores}


def _groups(names):
    groups = {}
    for place, name in enumerate(names):
        groups.setdefault(name, []).append(place)
    return groups
