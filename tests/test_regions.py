import numpy as np
import pytest

from seg.regions import connected_regions, largest_disagreements


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


def test_size_does_not_matter():
    first = np.zeros((1500, 1000), np.uint8)
    second = first.copy()
    second[300:600, 250:500] = 1
    (region,) = largest_disagreements(first, second, 3)
    assert region.box == pytest.approx((0.25, 0.2, 0.5, 0.4), abs=0.01) and region.share == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (60, 80)])
def test_no_disagreement(shape):
    same = np.zeros(shape, np.uint8)
    assert largest_disagreements(same, same, 3) == []
