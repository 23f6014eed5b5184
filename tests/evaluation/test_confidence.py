"""How sure a network is, and whether the saved report may be asked about it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from seg.evaluation.calibration import confidences
from seg.evaluation.confidence import disputed_confidence, mean_confidence
from seg.evaluation.saved_report import forget_reports, report_on

LOGITS = np.log(np.array([[[0.8, 0.1, 0.1], [0.2, 0.5, 0.3]]], np.float32))
"""One pixel that is 80 % pet beside one that is 50 % background."""


def test_confidence_is_the_probability_of_the_likeliest_class():
    assert confidences(LOGITS) == pytest.approx(np.array([[0.8, 0.5]]))
    assert mean_confidence(LOGITS, 1) == pytest.approx({"photo": 0.65, "pet": 0.8, "background": 0.5, "outline": None})


def test_a_high_temperature_makes_less_sure():
    roots = np.sqrt([0.8, 0.1, 0.1])
    assert confidences(LOGITS, 2)[0, 0] == pytest.approx(roots[0] / roots.sum())
    assert (confidences(LOGITS, 2) < confidences(LOGITS)).all()


@pytest.fixture
def segmenters(tmp_path):
    """Two networks in one folder, with a report on them."""
    measured = {name: {"sha256": f"{name}'s", "calibration": {"temperature": 1.1}} for name in ("fcn8", "unet")}
    (tmp_path / "report").mkdir()
    (tmp_path / "report/report.json").write_text(
        json.dumps({"networks": measured, "photos": 12, "contest": {"wins": {"first": 0.4, "second": 0.6}}})
    )
    return {name: SimpleNamespace(folder=tmp_path / name, digest=f"{name}'s") for name in measured}


def test_report_on_these_weights(segmenters):
    assert report_on(segmenters)["networks"]["unet"]["calibration"]["temperature"] == 1.1


@pytest.mark.parametrize("digest", [None, "unet's", "fcn8's of another training"])
def test_report_on_other_weights_is_not_used(segmenters, digest):
    segmenters["fcn8"].digest = digest
    assert report_on(segmenters) is None


def test_a_report_that_does_not_say_which_weights_it_measured_is_not_used(segmenters, tmp_path):
    path = tmp_path / "report/report.json"
    report = json.loads(path.read_text())
    del report["networks"]["unet"]["sha256"]
    path.write_text(json.dumps(report | {"pixel_accuracy": 0.88}))
    forget_reports()
    assert report_on(segmenters) is None


@pytest.mark.parametrize(
    "text", [None, "{", "[]", "{}", "[" * 100_000, '{"networks": {"fcn8": {"pixel_accuracy": 0.88}}}']
)
def test_missing_or_damaged_report(segmenters, tmp_path, text):
    (tmp_path / "report/report.json").unlink()
    if text is not None:
        (tmp_path / "report/report.json").write_text(text)
    assert report_on(segmenters) is None


def test_no_report_covers_networks_of_two_origins(segmenters, tmp_path):
    segmenters["unet"].folder = tmp_path / "elsewhere" / "unet"
    assert report_on(segmenters) is None


def test_disputed_confidence_is_that_of_the_pixels_where_the_maps_differ():
    first, second = np.array([[0, 1], [2, 1]]), np.array([[0, 1], [1, 0]])
    sure = np.array([[1.0, 1.0], [0.5, 0.7]]), np.array([[0.4, 0.4], [0.9, 0.7]])
    assert disputed_confidence((first, second), sure) == pytest.approx([0.6, 0.8])
    assert disputed_confidence((first, first), sure) is None
