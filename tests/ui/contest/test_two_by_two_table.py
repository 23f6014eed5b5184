"""The chapter that tells decoder and start apart."""

from seg.ui.contest.two_by_two_table import two_by_two_table


def cell(decoder, start, skips, value):
    return {
        "decoder": decoder, "start": start, "skips": skips, "value": value, "low": value - 0.01, "high": value + 0.02,
        "by_seed": [value - 0.1, value + 0.1],
    }  # fmt: skip


def test_a_row_for_each_network_and_the_verdict_below():
    report = {
        "two_by_two": {
            "settings": {"photos": 1600, "epochs": 1, "batch_size": 8, "image_size": 128},
            "cells": [cell("fcn8", "imagenet", True, 0.49), cell("unet", "random", False, 0.3)],
            "verdict": ["First & foremost.", "Second."],
        }
    }
    told = two_by_two_table(report)
    assert "FCN-8's decoder, from ImageNet</th>" in told
    assert "U-Net's decoder, from random, without skip connections</th>" in told
    assert "<td>0.480 to 0.510</td><td>0.390, 0.590</td>" in told
    assert told.startswith('<div class="contest-charts drawing"><svg') and told.count("<rect") == 1
    assert "<p>First &amp; foremost. Second.</p>" in told
    assert "1,600 photos of 128 × 128 pixels in batches of 8, 1 epoch." in told


def test_a_report_need_not_have_it():
    assert two_by_two_table({}) == ""
