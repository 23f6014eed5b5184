"""Both networks on one photo, whole and without some of their skip connections."""

import numpy as np
import pytest

from seg.errors import UserError
from seg.inference.comparison import Networks

from repository import EXAMPLES, save_tiny_networks

PHOTO = EXAMPLES / "boxer_26.jpg"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    save_tiny_networks(folder, {"fcn8": {"fc_filters": 4}, "unet": {"base_filters": 2}})
    return Networks(folder, "here")


def test_only_the_networks_that_are_named_lose_their_skips(networks):
    whole = networks.compare(PHOTO).segmentations
    without = networks.compare(PHOTO, without=["unet.4", "unet.1"]).segmentations
    assert without["unet"].without == ("4", "1") and without["fcn8"].without == ()
    np.testing.assert_array_equal(without["fcn8"].logits, whole["fcn8"].logits)
    assert np.abs(without["unet"].logits - whole["unet"].logits).max() > 1e-3
    disturbed = networks.disturbed(PHOTO, ["unet.4", "unet.1"])
    assert list(disturbed) == ["unet"]
    np.testing.assert_array_equal(disturbed["unet"].logits, without["unet"].logits)


def test_an_unknown_skip_is_one_sentence(networks):
    with pytest.raises(UserError, match=r"^There is no skip connection 'pool4'; there are fcn8\.pool3, "):
        networks.compare(PHOTO, without=["pool4"])
