"""What is read from a network is what its layers compute."""

import numpy as np
import pytest

from seg.networks import build_network
from seg.networks.anatomy import anatomy_of
from seg.networks.forward import outputs_of

NETWORKS = {
    "fcn8": ("fcn8", {"fc_filters": 5}, 64),
    "fcn8 enlarged": ("fcn8", {"fc_filters": 5, "enlarge": 1.5}, 64),
    "fcn32": ("fcn8", {"fc_filters": 5, "skips": False}, 64),
    "unet": ("unet", {"base_filters": 2}, 64),
    "unet without skips": ("unet", {"base_filters": 2, "skips": False}, 32),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_each_step_has_the_size_of_what_its_layer_computes(case):
    name, arguments, size = NETWORKS[case]
    network = build_network(name, arguments)
    anatomy = anatomy_of(network, size)
    outputs = outputs_of(network, [step.layer for step in anatomy.steps], np.zeros((size, size, 3), np.uint8))
    assert [output.shape for output in outputs] == [(step.size, step.size, step.features) for step in anatomy.steps]
    assert (anatomy.photo.size, anatomy.photo.features, anatomy.scores.size, anatomy.scores.features) == (size, 3) * 2


@pytest.mark.parametrize("case", NETWORKS)
def test_skips_are_what_the_networks_papers_call_them(case):
    name, arguments, size = NETWORKS[case]
    anatomy = anatomy_of(build_network(name, arguments), size)
    told = [(skip.name, skip.carried.size, skip.carried.features, skip.is_copied) for skip in anatomy.skips]
    enlarged = round(size * arguments.get("enlarge", 1))
    assert told == {
        "fcn8": [("pool3", enlarged // 8, 256, False), ("pool4", enlarged // 16, 512, False)],
        "unet": [(f"skip {level}", size >> (level - 1), 2 << (level - 1), True) for level in (1, 2, 3, 4)],
    }[name] * arguments.get("skips", True)
