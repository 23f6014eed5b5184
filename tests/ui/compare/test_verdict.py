"""What the page says of a comparison in words."""

import pytest

from seg.images.regions import Region
from seg.ui.compare.verdict import agreement_in_words, answer, described, place, verdict, way_out

REPORT = {
    "photos": 3669,
    "contest": {
        "order": ["fcn8", "unet"],
        "wins": {"first": 0.34, "second": 0.66},
        "surer": {
            "least_lead": 0.02,
            "networks": {"fcn8": {"photos": 700, "closer": 0.38}, "unet": {"photos": 1900, "closer": 0.81}},
        },
    },
}
EVEN = {"photos": 3669, "contest": REPORT["contest"] | {"wins": {"first": 0.49, "second": 0.51}}}
REGION = Region((0.7, 0.8, 1.0, 1.0), {(2, 1): 0.042})


def network(title, pet=0.25, sure=0.9, disputed=0.6, mean_iou=None, right=None, calibrated=True):
    confidence = {"photo": sure, "disputed": disputed, "calibrated": calibrated}
    return {
        "name": title.replace("-", "").lower(),
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


def answered(question, *args, regions=(REGION,), report=REPORT, **kwargs):
    return verdict(numbers(*args, **kwargs), list(regions), report)[question]


def test_what_they_see():
    assert (
        answered("What they see", {"pet": 0.277}, {"pet": 0})
        == "FCN-8 finds a pet on 27.7 % of the photo, U-Net finds no pet."
    )
    assert answered("What they see", {"pet": 0.277}, {"pet": 0.001}).endswith("U-Net finds next to no pet.")
    assert answered("What they see", {"pet": 0}, {"pet": 0.001}) == "Neither network finds a pet in this photo."
    assert answered("What they see", {"mean_iou": 0.7}, {"mean_iou": 0.8}, truth={"pet": 0.253}).endswith(
        "In truth it covers 25.3 %."
    )


@pytest.mark.parametrize(
    ("width", "height", "pets", "told"),
    [
        (1000, 50, (0.3, 0.3), "This photo is 20.0 times as long as wide"),
        (400, 1004, (0, 0), "This photo is 2.5 times as long as wide"),
        (400, 1000, (0.001, 0.004), "A small pet, such as one in a corner, is lost"),
        (400, 1000, (0, 0.2), None),
    ],
)
def test_a_photo_that_networks_cannot_know_is_told_with_a_way_out(width, height, pets, told):
    said = way_out(numbers({"pet": pets[0]}, {"pet": pets[1]}), width, height)
    if told is None:
        assert said == {}
    else:
        assert said["What may help"].startswith(told) and said["What may help"].endswith(
            ": choose a part of the photo that shows the pet."
        )


def test_where_they_differ():
    assert answered("Where they differ") == (
        "They agree on 92.0 % of the pixels. The largest difference: lower right, 4.2 % of the photo: FCN-8 says outline, U-Net background."
    )
    assert (
        answered("Where they differ", regions=())
        == "They agree on 92.0 % of the pixels; what is left are thin borders."
    )
    assert answered("Where they differ", agreement=1, regions=()) == "Nowhere: they agree on every pixel."
    assert "pet 0.900, background 0.950, outline –" in agreement_in_words(numbers())


def test_a_region_tells_each_pair_of_classes_with_its_own_share():
    region = Region((0.7, 0.8, 1.0, 1.0), {(0, 1): 0.122, (1, 2): 0.054, (2, 1): 0.045, (1, 0): 0.0001})
    assert described(region, ["FCN-8", "U-Net"]) == (
        "lower right, 22.1 % of the photo: FCN-8 pet and U-Net background on 12.2 %; FCN-8 background and U-Net outline on"
        " 5.4 %; FCN-8 outline and U-Net background on 4.5 %"
    )


@pytest.mark.parametrize(
    "calibrated, said",
    [(True, "on a single one, and on other pictures, it can be far off"), (False, "No report checks these claims")],
)
def test_how_sure(calibrated, said):
    text = answered("How sure", {"sure": 0.871, "calibrated": calibrated}, {"sure": 0.92, "calibrated": calibrated})
    assert "FCN-8 87 % and U-Net 92 %" in text and said in text


def test_how_sure_stands_beside_how_right_where_the_truth_is_known():
    text = answered("How sure", {"sure": 0.85, "right": 0.628}, {"sure": 0.88, "right": 0.623})
    assert "FCN-8 85 % and U-Net 88 %. In fact right: FCN-8 on 63 % and U-Net on 62 %." in text


def test_truth_decides():
    truth = {"pet": 0.25}
    assert (
        answered("Which to trust", {"mean_iou": 0.72}, {"mean_iou": 0.81}, truth=truth)
        == "U-Net: it is closer to the truth of this photo, mean IoU 0.81 against 0.72."
    )
    assert answered("Which to trust", {"mean_iou": 0.82}, {"mean_iou": 0.81}, truth=truth).startswith("Either")
    assert "far from it" in answered("Which to trust", {"mean_iou": 0.4}, {"mean_iou": 0.2}, truth=truth)


def trusted(*args, **kwargs):
    return answered("Which to trust", *args, **kwargs)


HERE = "Where they differ here, U-Net is the surer one"
FAVOURITE = "on 3,669 test photos it was closer to the truth on 66 of 100"


def surer(**networks):
    """A report in which each network was the closer one to the truth so often where it was the surer one."""
    found = {name: {"photos": 900, "closer": closer} for name, closer in networks.items()}
    return {"photos": 3669, "contest": EVEN["contest"] | {"surer": {"least_lead": 0.02, "networks": found}}}


def test_the_surer_one_where_they_differ_is_trusted_as_often_as_that_very_one_was_right():
    proven = "and among test photos where it was, it was closer to the truth on 81 of 100."
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}) == f"Probably U-Net. {HERE}, {proven}"
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}, report=EVEN) == f"Probably U-Net. {HERE}, {proven}"


def test_a_network_that_was_seldom_right_where_it_was_surer_is_not_trusted():
    assert trusted({"disputed": 0.62}, {"disputed": 0.55}) == (
        "Probably U-Net. Where they differ here, FCN-8 is the surer one, but among test photos where it was,"
        " U-Net was closer to the truth on 62 of 100."
    )


def test_one_network_is_not_judged_by_the_other():
    report = surer(fcn8=0.9, unet=0.52)
    assert trusted({"disputed": 0.62}, {"disputed": 0.55}, report=report).startswith("Probably FCN-8")
    assert trusted({"disputed": 0.55}, {"disputed": 0.62}, report=report) == (
        "Hard to say: where they differ here, U-Net is the surer one, and on test photos that said next to nothing."
    )


def headline(*args, report=REPORT, **kwargs):
    said = answer(numbers(*args, **kwargs), report)
    return said["says"], said["network"], said["badge"]


def test_the_answer_names_one_network_and_its_picture():
    truth = {"pet": 0.25}
    assert headline({"mean_iou": 0.72}, {"mean_iou": 0.8}, truth=truth) == (
        "U-Net is closer here: IoU 0.80 against 0.72.", "unet", "closer here",
    )  # fmt: skip
    assert headline({"mean_iou": 0.80}, {"mean_iou": 0.81}, truth=truth)[1:] == (None, None)
    assert headline({"disputed": 0.55}, {"disputed": 0.62}) == (
        "U-Net is surer where they differ. When it was, it was right 81 times in 100.", "unet", "surer here",
    )  # fmt: skip
    assert headline({"disputed": 0.62}, {"disputed": 0.55}) == (
        "FCN-8 is surer where they differ. But when it was, U-Net was right 62 times in 100.", "unet", "more often right",
    )  # fmt: skip
    assert headline({"disputed": 0.62}, {"disputed": 0.55}, report=None) == (
        "FCN-8 is surer where they differ.", "fcn8", "surer here",
    )  # fmt: skip
    assert headline({"disputed": 0.6}, {"disputed": 0.6})[0] == "Where they differ, neither is clearly surer."
    assert headline({"pet": 0.3}, {"pet": 0})[0] == "Only FCN-8 sees a pet here."
    assert headline({"pet": 0}, {"pet": 0})[0] == "Neither sees a pet here."
    assert headline(agreement=0.98)[0] == "They say nearly the same: 98.0 % of the pixels."
    alone = {"networks": [network("U-Net")], "agreement": None, "truth": None}
    assert answer(alone, None)["says"] == "Only U-Net runs here."


def test_without_a_clear_lead_the_test_photos_decide():
    level = "Where they differ here, both are about equally sure."
    assert trusted({"disputed": 0.61}, {"disputed": 0.62}) == f"Probably U-Net: {FAVOURITE}. {level}"
    assert (
        trusted({"disputed": 0.61}, {"disputed": 0.62}, report=EVEN)
        == f"Hard to say: on 3,669 test photos each was the closer one about as often as the other. {level}"
    )


@pytest.mark.parametrize("found", [None, {}, {"networks": {"unet": {"photos": 12, "closer": 1.0}}}])
def test_being_surer_counts_for_nothing_unless_it_was_tested_to(found):
    report = {"photos": 3669, "contest": REPORT["contest"] | {"surer": found}}
    assert trusted({"disputed": 0.62}, {"disputed": 0.55}, report=report).startswith(f"Probably U-Net: {FAVOURITE}")


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
    assert place(Region(box, {(0, 1): 0.1})) == said
