"""The numbers of a comparison, each network's by its own temperature."""

import numpy as np
import pytest

from seg.inference.comparison import Comparison, Segmentation
from seg.inference.numbers import numbers_of


def segmentation(name, probabilities):
    logits = np.log(np.array(probabilities, np.float32))
    class_map = logits.argmax(-1).astype(np.uint8)
    return Segmentation(name, logits, class_map, {}, 0.1)


@pytest.fixture
def comparison():
    """One pixel on which both are 16 : 1 sure, and differ; the report has temperatures of 2 and 1."""
    seen = {
        "fcn8": segmentation("fcn8", [[[16 / 18, 1 / 18, 1 / 18]]]),
        "unet": segmentation("unet", [[[1 / 18, 16 / 18, 1 / 18]]]),
    }
    temperatures = {"fcn8": 2.0, "unet": 1.0}
    report = {"networks": {name: {"calibration": {"temperature": t}} for name, t in temperatures.items()}}
    return Comparison(seen, np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]), report)


def test_each_network_is_as_sure_as_its_own_temperature_says(comparison):
    first, second = (network["confidence"] for network in numbers_of(comparison)["networks"])
    assert first["photo"] == first["disputed"] == pytest.approx(4 / 6)  # the square root of 16, 1 and 1
    assert second["photo"] == second["disputed"] == pytest.approx(16 / 18)
    assert first["calibrated"] and second["calibrated"]


def test_networks_of_different_sizes_are_compared_where_they_differ():
    """One sees the photo as 2 x 2 pixels, the other as one: they differ on its left half."""
    pet, background = [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]
    seen = {
        "fcn8": segmentation("fcn8", [[pet, background], [pet, background]]),
        "unet": segmentation("unet", [[background]]),
    }
    first, second = (network["confidence"] for network in numbers_of(Comparison(seen, None, None))["networks"])
    assert first["disputed"] == pytest.approx(0.8) and second["disputed"] == pytest.approx(0.7)


def test_without_a_report_the_probabilities_are_raw(comparison):
    raw = Comparison(comparison.segmentations, comparison.counts, None)
    for network in numbers_of(raw)["networks"]:
        assert network["confidence"]["photo"] == pytest.approx(16 / 18)
        assert not network["confidence"]["calibrated"]
