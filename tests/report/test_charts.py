"""Charts are drawn to scale, and say what they show."""

import re
from xml.etree import ElementTree

import pytest

from seg.images.svg import as_file
from seg.report.charts import breed_chart, breed_rows, line_chart, two_by_two_chart


def test_lines_are_drawn_to_scale():
    drawn = line_chart("Score", "It rises.", [("red", False, [(1, 0.0), (2, 0.5), (3, 1.0)])])
    points = [tuple(map(float, point.split())) for point in re.search(r'd="M([^"]+)"', drawn)[1].split(" L")]
    (x1, y1), (x2, y2), (x3, y3) = points
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.1) and y1 - y2 == pytest.approx(y2 - y3, abs=0.1) and y1 > y3
    assert 'aria-label="Score. It rises."' in drawn


def test_breeds_are_drawn_to_scale_best_first_and_names_are_escaped():
    breeds = {"<b>": {"fcn8": 0.2, "unet": 0.4}, "great_pyrenees": {"fcn8": 0.6, "unet": 0.8}}
    rows = breed_rows(breeds, ["fcn8", "unet"])
    assert [row[0] for row in rows] == ["great pyrenees", "<b>"]
    drawn = breed_chart(["fcn8", "unet"], rows[::-1], (0, 1))
    centres = [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="[\d.]+" r="4.5"', drawn)][-4:]
    steps = [later - earlier for earlier, later in zip(centres, centres[1:])]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2) and "&lt;b&gt;" in drawn and "<b>" not in drawn
    assert "FCN-8 and U-Net: &lt;b&gt; 0.20 and 0.40; great pyrenees 0.60 and 0.80." in drawn


def cell(decoder, start, value, skips=True):
    return {
        "decoder": decoder, "start": start, "skips": skips, "value": value, "low": value - 0.1, "high": value + 0.1,
        "by_seed": [value - 0.05, value + 0.05],
    }  # fmt: skip


def test_the_two_by_two_has_a_bar_an_interval_and_its_seeds_for_each_network_with_skip_connections():
    found = {
        "cells": [cell("fcn8", "imagenet", 0.4), cell("unet", "random", 0.2), cell("unet", "imagenet", 0.3, False)]
    }
    drawn = two_by_two_chart(found)
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawn)
    (left, width), (other_left, half) = [tuple(map(float, bar)) for bar in bars]
    assert left == other_left and half == pytest.approx(width / 2, abs=0.1)
    low, high = map(float, re.search(r'd="M([\d.]+) [\d.]+v8m0-4H([\d.]+)', drawn).groups())
    assert (low - left, high - left) == pytest.approx((0.75 * width, 1.25 * width), abs=0.2)
    assert drawn.count('r="2"') == 4
    assert "FCN-8, ImageNet 0.400 (95 % interval 0.300 to 0.500; seeds 0.350, 0.450); U-Net, random 0.200" in drawn


def test_a_file_of_a_drawing_is_svg_with_its_text_alternative_and_colours_of_its_own():
    root = ElementTree.fromstring(as_file(breed_chart(["fcn8", "unet"], [("pug", 0.5, 0.6)], (0, 1))))
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("role") == "img"
    assert int(root.get("width")) > 400, "too small to read in a document"
    assert root.get("aria-label") == "Mean IoU by breed. FCN-8 and U-Net: pug 0.50 and 0.60."
    style = root.find("{http://www.w3.org/2000/svg}style").text
    assert "prefers-color-scheme:dark" in style and style.count(".faint-line{stroke:") == 2
