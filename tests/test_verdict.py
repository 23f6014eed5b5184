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

REPORT = {"photos": 3669, "contest": {"wins": {"first": 0.34, "second": 0.66}}}
REGION = Region((0.7, 0.8, 1.0, 1.0), 0.042, (2, 1))


def network(title, pet=0.25, sure=0.9, mean_iou=None, calibrated=True):
    return {"title": title, "shares": {"pet": pet}, "confidence": {"photo": sure, "calibrated": calibrated}, "mean_iou": mean_iou}


def numbers(fcn8=None, unet=None, agreement=0.92, truth=None):
    fcn8, unet = network("FCN-8", **(fcn8 or {})), network("U-Net", **(unet or {}))
    iou = {"pet": 0.9, "background": 0.95, "outline": None}
    return {"networks": [fcn8, unet], "agreement": agreement, "agreement_iou": iou, "truth": truth}


def answer(question, *args, regions=(REGION,), report=REPORT, **kwargs):
    return verdict(numbers(*args, **kwargs), list(regions), report)[question]


def test_what_they_see():
    assert answer("What they see", {"pet": 0.277}, {"pet": 0.001}) == "FCN-8 finds a pet on 27.7 % of the photo, U-Net finds no pet."
    assert answer("What they see", {"pet": 0}, {"pet": 0.001}) == "Neither network finds a pet in this photo."
    assert answer("What they see", {"mean_iou": 0.7}, {"mean_iou": 0.8}, truth={"pet": 0.253}).endswith("In truth it covers 25.3 %.")


def test_where_they_differ():
    assert answer("Where they differ") == (
        "They agree on 92.0 % of the pixels. The largest difference: lower right, 4.2 % of the photo: FCN-8 says outline, U-Net background."
    )
    assert answer("Where they differ", regions=()) == "They agree on 92.0 % of the pixels; what is left are thin borders."
    assert answer("Where they differ", agreement=1, regions=()) == "Nowhere: they agree on every pixel."
    said = differences_in_words(numbers(), [REGION])
    assert "pet 0.900, background 0.950, outline –" in said and "1. lower right" in said


@pytest.mark.parametrize("calibrated, said", [(True, "take these at their word"), (False, "No report checks these claims")])
def test_how_sure(calibrated, said):
    text = answer("How sure", {"sure": 0.871, "calibrated": calibrated}, {"sure": 0.92, "calibrated": calibrated})
    assert "FCN-8 87 % and U-Net 92 %" in text and said in text


def test_truth_decides():
    truth = {"pet": 0.25}
    assert answer("Which to trust", {"mean_iou": 0.72}, {"mean_iou": 0.81}, truth=truth) == "U-Net: it is closer to the truth of this photo, mean IoU 0.81 against 0.72."
    assert answer("Which to trust", {"mean_iou": 0.82}, {"mean_iou": 0.81}, truth=truth).startswith("Either")
    assert "far from it" in answer("Which to trust", {"mean_iou": 0.4}, {"mean_iou": 0.2}, truth=truth)


def test_without_truth_test_result_and_confidence_decide():
    favourite = "on 3,669 test photos it was closer to the truth on 66 of 100"
    assert answer("Which to trust", {"sure": 0.85}, {"sure": 0.92}) == f"Probably U-Net: {favourite}, and on this photo it is also the surer one."
    assert answer("Which to trust", {"sure": 0.921}, {"sure": 0.92}) == f"Probably U-Net: {favourite}. On this photo both are about equally sure."
    assert answer("Which to trust", {"sure": 0.97}, {"sure": 0.92}).startswith(f"Hard to say: U-Net is the better one as a rule ({favourite}), but on this photo FCN-8 is surer.")
    assert answer("Which to trust", agreement=0.98) == "Either: they say nearly the same."


def test_networks_that_win_equally_often_are_no_reason_to_trust_one():
    even = {"photos": 3669, "contest": {"wins": {"first": 0.49, "second": 0.51}}}
    said = answer("Which to trust", {"sure": 0.85}, {"sure": 0.92}, report=even)
    assert said == "Hard to say: on 3,669 test photos each was the closer one about as often as the other. On this photo U-Net is the surer one."
    assert answer("Which to trust", report=even).endswith("On this photo both are about equally sure.")


def test_no_report_is_said_plainly():
    assert answer("Which to trust", {"sure": 0.85}, {"sure": 0.92}, report=None).startswith("Unknown: no test report belongs to the weights that run. Here U-Net is the surer one.")


def test_one_network_alone():
    alone = {"networks": [network("U-Net")], "agreement": None, "truth": None}
    assert verdict(alone, [], None)["Which to trust"] == "Only U-Net runs, so there is nothing to compare it with."


@pytest.mark.parametrize("box, said", [((0, 0, 0.2, 0.2), "upper left"), ((0.4, 0.4, 0.6, 0.6), "middle"), ((0.4, 0.8, 0.6, 1), "lower middle"), ((0.8, 0.4, 1, 0.6), "right")])
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
