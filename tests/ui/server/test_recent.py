"""What is kept of a comparison, and for how long."""

from dataclasses import replace

import numpy as np
import pytest

from seg.errors import UserError
from seg.evaluation.metrics import class_shares, confusion_matrix
from seg.images.geometry import class_map_at
from seg.inference.comparison import Comparison, Segmentation
from seg.ui.server.recent import Look, RecentLooks, _Kept


def look(rng, width=40, height=30, network_size=16, truth=True, scores=None):
    seen = {}
    for name in ("fcn8", "unet"):
        logits = rng.normal(0, 3, (network_size, network_size, 3)).astype(np.float32)
        class_map = class_map_at(logits, width, height)
        seen[name] = Segmentation(name, logits, class_map, class_shares(class_map), 0.1)
    counts = confusion_matrix(*(each.class_map for each in seen.values()))
    true = rng.integers(0, 3, (height, width)).astype(np.uint8) if truth else None
    return Look("photo.jpg", width, height, Comparison(seen, counts, None), true, "boxer_26", scores or {})


def test_what_is_recalled_is_what_was_remembered(rng):
    recent, first = RecentLooks(), look(rng, scores={"unet": {"mean_iou": 0.7}})
    found = recent.recall(recent.remember(first))
    for name, seen in first.comparison.segmentations.items():
        assert (found.comparison.segmentations[name].class_map == seen.class_map).all()
        assert found.comparison.segmentations[name].shares == seen.shares
    assert (found.truth == first.truth).all() and found.comparison.agreement == first.comparison.agreement
    # Scores of the networks that were compared, whichever run now.
    assert found.test_scores == {"unet": {"mean_iou": 0.7}} and found.known_as == "boxer_26"
    assert found.known_truth is None
    own = look(rng)
    found = recent.recall(recent.remember(replace(first, truth=own.truth, known_truth=first.truth)))
    assert (found.truth == own.truth).all() and (found.known_truth == first.truth).all()


def test_recent_looks_are_bounded(rng):
    one = look(rng, truth=False)
    size = sum(seen.logits.nbytes for seen in one.comparison.segmentations.values())
    recent = RecentLooks(max_bytes=3 * size)
    keys = [recent.remember(one) for _ in range(3)]
    recent.recall(keys[0])
    recent.remember(one)  # pushes out the one that was not looked at for longest
    with pytest.raises(UserError, match="no longer on the server; choose it again"):
        recent.recall(keys[1])
    assert recent.recall(keys[0]) and recent.recall(keys[2])
    newest = recent.remember(look(rng, network_size=64))  # larger than all that fits
    assert recent.glance(newest).known_as == "boxer_26"
    with pytest.raises(UserError):
        recent.glance(keys[0])


def test_a_truth_that_is_the_known_one_counts_once(rng):
    told = look(rng)
    known = replace(told, known_truth=told.truth)
    size = _Kept(told).nbytes
    assert _Kept(known).nbytes == size > _Kept(replace(told, truth=None)).nbytes
    assert _Kept(replace(known, truth=look(rng).truth)).nbytes > size


def test_large_photos_of_one_visitor_do_not_throw_out_another_ones(rng):
    """Class maps of 12 megapixels would fill the memory after nine photos."""
    recent = RecentLooks()
    other = recent.remember(look(rng))
    large = look(rng, 4000, 3000, network_size=128, truth=False)
    for _ in range(30):
        recent.remember(large)
    assert recent.recall(other).width == 40
