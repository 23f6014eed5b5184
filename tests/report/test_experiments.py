"""The two-by-two comes into a report that is there already: table, sentences and chart."""

import json
import shutil
from xml.etree import ElementTree

import pytest

from seg.report.tables import TWO_BY_TWO_CHART
from seg.report.write import renew_experiments
from seg.training.two_by_two import TWO_BY_TWO, effects, two_by_two_verdict

from repository import ROOT

SAVED = ROOT / "weights/report"
RIGHT = {"fcn8": 60, "unet": 80}


@pytest.fixture
def results():
    """All four cells, one seed, three photos: U-Net's decoder gets more pixels right, ImageNet twenty more."""

    def matrix(right):
        wrong = 100 - right
        return [right, wrong, 0, wrong, right, 0, 0, wrong, right]

    runs = [
        {"decoder": decoder, "start": start, "skips": True, "seed": 0, "confusions": [matrix(right + more)] * 3}
        for decoder, right in RIGHT.items()
        for start, more in (("imagenet", 15), ("random", 0))
    ]
    return {"settings": {"image_size": 64, "photos": 80, "epochs": 2, "batch_size": 8}, "runs": runs}


def test_results_come_into_a_report_that_is_there(results, tmp_path):
    folder = tmp_path / "report"
    folder.mkdir()
    for name in ("report.json", "trials.json"):
        shutil.copy(SAVED / name, folder / name)
    (folder / TWO_BY_TWO).write_text(json.dumps(results))
    renew_experiments(tmp_path)

    before, after = (json.loads((place / "report.json").read_text()) for place in (SAVED, folder))
    assert after["contest"] == before["contest"], "what was measured stays"
    found = after["two_by_two"]
    assert found["verdict"] == two_by_two_verdict(effects(results))
    # By hand: 40 of each class are missed, and 40, 80 and 0 pixels wrongly put into it.
    cell = next(c for c in found["cells"] if (c["decoder"], c["start"]) == ("fcn8", "random"))
    assert cell["value"] == pytest.approx((60 / 140 + 60 / 180 + 60 / 100) / 3)

    told = (folder / "report.md").read_text()
    assert "20 steps of 8 photos of 64 x 64" in told
    assert f"| FCN-8 | random | with | {cell['value']:.3f} " in told
    assert all(sentence in told for sentence in found["verdict"])
    assert f"]({TWO_BY_TWO_CHART})" in told
    assert f"{cell['value']:.3f}" in ElementTree.parse(folder / TWO_BY_TWO_CHART).getroot().get("aria-label")


def test_each_change_stands_beside_what_chance_does(tmp_path):
    for name in ("report.json", "trials.json"):
        (tmp_path / "report").mkdir(exist_ok=True)
        shutil.copy(SAVED / name, tmp_path / "report" / name)
    trials = json.loads((SAVED / "trials.json").read_text())
    for trial in trials["trials"]:
        if (trial["network"], trial["change"]) == ("unet", "as it is"):
            trial["mean_iou"] = 0.5 + 0.031 * trial["seed"]
        if (trial["network"], trial["change"], trial["seed"]) == ("unet", "twice the epochs", 0):
            trial["mean_iou"] = 0.55
    (tmp_path / "report/trials.json").write_text(json.dumps(trials))
    renew_experiments(tmp_path)
    told = (tmp_path / "report/report.md").read_text()
    assert "| U-Net | twice the epochs | 0 | 0.550 | +0.050 | 0.031 |" in told
