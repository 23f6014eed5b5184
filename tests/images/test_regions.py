import numpy as np
import pytest

from seg.images.regions import connected_regions, largest_disagreements


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


def test_a_region_tells_the_share_of_each_pair_of_classes():
    first = np.zeros((100, 100), np.uint8)
    second = first.copy()
    second[20:40, 20:40] = 1
    second[20:25, 20:40] = 2
    (region,) = largest_disagreements(first, second, 3)
    assert region.shares == pytest.approx({(0, 1): 0.03, (0, 2): 0.01}) and list(region.shares) == [(0, 1), (0, 2)]
    assert region.classes == (0, 1) and region.share == pytest.approx(0.04)


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
