"""Why one network is ahead, in sentences that follow from the report."""

from seg.report.contest_in_words import lead_in_words
from seg.report.reasons import not_measured, reasons

CONFIGS = {
    "fcn8": {"training": {"pretrained_layers": ["block1_conv1", "block1_conv2"]}},
    "unet": {"training": {"pretrained_layers": []}},
}


def report(**parts):
    return {"contest": {"order": ["fcn8", "unet"], "mean_iou": {"difference": -0.02}}} | parts


def trials(*changes):
    return {"changes": [{"network": n, "change": c, "gained": {"mean_iou": g}} for n, c, g in changes]}


def twin(network, skips, mean_iou, seed=0):
    return {"network": network, "skips": skips, "seed": seed, "mean_iou": mean_iou}


def test_each_reason_follows_from_what_was_measured():
    measured = report(
        trials=trials(("fcn8", "encoder at random, unit variance", -0.09), ("unet", "twice the epochs", 0.049)),
        twins=[twin("fcn8", True, 0.6), twin("fcn8", False, 0.4), twin("unet", True, 0.6), twin("unet", False, 0.5)],
    )
    start, skips, time = reasons(measured, CONFIGS, {"fcn8": 6, "unet": 20})
    assert (
        "FCN-8 started with 2 of VGG-16's 13 convolutions pretrained on ImageNet and U-Net started at random" in start
    )
    assert "cost FCN-8 0.090 mean IoU" in start
    assert "+0.200 mean IoU to FCN-8 and +0.100 mean IoU to U-Net, so they alone do not put U-Net ahead" in skips
    assert "FCN-8 for 6 epochs and U-Net for 20 epochs" in time and "worth +0.049 mean IoU to U-Net" in time
    assert "wholly pretrained encoder" in not_measured(measured, CONFIGS)


def effect(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01, "by_seed": [value - 0.05, value + 0.05]}


def test_the_two_by_two_tells_start_and_decoder_apart():
    two_by_two = {
        "settings": {"photos": 1600, "epochs": 1, "batch_size": 8},
        "cells": [effect(0.5), effect(0.6)],
        "start": {"fcn8": effect(0.11), "unet": effect(0.18)},
        "decoder": {"imagenet": effect(0.17), "random": effect(-0.04)},
        "skips": {"fcn8": effect(0.08), "unet": effect(0.22)},
    }
    twins = [twin(name, skips, 0.4 + 0.1 * skips) for name in CONFIGS for skips in (True, False)]
    measured = report(trials=trials(("fcn8", "encoder at random", -0.09)), twins=twins, two_by_two=two_by_two)
    start, skips, _ = reasons(measured, CONFIGS, {})
    assert "+0.110 mean IoU to FCN-8's and +0.180 mean IoU to U-Net's decoder" in start
    assert "0.090" not in start, "the trial had five pretrained layers, not thirteen"
    assert (
        "skip connections are worth +0.080 to FCN-8's decoder and +0.220 to U-Net's decoder, and U-Net's decoder instead"
        " of FCN-8's +0.170 and −0.040 (if it is not pretrained)" in skips
    )
    assert "trainings of 200 steps, in which seeds of one network lie up to 0.100 apart" in not_measured(measured, {})


def test_who_gains_more_by_its_own_skips_may_be_ahead_by_them():
    twins = [twin("fcn8", True, 0.5), twin("fcn8", False, 0.45), twin("unet", True, 0.7), twin("unet", False, 0.5)]
    assert "so U-Net gains more by its own" in reasons(report(twins=twins), CONFIGS, {})[1]


def test_what_was_not_measured_is_not_claimed():
    start, skips, time = reasons(report(twins=[twin("fcn8", True, 0.6)]), CONFIGS, {})
    assert "not measured" in start and "not measured" in skips and "not measured" in time and "not known" in time
    whole = {"fcn8": {"training": {"pretrained_layers": [str(i) for i in range(13)]}}}
    assert not_measured(report(), whole) == ""


def test_who_has_the_higher_score_how_often():
    gap = {"difference": 0.02, "low": 0.01, "high": 0.03}
    told = lead_in_words(
        {"contest": {"order": ["fcn8", "unet"], "mean_iou": gap, "wins": {"first": 0.481, "second": 0.519}}}
    )
    assert "0.020 mean IoU (95 % interval 0.010 to 0.030" in told
    assert "48 %" in told and "52 %" in told


def test_what_a_wholly_pretrained_encoder_would_bring_is_open_where_one_is_pretrained_in_part_alone():
    sentence = "How far a wholly pretrained encoder would come was not measured."
    for pretrained, told in ((["block1_conv1"], True), ([], False)):
        configs = {"fcn8": {"training": {"pretrained_layers": pretrained, "encoder_weights": "imagenet"}}}
        assert (sentence in not_measured(report(), configs)) == told
