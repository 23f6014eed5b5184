"""What the tabs say of a report: of these weights, of others, missing, damaged, with twins."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from repository import ROOT

from seg.comparison import Comparison
from seg.several_photos import COLUMNS, as_csv, row_of
from seg.ui.charts import line_chart, pair_chart
from seg.ui.contest_tab import most_different, report_for, results_table, skip_tables, training_curves
from seg.ui.drawings import draw_fcn8, draw_unet


@pytest.fixture
def service():
    """A service whose networks have the scores of the weights in this repository."""
    metrics = {name: json.loads((ROOT / f"weights/{name}/metrics.json").read_text()) for name in ("fcn8", "unet")}
    segmenters = {
        name: SimpleNamespace(metrics=scores, folder=Path("of/the/hub") / name) for name, scores in metrics.items()
    }
    networks = SimpleNamespace(segmenters=segmenters, origins=dict.fromkeys(metrics, "someone/pets, commit 0123456"))
    return SimpleNamespace(bundled_folder=ROOT / "weights", networks=networks)


def test_report_of_the_weights_that_run(service):
    report, remark = report_for(service)
    assert report["photos"] == 3669 and remark == ""


def test_report_of_other_weights_says_so(service):
    service.networks.segmenters["unet"].metrics["pixel_accuracy"] -= 0.01
    report, remark = report_for(service)
    assert (
        report is not None
        and "This page runs someone/pets, commit 0123456, of which there is no saved report" in remark
    )


def test_report_that_came_with_the_weights_is_shown_instead(service, tmp_path):
    for name, segmenter in service.networks.segmenters.items():
        segmenter.metrics["pixel_accuracy"] = 0.95
        segmenter.folder = tmp_path / name
    theirs = json.loads((ROOT / "weights/report/report.json").read_text())
    for numbers in theirs["networks"].values():
        numbers["pixel_accuracy"] = 0.95
    (tmp_path / "report").mkdir()
    (tmp_path / "report/report.json").write_text(json.dumps(theirs))
    report, remark = report_for(service)
    assert report == theirs and remark == ""


def test_no_report(service, tmp_path):
    service.bundled_folder = tmp_path
    report, remark = report_for(service)
    assert report is None and "There is no saved report" in remark and "python -m seg.report" in remark
    service.bundled_folder = ROOT / "weights"


def test_twins_are_shown_beside_one_another(service):
    report, _ = report_for(service)
    report = {key: value for key, value in report.items() if key != "twins"}
    assert "contest-twins" not in skip_tables(report)
    twins = [
        {
            "network": network,
            "skips": skips,
            "seed": seed,
            "pixel_accuracy": 0.8 + 0.01 * seed,
            "mean_iou": 0.5 + 0.1 * skips,
        }
        for network in ("fcn8", "unet")
        for skips in (True, False)
        for seed in (0, 1)
    ]
    shown = skip_tables(report | {"twins": twins})
    section = shown[shown.index("contest-twins") :]
    assert (
        section.count("without skips, seed 1") == 2
        and section.count("0.600") == 4
        and section.count("accuracy 0.810") == 4
    )


def test_better_value_is_bold_also_where_less_is_better(service):
    report, _ = report_for(service)
    row = re.search(r"<tr><th[^>]*>Multiply-adds.*?</tr>", results_table(report))[0]
    values = {name: numbers["cost"]["multiply_adds"] for name, numbers in report["networks"].items()}
    assert f"<b>{min(values.values()) / 1e9:.1f} billion</b>" in row and row.count("<b>") == 1


def test_photos_of_the_report_have_strips(service):
    strips = most_different(ROOT / "weights")
    assert len(strips) == 10 and all(image.width > 4 * image.height for image, _ in strips)


def test_missing_history_is_a_sentence(tmp_path):
    assert "is missing or damaged" in training_curves(tmp_path)


def test_lines_are_drawn_to_scale():
    drawn = line_chart("Score", "It rises.", [("red", False, [(1, 0.0), (2, 0.5), (3, 1.0)])])
    points = [tuple(map(float, point.split())) for point in re.search(r'd="M([^"]+)"', drawn)[1].split(" L")]
    (x1, y1), (x2, y2), (x3, y3) = points
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.1) and y1 - y2 == pytest.approx(y2 - y3, abs=0.1) and y1 > y3
    assert 'aria-label="Score. It rises."' in drawn


def test_pairs_are_drawn_to_scale_and_names_are_escaped():
    drawn = pair_chart("Breeds", "Two.", "score", [("<b>", 0.2, 0.4), ("pug", 0.6, 0.8)], ("red", "blue"), (0, 1))
    centres = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]
    steps = [later - earlier for earlier, later in zip(centres, centres[1:])]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2) and "&lt;b&gt;" in drawn and "<b>" not in drawn


def test_drawings_follow_the_networks_sizes():
    unet = draw_unet(16, 256)
    assert unet.count("copied") == 4 and ">256 px<" in unet and ">16 px<" in unet and ">256 features<" in unet
    fcn8 = draw_fcn8(4096, 224)
    assert fcn8.count(">added<") == 2 and ">4096 features<" in fcn8 and ">7 px<" in fcn8 and ">× 8<" in fcn8
    enlarged = draw_fcn8(512, 128, 1.5)
    assert ">192 px<" in enlarged and ">6 px<" in enlarged and ">× 1.5<" in enlarged and ">÷ 1.5<" in enlarged


def test_csv_of_a_single_network_keeps_its_columns():
    seen = SimpleNamespace(shares={"pet": 0.25, "background": 0.5, "outline": 0.25}, seconds=0.1)
    row = row_of('a, "b".jpg', SimpleNamespace(width=4, height=3), Comparison({"unet": seen}, None, None))
    header, line = as_csv([row]).decode("utf-8-sig").splitlines()
    assert header.split(",") == list(COLUMNS)
    assert line == '"a, ""b"".jpg",4,3,,,,,,0.25,0.5,0.25,0.1'
