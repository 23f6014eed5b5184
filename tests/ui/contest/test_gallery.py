"""The gallery: what is shown in which order, and what is said of it."""

import shutil

import pytest

from seg.evaluation.saved_report import read_gallery, read_report
from seg.ui.contest.gallery import DIFFERENCE, caption, cell_order, chosen_photos, gallery_of, orders, said_of

from repository import ROOT

NAMES = ["fcn8", "unet"]


def photo(name, fcn8, unet, missed=0):
    """A photo of 100 pixels, of which FCN-8 takes so many of the pet for background."""
    counts = [50 - missed, missed, 0, 0, 40, 0, 0, 0, 10]
    return {
        "name": name,
        "breed": name.rpartition("_")[0],
        "mean_iou": {"fcn8": fcn8, "unet": unet},
        "confusions": {"fcn8": counts, "unet": [50, 0, 0, 0, 40, 0, 0, 0, 10]},
    }


PHOTOS = [photo("pug_1", 0.5, 0.6, missed=9), photo("pug_2", 0.9, 0.4), photo("Bengal_3", 0.2, 0.5, missed=30)]
GALLERY = {"sha256": dict.fromkeys(NAMES, "abc"), "rule": "each <b>kind</b>", "photos": PHOTOS}


@pytest.mark.parametrize(
    "order, breed, names",
    [
        (DIFFERENCE, "all", ["pug_2", "Bengal_3", "pug_1"]),
        ("ahead unet", "all", ["Bengal_3", "pug_1", "pug_2"]),
        ("ahead fcn8", "pug", ["pug_2", "pug_1"]),
        ("lowest unet", "all", ["pug_2", "Bengal_3", "pug_1"]),
        ("highest fcn8", "all", ["pug_2", "pug_1", "Bengal_3"]),
        (cell_order("fcn8", 0, 1), "all", ["Bengal_3", "pug_1", "pug_2"]),
        (cell_order("fcn8", 0, 0), "all", ["pug_2", "pug_1", "Bengal_3"]),
    ],
)
def test_photos_are_sorted_and_chosen_by_breed(order, breed, names):
    assert [found["name"] for found in chosen_photos(GALLERY, order, breed)] == names


def test_every_cell_of_both_matrices_is_an_order_with_a_name_of_its_own():
    labels = {value: label for value, (label, _) in orders(NAMES).items()}
    assert len(set(labels.values())) == len(labels) == 7 + 2 * 9
    assert labels[cell_order("unet", 2, 0)] == "most outline seen as pet by U-Net first"
    assert labels["lowest fcn8"] == "lowest mean IoU of FCN-8 first"


def test_a_strip_says_who_wins_and_what_it_is_sorted_by():
    assert caption(PHOTOS[1]) == "pug 2: FCN-8 wins (FCN-8 0.90, U-Net 0.40)"
    assert caption(photo("pug_4", 0.5, 0.5)) == "pug 4: level (FCN-8 0.50, U-Net 0.50)"
    told = caption(PHOTOS[0], cell_order("fcn8", 0, 1))
    assert told.endswith("; 9.0 % of it is pet seen as background by FCN-8")


def test_the_gallery_says_by_what_rule_it_was_chosen():
    report = {"photos": 100, "contest": {"order": NAMES, "wins": {"first": 0.35, "second": 0.65}}}
    said = said_of(report, GALLERY)
    assert "FCN-8 wins 1, U-Net wins 2; of all 100 test photos FCN-8 35 %, U-Net 65 %" in said
    assert "photo, truth, FCN-8, U-Net" in said and "chosen by rule: each &lt;b&gt;kind&lt;/b&gt;." in said


def test_photos_of_other_weights_or_with_a_picture_missing_are_not_shown(tmp_path):
    report = read_report(ROOT / "weights")
    shutil.copytree(ROOT / "weights/report", tmp_path / "report")
    gallery = gallery_of(tmp_path, report)
    assert gallery == read_gallery(ROOT / "weights")
    of_others = {name: {"sha256": "of others"} for name in NAMES}
    assert gallery_of(tmp_path, report | {"networks": of_others}) is None
    (tmp_path / f"report/gallery/{gallery['photos'][3]['name']}.photo.jpg").unlink()
    assert gallery_of(tmp_path, report) is None
