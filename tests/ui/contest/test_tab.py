"""What the tabs say of a report: of these weights, of others, missing, damaged, with twins."""

import csv
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from seg.evaluation.saved_report import forget_reports
from seg.inference.comparison import Comparison
from seg.inference.several_photos import as_csv, columns, row_of
from seg.networks.weights import tensors_digest
from seg.ui.contest.curves_and_breeds import training_curves
from seg.ui.contest.gallery import cell_order
from seg.ui.contest.numbers import aligned
from seg.ui.contest.score_tables import confusion_tables, key_figures, results_table
from seg.ui.contest.skip_tables import silenced_tables, twins_table
from seg.ui.contest.tab import pictures_folder, report_for

from repository import ROOT


@pytest.fixture
def service():
    """A service whose networks are the weights in this repository, fetched from the Hub."""
    digests = {name: tensors_digest(ROOT / "weights" / name) for name in ("fcn8", "unet")}
    segmenters = {
        name: SimpleNamespace(digest=digest, folder=Path("of/the/hub") / name) for name, digest in digests.items()
    }
    networks = SimpleNamespace(
        segmenters=segmenters, compared=segmenters, origins=dict.fromkeys(digests, "someone/pets, commit 0123456")
    )
    return SimpleNamespace(bundled_folder=ROOT / "weights", networks=networks)


def test_report_of_the_weights_that_run(service):
    report, remark = report_for(service)
    assert report["photos"] == 3669 and remark == ""


def test_report_of_other_weights_is_not_shown(service):
    service.networks.segmenters["unet"].digest = "of others"
    report, remark = report_for(service)
    assert report is None
    assert "This page runs someone/pets, commit 0123456, of which there is no saved report" in remark
    assert "python -m seg.report" in remark


def test_report_that_came_with_the_weights_is_shown_instead(service, tmp_path):
    for name, segmenter in service.networks.segmenters.items():
        segmenter.digest = f"{name} of others"
        segmenter.folder = tmp_path / name
    theirs = json.loads((ROOT / "weights/report/report.json").read_text())
    for name, numbers in theirs["networks"].items():
        numbers["sha256"] = f"{name} of others"
    (tmp_path / "report").mkdir()
    (tmp_path / "report/report.json").write_text(json.dumps(theirs))
    report, remark = report_for(service)
    assert report == theirs and remark == "" and pictures_folder(report, service) is None


def test_photos_and_curves_belong_to_the_report_however_often_it_is_read(service):
    report, _ = report_for(service)
    forget_reports()  # as where two events read the file at the same moment
    assert pictures_folder(report, service) == ROOT / "weights"


def test_no_report(service, tmp_path):
    service.bundled_folder = tmp_path
    report, remark = report_for(service)
    assert report is None and "There is no saved report" in remark and "python -m seg.report" in remark
    service.bundled_folder = ROOT / "weights"


@pytest.mark.parametrize(("kind", "told"), [("text", "is damaged"), ("folder", "cannot be read (Is a directory)")])
def test_a_report_that_is_there_is_not_called_missing(service, tmp_path, kind, told):
    path = tmp_path / "report/report.json"
    path.parent.mkdir()
    path.write_text("{") if kind == "text" else path.mkdir()
    service.bundled_folder = tmp_path
    report, remark = report_for(service)
    assert report is None and f"report/report.json {told}" in remark and "no saved report" not in remark


def test_twins_are_shown_beside_one_another_and_what_they_show_is_told(service):
    report, _ = report_for(service)
    twins = [
        {"network": network, "skips": skips, "seed": seed, "mean_iou": 0.5 + 0.1 * skips + 0.02 * seed * skips}
        for network in ("fcn8", "unet")
        for skips in (True, False)
        for seed in (0, 1)
    ]
    shown = twins_table(report | {"twins": twins})
    assert (
        shown.count("U-Net, seed") == 2 and shown.count(aligned("0.620")) == 2 and shown.count(aligned("+0.120")) == 2
    )
    assert "worth +0.110 to FCN-8 and +0.110 to U-Net mean IoU" in shown


def test_silenced_skips_are_told_as_losses(service):
    report, _ = report_for(service)
    for numbers in report["networks"].values():
        scores = {"A, whole": 0.75, "A without b": 0.7, "A without c": 0.5}
        numbers = numbers | {"silenced_skips": {k: {"photos": 200, "mean_iou": v} for k, v in scores.items()}}
        shown = silenced_tables(report | {"networks": dict.fromkeys(report["networks"], numbers)})
    assert aligned("−0.050") in shown and "It loses most as A without c: 0.250." in shown and "0.750 mean IoU" in shown


def test_better_value_is_bold_also_where_less_is_better(service):
    report, _ = report_for(service)
    row = re.search(r"<tr><th[^>]*>Multiply-adds.*?</tr>", results_table(report))[0]
    values = {name: numbers["cost"]["multiply_adds"] for name, numbers in report["networks"].items()}
    assert aligned(f"{min(values.values()) / 1e9:.1f}", bold=True) in row and row.count("<b>") == 1


def test_key_figures_say_by_how_much_and_point_to_the_better_one():
    def numbers(score, cost):
        return {
            "mean_iou": score, "iou": {"outline": 0.5},
            "cost": {"parameters": cost * 1e6, "seconds_per_photo": 0.01},
        }  # fmt: skip

    shown = key_figures(
        {
            "photos": 3000,
            "contest": {"order": ["fcn8", "unet"]},
            "networks": {"fcn8": numbers(0.8, 30), "unet": numbers(0.6, 10)},
        }
    )
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", shown)
    assert "FCN-8, 25 % more" in rows[0] and "right:50%;width:12.5%" in rows[0]
    assert "level" in rows[1] and "level" in rows[3]
    assert "U-Net, 67 % less" in rows[2] and "left:50%;width:33.3%" in rows[2]
    assert "<p>FCN-8 is the better one in 1 and U-Net is the better one in 1 of these 4.</p>" in shown


def test_the_commonest_mistake_is_told():
    matrix = [[80, 5, 15], [1, 98, 1], [40, 10, 50]]
    report = {"contest": {"order": ["unet"]}, "networks": {"unet": {"confusion_matrix": matrix}}}
    shown = confusion_tables(report, has_photos=False)
    assert "40 of 100 pixels of outline are taken for pet" in shown and aligned("98.0", bold=True) in shown
    assert "data-photos" not in shown
    asked = re.findall(r'<button data-photos="([^"]+)"', confusion_tables(report, has_photos=True))
    assert asked == [cell_order("unet", true, seen) for true in range(3) for seen in range(3)]


def test_each_score_is_told_with_the_size_at_which_it_was_measured(service):
    report, _ = report_for(service)
    table = results_table(report)
    assert "FCN-8 at 256 x 256 and U-Net at 192 x 192; both are scored at 256 x 256." in table
    assert f"{report['contest']['larger_copies']['photos']:,} photos with a larger copy alone" in table
    scores = [numbers["published_size"]["mean_iou"] for numbers in report["networks"].values()]
    for score in scores:
        assert aligned(f"{score:.3f}", score == max(scores)) in table


def test_missing_history_is_a_sentence(tmp_path):
    assert "is missing; train the network or fetch" in training_curves(tmp_path, ["fcn8", "unet"])


def test_csv_of_a_single_network_keeps_its_columns():
    seen = SimpleNamespace(shares={"pet": 0.25, "background": 0.5, "outline": 0.25}, seconds=0.1)
    row = row_of('a, "b".jpg', SimpleNamespace(width=4, height=3), Comparison({"unet": seen}, None, None))
    header, line = csv.reader(io.StringIO(as_csv([row]).decode("utf-8-sig")))
    assert header == list(columns())
    assert line == ['a, "b".jpg', "4", "3", *[""] * 5, "0.25", "0.5", "0.25", "0.1"]
