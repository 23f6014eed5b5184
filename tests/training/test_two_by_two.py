"""The two-by-two: what is derived from made-up results, and the command that measures real ones."""

import json
from dataclasses import replace

import numpy as np
import pytest

from seg.data.locks import locked
from seg.networks import NETWORKS
from seg.report.charts import two_by_two_chart
from seg.training import two_by_two
from seg.training.trials import main
from seg.training.two_by_two import RUNS, TWO_BY_TWO, effects, read_two_by_two, skips_verdict, two_by_two_verdict

PHOTOS = 40
PIXELS = 30_000


def confusions(iou, run):
    """Confusion matrices (photos, 9), flat, whose mean IoU is about ``iou``; some photos are harder than others, to all."""
    hard, chance = np.random.default_rng(7).normal(0, 0.05, PHOTOS), np.random.default_rng(run).normal(0, 0.004, PHOTOS)
    right = 2 * iou / (1 + iou) + hard + chance - hard.mean() - chance.mean()
    return [[round(PIXELS * (r if i == j else (1 - r) / 2)) for i in range(3) for j in range(3)] for r in right]


def made_up(start=(0.2, 0.2), decoder=0.1, skips=(0.15, 0.05), seeds=(0, 1), keep=RUNS):
    """Results in which the start is worth ``start`` to FCN-8 and U-Net, U-Net's decoder ``decoder`` at random."""
    runs = []
    for run in keep:
        if run.seed not in seeds:
            continue
        unet = run.decoder == "unet"
        iou = 0.4 + decoder * unet + (start[unet] if run.start == "imagenet" else 0) - (0 if run.skips else skips[unet])
        rows = confusions(iou, len(runs))
        runs.append(
            {"decoder": run.decoder, "start": run.start, "skips": run.skips, "seed": run.seed, "confusions": rows}
        )
    return {"settings": {}, "runs": runs}


def test_effects_are_the_differences_of_the_cells():
    found = effects(made_up(start=(0.2, 0.1), decoder=0.15))
    cells = {(cell["decoder"], cell["start"], cell["skips"]): cell for cell in found["cells"]}
    assert len(cells) == 6
    for cell in cells.values():
        assert cell["low"] + 0.01 < cell["value"] < cell["high"] - 0.01
    known = pytest.approx  # whole pixels are rounded
    assert cells["fcn8", "random", True]["value"] == known(0.4, abs=0.01)
    assert found["start"]["fcn8"]["value"] == known(0.2, abs=0.01)
    assert found["start"]["unet"]["value"] == known(0.1, abs=0.01)
    assert found["decoder"]["random"]["value"] == known(0.15, abs=0.01)
    assert found["decoder"]["imagenet"]["value"] == known(0.05, abs=0.01)
    assert found["interaction"]["value"] == known(-0.1, abs=0.015)
    assert found["skips"]["fcn8"]["value"] == known(0.15, abs=0.01)
    assert found["skips"]["unet"]["value"] == known(0.05, abs=0.01)
    # The same photos are drawn for all runs: what they have in common is in no difference.
    assert found["decoder"]["random"]["high"] - found["decoder"]["random"]["low"] < 0.01


def test_a_score_is_the_mean_of_its_seeds_and_an_effect_compares_like_seeds():
    results = made_up()
    for run in results["runs"]:
        if run["decoder"] == "unet" and run["start"] == "random" and run["seed"] == 1:
            run["confusions"] = confusions(0.6, 99)
    found = effects(results)
    cell = next(c for c in found["cells"] if (c["decoder"], c["start"]) == ("unet", "random"))
    assert cell["by_seed"] == pytest.approx([0.5, 0.6], abs=0.01) and cell["value"] == pytest.approx(0.55, abs=0.01)
    assert found["decoder"]["random"]["by_seed"] == pytest.approx([0.1, 0.2], abs=0.015)


@pytest.mark.parametrize(
    "start, decoder, words",
    [
        (
            (0.2, 0.2),
            0.1,
            [
                "FCN-8's decoder gains 0.2",
                "U-Net's gains 0.2",
                "from ImageNet gains 0.1",
                "less than the start",
                "The two add up",
            ],
        ),
        (
            (0.2, 0.1),
            0.05,
            ["do not simply add up: the start is worth 0.", "less to U-Net's decoder", "from ImageNet loses 0.0"],
        ),
        ((0.05, 0.15), 0.3, ["more to U-Net's decoder", "more than the start is worth"]),
        ((0.0, 0.0), 0.1, ["no more than chance could bring"]),
    ],
)
def test_verdict_is_three_sentences_that_say_what_the_numbers_say(start, decoder, words):
    verdict = two_by_two_verdict(effects(made_up(start, decoder)))
    assert len(verdict) == 3 and all(sentence.endswith(".") for sentence in verdict)
    for word in words:
        assert word in " ".join(verdict)


def test_what_two_seeds_disagree_on_is_called_chance():
    results = made_up(start=(0.2, 0.2), decoder=0.1)
    for run in results["runs"]:
        if (run["decoder"], run["start"], run["skips"]) == ("unet", "random", True):
            run["confusions"] = confusions(0.36 if run["seed"] else 0.48, 99)
    found = effects(results)
    assert not two_by_two.is_certain(found["decoder"]["random"])
    assert "starts at random gains no more than chance could bring" in two_by_two_verdict(found)[1]


def test_one_seed_is_no_proof():
    verdict = two_by_two_verdict(effects(made_up(start=(0.2, 0.1), seeds=(0,))))
    assert verdict[2].startswith("Whether the two add up, one seed cannot tell")
    assert all("(one seed; 95 % interval over photos" in sentence for sentence in verdict)
    both = effects(made_up(start=(0.2, 0.1)))["interaction"]
    assert two_by_two.is_certain(both) and not two_by_two.is_certain(both | {"by_seed": both["by_seed"][:1]})


def test_seeds_that_disagree_on_whether_the_two_add_up_leave_it_open():
    results = made_up(start=(0.2, 0.2))
    for run in results["runs"]:
        if (run["decoder"], run["start"], run["skips"]) == ("fcn8", "imagenet", True):
            run["confusions"] = confusions(0.45 if run["seed"] else 0.62, 99)
    assert two_by_two_verdict(effects(results))[2].startswith(
        "Whether the two add up stays open, since the seeds disagree"
    )


def test_skips_have_a_sentence_of_their_own():
    (told,) = skips_verdict(effects(made_up()))
    assert "FCN-8's decoder gains 0.1" in told and "U-Net's gains 0.0" in told


@pytest.mark.parametrize("known", [0, 1, 3, 4, 8])
def test_an_interrupted_command_leaves_what_can_be_shown(known):
    found = effects(made_up(keep=RUNS[:known]))
    assert len(two_by_two_verdict(found)) == (3 if known >= 4 else 0)
    assert skips_verdict(found) == []
    bars = two_by_two_chart(found).count("<rect")
    assert bars == len({(run.decoder, run.start) for run in RUNS[:known]})


def test_one_seed_of_all_cells_comes_first_and_skips_last():
    assert {(run.decoder, run.start, run.skips, run.seed) for run in RUNS[:4]} == {
        (decoder, start, True, 0) for decoder in ("fcn8", "unet") for start in ("imagenet", "random")
    }
    assert [run.seed for run in RUNS[4:8]] == [1] * 4 and not any(run.skips for run in RUNS[8:]) and len(RUNS) == 12


@pytest.fixture
def options(prepared_dataset, tmp_path):
    options = [
        "--two-by-two",
        "--data-dir",
        prepared_dataset,
        "--work-dir",
        tmp_path / "work",
        "--output",
        tmp_path / "report",
    ]
    options += ["--encoder-weights", "none", "--image-size", 32, "--photos", 16, "--epochs", 1]
    return list(map(str, options))


def test_the_command_goes_on_with_what_is_missing(options, tmp_path, monkeypatch, capsys):
    results = made_up()["runs"]
    trained = []

    def train(run, *others):
        if len(trained) == 3 and "stop" not in trained:
            trained.append("stop")
            raise KeyboardInterrupt
        trained.append(run)
        return results[RUNS.index(run)] | {"mean_iou": 0.5, "minutes": 1}

    monkeypatch.setattr(two_by_two, "_train", train)
    assert main(options) == 130
    assert len(read_two_by_two(tmp_path / "report")["runs"]) == 3
    assert main(options) == 0
    assert [run for run in trained if run != "stop"] == list(RUNS), "each once, in order"
    assert len(two_by_two_verdict(effects(read_two_by_two(tmp_path / "report")))) == 3
    assert main([*options, "--epochs", "2"]) == 2
    assert "runs of other settings" in capsys.readouterr().err
    (tmp_path / "report" / TWO_BY_TWO).write_text("{")
    assert main(options) == 2
    assert "is damaged" in capsys.readouterr().err


def test_a_second_command_is_told_who_holds_it(options, tmp_path, capsys):
    with locked(tmp_path / "work/checkpoints/trial.safetensors", "got here first"):
        assert main(options) == 2
    assert "got here first since" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_trains_the_network_of_its_cell(options, tmp_path, monkeypatch):
    width, *others = NETWORKS["unet"].arguments
    narrow = replace(NETWORKS["unet"], arguments=(replace(width, default=2), *others))
    monkeypatch.setitem(NETWORKS, "unet", narrow)
    with monkeypatch.context() as patch:
        patch.setattr(two_by_two, "RUNS", RUNS[3:4])
        assert main(options) == 0
    saved = json.loads((tmp_path / "report" / TWO_BY_TWO).read_text())
    assert saved["settings"]["image_size"] == 32 and saved["settings"]["photos"] == 16
    (run,) = saved["runs"]
    assert (run["decoder"], run["start"], run["skips"], run["seed"]) == ("unet", "random", True, 0)
    (cell,) = effects(saved)["cells"]
    assert cell["value"] == pytest.approx(run["mean_iou"]) and len(run["by_epoch"]) == 1
    assert all(sum(photo) == 32 * 32 for photo in run["confusions"])


def test_only_does_not_go_with_it(options, capsys):
    with pytest.raises(SystemExit):
        main([*options, "--only", "unet"])
    assert "--only chooses among the trials" in capsys.readouterr().err
