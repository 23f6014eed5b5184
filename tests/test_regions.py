import numpy as np
import pytest
from PIL import Image

from seg.regions import Region, connected_regions, largest_disagreements
from seg.ui.difference_map import _framed, _place_of_number


def test_connected_regions_by_hand():
    mask = np.array([[1, 1, 0, 1], [0, 1, 0, 1], [1, 0, 0, 1]], bool)
    labels = connected_regions(mask)
    assert (labels[~mask] == 0).all()
    assert len(np.unique(labels)) == 4  # outside, the bend, the column, and the cell that touches only a corner
    assert labels[0, 0] == labels[1, 1] != labels[2, 0] and labels[0, 3] == labels[2, 3]


def test_a_winding_region_is_one():
    mask = np.zeros((41, 41), bool)
    mask[::2] = True
    mask[1::4, -1] = mask[3::4, 0] = True
    assert len(np.unique(connected_regions(mask))) == 2


def test_largest_disagreements_by_hand():
    first = np.ones((100, 150), np.uint8)
    second = first.copy()
    second[10:30, 15:45] = 0  # the largest: 600 pixels of 15,000
    second[70:80, 120:135] = 2  # 150
    second[50, :] = 2  # a line, no region
    regions = largest_disagreements(first, second, 3)
    assert [region.share for region in regions] == pytest.approx([600 / 15000, 150 / 15000])
    assert regions[0].box == pytest.approx((0.1, 0.1, 0.3, 0.3)) and regions[0].classes == (1, 0)
    assert regions[1].box == pytest.approx((0.8, 0.7, 0.9, 0.8)) and regions[1].classes == (1, 2)
    assert largest_disagreements(first, second, 1) == regions[:1]


def test_a_region_is_whole_with_its_thin_parts():
    first = np.zeros((100, 100), np.uint8)
    second = first.copy()
    second[20:40, 20:40] = 1
    second[30, 10:70] = 1  # sticks out on both sides
    second[60:62, 10:90] = 1  # hangs on nothing
    (region,) = largest_disagreements(first, second, 3)
    assert region.box == pytest.approx((0.1, 0.2, 0.7, 0.4)) and region.share == pytest.approx((400 + 40) / 10000)


def test_a_border_between_two_regions_does_not_make_them_one():
    first = np.zeros((100, 100), np.uint8)
    second = first.copy()
    second[20:40, 10:30] = second[20:40, 70:80] = 1
    second[30, 30:70] = 1
    large, small = largest_disagreements(first, second, 3)
    assert large.box == pytest.approx((0.1, 0.2, 0.5, 0.4)) and small.box == pytest.approx((0.5, 0.2, 0.8, 0.4))
    assert large.share == pytest.approx(420 / 10000) and small.share == pytest.approx(220 / 10000)


@pytest.mark.parametrize("turned", [False, True])
def test_a_strip_has_regions(turned):
    first = np.zeros((60, 2400), np.uint8)
    second = first.copy()
    second[15:45, 600:1200] = 1
    maps = (first.T.copy(), second.T.copy()) if turned else (first, second)
    (region,) = largest_disagreements(*maps, 3)
    box = region.box[1::-1] + region.box[:1:-1] if turned else region.box
    assert box == pytest.approx((0.25, 0.25, 0.5, 0.75), abs=0.07) and region.share == pytest.approx(0.125, rel=0.15)


def blank_map(height, width):
    return Image.new("RGB", (width, height), "white"), np.zeros((height, width), bool)


def dark(image):
    return np.asarray(image.convert("L")) < 128


@pytest.mark.parametrize(
    "box", [(0.3, 0.0, 0.6, 0.4), (0.0, 0.0, 0.5, 1.0), (0.3, 0.4, 0.6, 0.7), (0.0, 0.6, 1.0, 1.0)]
)
def test_numbers_cover_no_region(box):
    image, differ = blank_map(300, 400)
    left, top, right, bottom = (round(edge * side) for edge, side in zip(box, (400, 300) * 2))
    differ[top:bottom, left:right] = True
    drawn = dark(_framed(image, [Region(box, 0.1, (0, 1))], differ))
    inner = drawn[top + 3 : bottom - 3, left + 3 : right - 3]
    assert drawn.any() and not inner.any()


def test_numbers_of_neighbours_do_not_meet():
    image, differ = blank_map(300, 400)
    place = [200, 150, 220, 200]
    first = _place_of_number(place, 14, differ)
    differ[first[1] : first[1] + 14, first[0] : first[0] + 14] = True
    second = _place_of_number(place, 14, differ)
    assert abs(first[0] - second[0]) >= 14 or abs(first[1] - second[1]) >= 14


def test_a_number_fills_a_tiny_map():
    image, differ = blank_map(3, 5)
    assert _framed(image, [Region((0, 0, 1, 1), 1, (0, 1))], ~differ).size == (5, 3)


def test_size_does_not_matter():
    first = np.zeros((1500, 1000), np.uint8)
    second = first.copy()
    second[300:600, 250:500] = 1
    (region,) = largest_disagreements(first, second, 3)
    assert region.box == pytest.approx((0.25, 0.2, 0.5, 0.4), abs=0.01) and region.share == pytest.approx(
        0.05, rel=0.05
    )


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (60, 80)])
def test_no_disagreement(shape):
    same = np.zeros(shape, np.uint8)
    assert largest_disagreements(same, same, 3) == []
