"""A photo on its way through a network, as pictures."""

from types import SimpleNamespace

import numpy as np

from seg.inference.feature_maps import LARGEST_PICTURE, SHOWN, feature_maps
from seg.networks.anatomy import Step


def segmenter_of(*features):
    """One whose steps have these features, arrays (h, w, n)."""
    steps = [Step(f"layer{place}", len(found), found.shape[-1]) for place, found in enumerate(features)]
    values = dict(zip((step.layer for step in steps), features))
    return SimpleNamespace(
        anatomy=SimpleNamespace(steps=steps), features=lambda photo, layers: [values[name] for name in layers]
    )


def test_the_features_that_vary_most_come_first_each_in_its_own_range():
    ramp = np.arange(16, dtype=np.float32).reshape(4, 4)
    features = np.stack([0 * ramp, 2 * ramp - 50, ramp, 9 * ramp, -3 * ramp, 0.5 * ramp], axis=-1)
    ((_, maps),) = feature_maps(segmenter_of(features), None)
    rising = np.round(255 * ramp / 15).astype(np.uint8)
    assert maps.dtype == np.uint8 and maps.shape == (SHOWN, 4, 4)
    for shown, expected in zip(maps, (rising, rising[::-1, ::-1], rising, rising)):
        assert (shown == expected).all()


def test_scores_stay_in_the_order_of_the_classes_and_large_steps_become_small():
    size = 2 * LARGEST_PICTURE
    scores = np.zeros((size, size, 3), np.float32)
    scores[: size // 2, :, 0], scores[:, :, 1], scores[:, : size // 2, 2] = 1, 5, 10
    ((_, maps),) = feature_maps(segmenter_of(scores), None)
    assert maps.shape == (3, LARGEST_PICTURE, LARGEST_PICTURE)
    assert maps[0][0, -1] == 255 and maps[0][-1, 0] == 0
    assert (maps[1] == 0).all()  # a feature that is the same everywhere
    assert maps[2][-1, 0] == 255 and maps[2][0, -1] == 0
