"""The weights that ship: what they are, and how well they do on photos nobody trained on."""

import json

import numpy as np
import pytest

from seg.evaluation.metrics import confusion_matrix, scores
from seg.evaluation.saved_report import is_about, read_report
from seg.inference.segmenter import Segmenter
from seg.networks.weights import tensors_digest

from repository import ROOT, example_photo, example_truth

WEIGHTS = ROOT / "weights"
NAMES = ("fcn8", "unet")


@pytest.fixture(scope="module")
def segmenters():
    return {name: Segmenter(WEIGHTS / name) for name in NAMES}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_examples_at_their_own_size(segmenters, example_names, name):
    confusion = sum(
        confusion_matrix(example_truth(example), segmenters[name].segment(example_photo(example)))
        for example in example_names
    )
    got = scores(confusion)
    assert got["pixel_accuracy"] > 0.9, got
    assert got["mean_iou"] > 0.71, got


@pytest.mark.parametrize("name", NAMES)
def test_metrics_file(name):
    metrics = json.loads((WEIGHTS / name / "metrics.json").read_text())
    assert metrics["split"] == "test" and metrics["photos"] == 3669 and metrics["limit"] is None
    derived = scores(np.array(metrics["confusion_matrix"]))
    for key, value in derived.items():
        assert metrics[key] == pytest.approx(value), key
    assert metrics["scored_at"] == 256 and metrics["pixel_accuracy"] >= 0.92 and metrics["mean_iou"] >= 0.78


def test_report_and_metrics_are_of_these_very_weights():
    report = read_report(WEIGHTS)
    assert is_about(report, {name: tensors_digest(WEIGHTS / name) for name in NAMES})
    for name in NAMES:
        metrics = json.loads((WEIGHTS / name / "metrics.json").read_text())
        assert report["networks"][name]["confusion_matrix"] == metrics["confusion_matrix"]


@pytest.mark.parametrize("name", NAMES)
def test_config_says_how_it_was_trained(name):
    training = json.loads((WEIGHTS / name / "config.json").read_text())["training"]
    assert (
        training["limit"] is None and training["dataset"]["train"] == 3306 and training["dataset"]["validation"] == 367
    )


@pytest.mark.slow
def test_networks_disagree_somewhere(segmenters, example_names):
    maps = [segmenters[name].segment(example_photo(example_names[0])) for name in NAMES]
    assert 0.5 < (maps[0] == maps[1]).mean() < 1


def test_size_in_git():
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()) < 96 * 2**20
