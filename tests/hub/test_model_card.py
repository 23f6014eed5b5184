"""The card says what the files say, in the form that the Hub reads."""

import json
import re

import pytest
import yaml
from hub_samples import config_of, metrics_of
from huggingface_hub import ModelCard

from seg.model_card import draw_up_card

PATHS = ["fcn8/config.json", "fcn8/model.safetensors", "fcn8/curves.png", "unet/curves.png", "unet/samples.png"]
CLASSES = ("pet", "background", "outline")


def networks(*names):
    return {name: (config_of(name), json.loads(json.dumps(metrics_of(name)))) for name in names or ("fcn8", "unet")}


@pytest.fixture(scope="module")
def card():
    return str(draw_up_card("me/pets", networks(), PATHS))


@pytest.fixture(scope="module")
def metadata(card):
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", card, re.DOTALL)[1])


def test_metadata(metadata):
    assert metadata["license"] == "cc-by-sa-4.0" and metadata["datasets"] == ["timm/oxford-iiit-pet"]
    assert metadata["pipeline_tag"] == "image-segmentation" and "keras" in metadata["tags"]
    assert "library_name" not in metadata


def test_model_index_holds_the_numbers_of_the_files_exactly(card, metadata):
    assert metadata["model-index"][0]["name"] == "pets"
    found = {(r.metric_name, r.metric_type): r.metric_value for r in ModelCard(card).data.eval_results}
    expected = {}
    for name, title in (("fcn8", "FCN-8"), ("unet", "U-Net")):
        metrics = metrics_of(name)
        expected |= {
            (f"{title}: mean IoU", "mean_iou"): metrics["mean_iou"],
            (f"{title}: mean Dice", "dice"): metrics["mean_dice"],
            (f"{title}: pixel accuracy", "accuracy"): metrics["pixel_accuracy"],
        }
        expected |= {(f"{title}: IoU of {c}", "iou"): metrics["iou"][c] for c in CLASSES}
    assert found == expected
    for result in ModelCard(card).data.eval_results:
        assert (result.dataset_type, result.dataset_split, result.task_type) == (
            "timm/oxford-iiit-pet",
            "test",
            "image-segmentation",
        )


def test_tables_hold_the_numbers_of_the_files(card):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in card.splitlines() if line.startswith("| ")
    ]
    tables = {row[0]: row[1:] for row in rows}
    for name, title in (("fcn8", "FCN-8"), ("unet", "U-Net")):
        m = metrics_of(name)
        values = [m["mean_iou"], m["mean_dice"], m["pixel_accuracy"], *(m["iou"][c] for c in CLASSES)]
        assert tables[title] == ["7,697", *(f"{value:.4f}" for value in values)]
    assert tables["peak learning rate"] == ["0.0003", "0.0003"]
    assert tables["start of the encoder"] == ["imagenet", "-"]
    assert tables["layers that did not start at random"] == ["block1_conv1", "-"]
    assert tables["training size, pixels"] == ["64", "64"]
    assert "On 3,669 photos of the official test split, at 64 x 64 pixels" in card
    assert "3,312 for training and 368 for validation" in card


def test_other_files_give_other_numbers():
    changed = networks()
    changed["unet"][1]["mean_iou"] = 0.5432101234
    card = str(draw_up_card("me/pets", changed, PATHS))
    assert "0.5432101234" in card and "| 0.5432 |" in card


def test_a_class_without_score_is_left_out():
    changed = networks()
    changed["unet"][1]["iou"]["pet"] = None
    card = draw_up_card("me/pets", changed, PATHS)
    assert not any(r.metric_name == "U-Net: IoU of pet" for r in card.data.eval_results)
    assert "| - |" in str(card)


def test_images_attribution_and_limits(card):
    for path in ("fcn8/curves.png", "unet/curves.png", "unet/samples.png"):
        assert f"![{path}]({path})" in card
    for text in (
        "Oxford-IIIT Pet",
        "CC BY-SA 4.0",
        "## Limits",
        "VGG-16",
        "1411.4038",
        "1505.04597",
        "From a clone of this project",
    ):
        assert text in card


def test_one_network_alone():
    card = str(draw_up_card("me/pets", networks("unet"), []))
    assert "FCN-8" not in card and "## Attribution" in card and "['unet']" in card


def test_a_config_that_says_little_or_odd_things():
    told = networks()
    for config, metrics in told.values():
        config["training"] = {"epochs": "| many |\n---\n", "dataset": "none"}
        config["parameters"] = None
        metrics |= {"photos": "all", "scored_at": None}
    card = str(draw_up_card("me/pets", told, []))
    assert "\\| many \\|" in card and ModelCard(card).data.pipeline_tag == "image-segmentation"
