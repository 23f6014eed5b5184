"""Drawings of networks show the steps and skip connections that these have."""

import re

import pytest

from seg.networks import build_network
from seg.networks.anatomy import anatomy_of
from seg.ui.about.drawings import draw


def words(drawn):
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn)


def test_fcn8_has_its_pools_its_skips_and_its_papers_names():
    drawn = words(draw("fcn8", anatomy_of(build_network("fcn8", {"fc_filters": 7, "enlarge": 1.5}), 128)))
    assert {"128 px", "192 px", "6 px", "7 features", "pool3: 256", "pool4: 512", "× 1.5", "÷ 1.5", "× 8"} <= set(drawn)
    assert [word for word in drawn if word.startswith(("pool", "FCN")) and ":" not in word] == [
        "FCN-32",
        "pool4",
        "FCN-16",
        "pool3",
        "FCN-8",
    ]


def test_unet_has_all_its_skips():
    drawn = words(draw("unet", anatomy_of(build_network("unet", {"base_filters": 5}), 256)))
    assert {"256 px", "16 px", "80 features"} <= set(drawn) and drawn.count("5 features") == 2
    assert {f"skip {level}" for level in (1, 2, 3, 4)} <= set(drawn) and not any("FCN" in word for word in drawn)


@pytest.mark.parametrize("name, argument", [("fcn8", "fc_filters"), ("unet", "base_filters")])
def test_without_skips_none_is_drawn_or_told(name, argument):
    drawn = draw(name, anatomy_of(build_network(name, {argument: 4, "skips": False}), 64))
    assert not {"pool3", "pool4", "skip 1", "FCN-8", "FCN-16"} & set(words(drawn))
    assert "There are no skip connections." in drawn


def test_what_each_skip_carries_is_told_to_who_cannot_see_it():
    drawn = draw("fcn8", anatomy_of(build_network("fcn8", {"fc_filters": 4}), 64))
    assert "pool4 carries 512 features of 4 pixels, which are scored and added to the scores there" in drawn
