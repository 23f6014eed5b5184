"""What the page says of a comparison in words."""

import numpy as np
import pytest
from PIL import Image

from seg.comparison import Comparison, Segmentation
from seg.errors import UserError
from seg.photos import Photo
from seg.regions import Region
from seg.ui.recent import Look, RecentLooks
from seg.ui.verdict import differences_in_words, place, verdict

REPORT = {
    "photos": 3669,
    "contest": {"wins": {"first": 0.34, "second": 0.66}, "surer": {"least_lead": 0.02, "photos": 2600, "closer": 0.69}},
}
EVEN = {"photos": 3669, "contest": REPORT["contest"] | {"wins": {"first": 0.49, "second": 0.51}}}
REGION = Region((0.7, 0.8, 1.0, 1.0), 0.042, (2, 1))


def network(title, pet=0.25, sure=0.9, disputed=0.6, mean_iou=None, right=None, calibrated=True):
    confidence = {"photo": sure, "disputed": disputed, "calibrated": calibrated}
    return {
        "title": title,
        "shares": {"pet": pet},
        "confidence": confidence,
        "mean_iou": mean_iou,
        "pixel_accuracy": right,
    }


def numbers(fcn8=None, unet=None, agreement=0.92, pet_iou=0.9, truth=None):
    fcn8, unet = network("FCN-8", **(fcn8 or {})), network("U-Net", **(unet or {}))
    iou = {"pet": pet_iou, "background": 0.95, "outline": None}
    return {"networks": [fcn8, unet], "agreement": agreement, "agreement_iou": iou, "truth": truth}


def answer(question, *args, regions=(REGION,), report=REPORT, **kwargs):
    return verdict(numbers(*args, **kwargs), list(regions), report)[question]


def test_what_they_see():
    assert (
        answer("What they see", {"pet": 0.277}, {"pet": 0})
        == "FCN-8 finds a pet on 27.7 % of the photo, U-Net finds no pet."
    )
    assert answer("What they see", {"pet": 0.277}, {"pet": 0.001}).endswith("U-Net finds next to no pet.")
    assert answer("What they see", {"pet": 0}, {"pet": 0.001}) == "Neither network finds a pet in this photo."
    assert answer("What they see", {"mean_iou": 0.7}, {"mean_iou": 0.8}, truth={"pet": 0.253}).endswith(
        "In truth it covers 25.3 %."
    )


def test_where_they_differ():
    assert answer("Where they differ") == (
        "They agree on 92.0 % of the pixels. The largest difference: lower right, 4.2 % of the photo: FCN-8 says outline, U-Net background."
    )
    assert (
        answer("Where they differ", regions=()) == "They agree on 92.0 % of the pixels; what is left are thin borders."
    )
    assert answer("Where they differ", agreement=1, regions=()) == "Nowhere: they agree on every pixel."
    said = differences_in_words(numbers(), [REGION])
    assert "pet 0.900, background 0.950, outline –" in said and "1. lower right" in said


@pytest.mark.parametrize(
    "calibrated, said",
    [(True, "on a single one, and on other pictures, it can be far off"), (False, "No report checks these claims")],
)
def test_how_sure(calibrated, said):
    text = answer("How sure", {"sure": 0.871, "calibrated": calibrated}, {"sure": 0.92, "calibrated": calibrated})
    assert "FCN-8 87 % and U-Net 92 %" in text and said in text


def test_how_sure_stands_beside_how_right_where_the_truth_is_known():
    text = answer("How sure", {"sure": 0.85, "right": 0.628}, {"sure": 0.88, "right": 0.623})
    assert "FCN-8 85 % and U-Net 88 %. In fact right: FCN-8 on 63 % and U-Net on 62 %." in text


def test_truth_decides():
    truth = {"pet": 0.25}
    assert (
        answer("Which to trust", {"mean_iou": 0.72}, {"mean_iou": 0.81}, truth=truth)
        == "U-Net: it is closer to the truth of this photo, mean IoU 0.81 against 0.72."
    )
    assert answer("Which to trust", {"mean_iou": 0.82}, {"mean_iou": 0.81}, truth=truth).startswith("Either")
    assert "far from it" in answer("Which to trust", {"mean_iou": 0.4}, {"mean_iou": 0.2}, truth=truth)


def trusted(*args, **kwargs):
    return answer("Which to trust", *args, **kwargs)


HERE = "Where they differ here, U-Net is the surer one"
PROVEN = "among test photos where one network was, that one was closer to the truth on 69 of 100"
FAVOURITE = "on 3,669 test photos it was closer to the truth on 66 of 100"


def test_the_surer_one_where_they_differ_is_trusted_as_often_as_it_was_right():
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}, report=EVEN) == f"Probably U-Net. {HERE}, and {PROVEN}."
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}) == f"Probably U-Net. {HERE}, and {PROVEN}. And {FAVOURITE}."
    said = trusted({"disputed": 0.62}, {"disputed": 0.55})
    assert said.startswith(
        f"Hard to say: U-Net is the better one as a rule ({FAVOURITE}). But where they differ here, FCN-8 is the surer one, and {PROVEN}."
    )


def test_without_a_clear_lead_the_test_photos_decide():
    level = "Where they differ here, both are about equally sure."
    assert trusted({"disputed": 0.61}, {"disputed": 0.62}) == f"Probably U-Net: {FAVOURITE}. {level}"
    assert (
        trusted({"disputed": 0.61}, {"disputed": 0.62}, report=EVEN)
        == f"Hard to say: on 3,669 test photos each was the closer one about as often as the other. {level}"
    )


@pytest.mark.parametrize("surer", [None, {"closer": None}, {"closer": 0.51}])
def test_being_surer_counts_for_nothing_unless_it_was_tested_to(surer):
    report = {"photos": 3669, "contest": EVEN["contest"] | {"surer": surer}}
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}, report=report).startswith("Hard to say")


def test_equal_answers_need_no_choice():
    assert trusted(agreement=0.98) == "Either: they say nearly the same."
    # Much background in common hides that they put the pet elsewhere.
    assert not trusted(agreement=0.98, pet_iou=0.3).startswith("Either")


def test_no_pet_is_no_agreement_to_trust():
    assert (
        trusted({"pet": 0}, {"pet": 0.001}, agreement=1)
        == "Neither: there may be no pet in this photo, or both miss it."
    )
    said = trusted({"pet": 0.3}, {"pet": 0}, agreement=0.7)
    assert said.startswith("Look whether there is a pet where FCN-8 sees one: U-Net sees next to none. Probably U-Net")


def test_no_report_is_said_plainly():
    said = trusted({"disputed": 0.55}, {"disputed": 0.62}, report=None)
    assert (
        said
        == f"Unknown: no test report belongs to the weights that run. {HERE}. Look at the places where they differ."
    )


def test_one_network_alone():
    alone = {"networks": [network("U-Net")], "agreement": None, "truth": None}
    assert verdict(alone, [], None)["Which to trust"] == "Only U-Net runs, so there is nothing to compare it with."


@pytest.mark.parametrize(
    "box, said",
    [
        ((0, 0, 0.2, 0.2), "upper left"),
        ((0.4, 0.4, 0.6, 0.6), "middle"),
        ((0.4, 0.8, 0.6, 1), "lower middle"),
        ((0.8, 0.4, 1, 0.6), "right"),
    ],
)
def test_places(box, said):
    assert place(Region(box, 0.1, (0, 1))) == said


def look(side):
    photo = Photo(Image.new("RGB", (side, side)), side, side, True, None)
    seen = Segmentation("unet", np.zeros((1, 1, 3), np.float32), np.zeros((side, side), np.uint8), {}, 0.1)
    return Look(photo, Comparison({"unet": seen}, None, None), None)


def test_recent_looks_are_bounded():
    recent = RecentLooks(max_bytes=3 * look(100).nbytes)
    keys = [recent.remember(look(100)) for _ in range(3)]
    recent.recall(keys[0])
    recent.remember(look(100))  # pushes out the one that was not looked at for longest
    with pytest.raises(UserError, match="no longer on the server; choose it again"):
        recent.recall(keys[1])
    assert recent.recall(keys[0]) and recent.recall(keys[2])
    newest = recent.remember(look(1000))  # larger than all that fits
    assert recent.recall(newest).photo.width == 1000
    with pytest.raises(UserError):
        recent.recall(keys[0])
