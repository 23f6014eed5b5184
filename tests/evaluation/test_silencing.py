"""Which weights a silenced skip connection loses: its own, and no others."""

import numpy as np
import pytest

from seg.evaluation.silencing import silenced_variants

SCORES = ("score_pool3/kernel", "score_pool3/bias", "score_pool4/kernel", "score_pool4/bias")


def changed(variant, tensors):
    return {name for name in tensors if not np.array_equal(variant[name], tensors[name])}


def test_fcn8_loses_pool3_first_then_pool4():
    tensors = {name: np.ones((1, 1, 4, 3)) for name in (*SCORES, "score_fc7/kernel", "block4_conv1/kernel")}
    whole, stride16, stride32 = silenced_variants("fcn8", tensors).values()
    assert changed(whole, tensors) == set()
    assert changed(stride16, tensors) == {"score_pool3/kernel", "score_pool3/bias"}
    assert changed(stride32, tensors) == set(SCORES)
    assert not any(stride32[name].any() for name in SCORES)


def test_unet_loses_the_half_that_comes_over_the_skip():
    tensors = {f"decoder{level}_conv1/kernel": np.ones((3, 3, 8, 4)) for level in (1, 2, 3, 4)}
    tensors |= {"decoder1_conv2/kernel": np.ones((3, 3, 4, 4))}
    variants = silenced_variants("unet", tensors)
    for level in (1, 2, 3, 4):
        silenced = variants[f"U-Net without skip {level}"]
        assert changed(silenced, tensors) == {f"decoder{level}_conv1/kernel"}
        kernel = silenced[f"decoder{level}_conv1/kernel"]
        assert not kernel[:, :, :4].any() and (kernel[:, :, 4:] == 1).all()
    nothing = variants["U-Net without any skip"]
    assert changed(nothing, tensors) == {f"decoder{level}_conv1/kernel" for level in (1, 2, 3, 4)}


def test_a_skip_wider_than_what_is_upsampled_is_lost_whole():
    """VGG-16 as the encoder: five levels, 64 channels of the first skip beside 32."""
    tensors = {f"decoder{level}_conv1/kernel": np.ones((3, 3, 96, 32)) for level in (1, 2, 3, 4, 5)}
    variants = silenced_variants("unet", tensors)
    assert len(variants) == 1 + 5 + 1
    kernel = variants["U-Net without skip 5"]["decoder5_conv1/kernel"]
    assert not kernel[:, :, :64].any() and (kernel[:, :, 64:] == 1).all()


@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_the_given_weights_stay_as_they_are(name):
    tensors = {
        key: np.ones((1, 1, 4, 3)) for key in (*SCORES, *(f"decoder{level}_conv1/kernel" for level in (1, 2, 3, 4)))
    }
    silenced_variants(name, tensors)
    assert all((tensor == 1).all() for tensor in tensors.values())
