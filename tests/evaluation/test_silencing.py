"""Which skip connections are silenced together, and what each is called then."""

import pytest

from seg.evaluation.silencing import silenced_variants
from seg.networks import build_network
from seg.networks.anatomy import anatomy_of


def names(network, arguments):
    skips = anatomy_of(build_network(network, arguments), 32).skips
    return {title: [skip.name for skip in gone] for title, gone in silenced_variants(network, skips).items()}


def test_fcn8_loses_pool3_first_then_pool4():
    assert names("fcn8", {"fc_filters": 2}) == {
        "FCN-8, whole": [],
        "FCN-16 (no pool3)": ["pool3"],
        "FCN-32 (no pool3, no pool4)": ["pool3", "pool4"],
    }


@pytest.mark.parametrize(("encoder", "levels"), [("plain", 4), ("vgg16", 5)])
def test_unet_loses_each_skip_alone_and_all(encoder, levels):
    skips = [f"skip {level}" for level in range(1, levels + 1)]
    assert names("unet", {"base_filters": 2, "encoder": encoder}) == {
        "U-Net, whole": [],
        **{f"U-Net without {skip}": [skip] for skip in skips},
        "U-Net without any skip": skips,
    }


@pytest.mark.parametrize(("network", "arguments"), [("fcn8", {"fc_filters": 2}), ("unet", {"base_filters": 2})])
def test_a_twin_without_skips_has_none_to_lose(network, arguments):
    assert list(names(network, arguments | {"skips": False}).values()) == [[]]
