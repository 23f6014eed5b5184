"""The card says what the files say, in the form that the Hub reads."""

import json
import re

import pytest
import yaml
from huggingface_hub import ModelCard

from seg.hub.model_card import draw_up_card
from seg.networks import TITLES

from hub_samples import ROOT, config_of, metrics_of

PATHS = ["fcn8/config.json", "fcn8/model.safetensors", "fcn8/curves.png", "unet/curves.png", "unet/samples.png"]
CLASSES = ("pet", "background", "outline")


def networks(*names):
    return {name: (config_of(name), json.loads(json.dumps(metrics_of(name)))) for name in names or ("fcn8", "unet")}


@pytest.fixture(scope="module")
def card():
    return draw_up_card("me/pets", networks(), PATHS)


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
    head = next(row for row in rows if row[:2] == ["network", "run"])
    runs = {row[0]: dict(zip(head, row)) for row in rows if len(row) == len(head) and row[1] == "1"}
    tables = {row[0]: row[1:] for row in rows if len(row) != len(head)}
    for name, title in (("fcn8", "FCN-8"), ("unet", "U-Net")):
        m = metrics_of(name)
        values = [m["mean_iou"], m["mean_dice"], m["pixel_accuracy"], *(m["iou"][c] for c in CLASSES)]
        assert tables[title] == ["7,697", *(f"{value:.4f}" for value in values)]
    assert [runs[title]["peak learning rate"] for title in runs] == ["0.0003", "0.0003"]
    assert [runs[title]["weights of the encoder"] for title in runs] == ["imagenet", "-"]
    assert tables["layers that did not start at random"] == ["block1_conv1", "-"]
    assert tables["size of the network's input, pixels"] == ["64", "64"]
    assert "On 3,669 photos of the official test split, at 64 x 64 pixels" in card
    assert "3,312 for training and 368 for validation" in card


def test_other_files_give_other_numbers():
    changed = networks()
    changed["unet"][1]["mean_iou"] = 0.5432101234
    card = draw_up_card("me/pets", changed, PATHS)
    assert "0.5432101234" in card and "| 0.5432 |" in card


def test_a_class_without_score_is_left_out():
    changed = networks()
    changed["unet"][1]["iou"]["pet"] = None
    card = ModelCard(draw_up_card("me/pets", changed, PATHS))
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


@pytest.mark.parametrize("pretrained", [(), ("fcn8",), ("unet",), ("fcn8", "unet")], ids=" and ".join)
def test_whoever_started_from_vgg16_says_so(pretrained):
    trained = networks()
    for name, (config, _) in trained.items():
        config["training"]["pretrained_layers"] = ["block1_conv1"] if name in pretrained else []
    attribution = draw_up_card("me/pets", trained, []).partition("## Attribution")[2]
    told = {
        name for name, title in TITLES.items() if f"{title}'s encoder started from weights of [VGG-16]" in attribution
    }
    assert told == set(pretrained) and ("VGG-16" in attribution) == bool(pretrained)


def test_links_of_the_report_lead_from_where_the_card_lies():
    report = (ROOT / "weights/report/report.md").read_text() + "[a paper](https://arxiv.org/abs/1) [above](#results)"
    card = draw_up_card("me/pets", networks(), PATHS, report=report)
    assert "](breeds.svg)" in report and "](report/breeds.svg)" in card and "](breeds.svg)" not in card
    assert "[a paper](https://arxiv.org/abs/1) [above](#results)" in card


def test_one_network_alone():
    card = draw_up_card("me/pets", networks("unet"), [])
    assert "FCN-8" not in card and "## Attribution" in card and "['unet']" in card


def test_a_config_that_says_little_or_odd_things():
    told = networks()
    for config, metrics in told.values():
        config["training"] = {"epochs": "| many |\n---\n", "dataset": "none"}
        config["parameters"] = None
        metrics |= {"photos": "all", "scored_at": None}
    card = draw_up_card("me/pets", told, [])
    assert "\\| many \\|" in card and ModelCard(card).data.pipeline_tag == "image-segmentation"


def test_each_run_has_a_row_with_numbers_of_its_own():
    """As a former version kept three runs, one within another, epochs and minutes counted from the first."""
    first = config_of("fcn8", epochs=6, best_epoch=5, minutes=42.7, encoder_weights="vgg.npz")["training"]
    second = first | {"epochs": 3, "best_epoch": 9, "minutes": 66.5, "epochs_before": 6, "before": first}
    third = second | {"epochs": 7, "best_epoch": 15, "minutes": 120.4, "epochs_before": 9, "before": second}
    continued = networks("fcn8")
    continued["fcn8"][0]["training"] = third
    text = str(draw_up_card("me/pets", continued, []))
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    head = next(row for row in rows if row[:2] == ["network", "run"])
    runs = [dict(zip(head, row)) for row in rows if row[0] == "FCN-8" and len(row) == len(head)]
    kept = "epoch kept (best validation mean IoU)"
    columns = ("run", "epochs", kept, "minutes", "weights of the encoder", "starts from", "size, pixels")
    assert [tuple(run[key] for key in columns) for run in runs] == [
        ("1", "6", "5", "42.7", "vgg.npz", "anew", "-"),
        ("2", "3", "3", "23.8", "-", "the former stage", "-"),
        ("3", "7", "6", "53.9", "-", "the former stage", "64"),
    ]
    assert "FCN-8 was trained for 16 epochs in 3 runs (120 minutes)." in text and "VGG-16" in text
