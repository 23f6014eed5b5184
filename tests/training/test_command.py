"""``train.py``: from photos to a folder of weights and its report, killed and resumed."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from seg.data.dataset import load_pets
from seg.errors import UserError
from seg.networks import NETWORKS
from seg.training.command import main
from seg.training.options import parse_options
from seg.training.recipe import recipe_of

from repository import ROOT, train

METRICS = json.dumps({"pixel_accuracy": 0.9, "mean_iou": 0.7}).encode()


def test_run_killed_and_resumed(smoke):
    folder, _, resumed = smoke
    assert re.search(r"Resuming FCN-8 after epoch [123] of 3\.", resumed)
    assert "There is no unfinished run of U-Net in runs: it starts anew." in resumed
    assert "val_mean_iou" in resumed and "min left" in resumed
    left = [path for path in (folder / "runs/checkpoints").iterdir() if path.suffix != ".lock"]
    assert not left, "finished runs leave no checkpoint"


@pytest.mark.slow
def test_a_backend_that_is_none_is_one_sentence(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "abacus"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), "--encoder-weights", "none"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (
        done.returncode == 2
        and "Keras cannot run with KERAS_BACKEND=abacus" in done.stderr
        and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_run_leaves_everything(smoke, name):
    folder = smoke[0] / "runs/first12" / name
    config = json.loads((folder / "config.json").read_text())
    assert config["network"] == name and config["training"]["limit"] == 12
    (stage,) = config["training"]["stages"]
    assert stage["epochs"] == 3 and stage["start"] == "anew" and stage["image_size"] == 32
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["split"] == "test" and metrics["photos"] == 12 and metrics["limit"] == 12
    assert np.sum(metrics["confusion_matrix"]) == 12 * 32 * 32
    rows = list(csv.DictReader((folder / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"] and float(rows[1]["val_mean_iou"]) >= 0
    assert Image.open(folder / "curves.png").size[0] > 500
    assert Image.open(folder / "samples.png").size == (3 * 38 + 6, 6 * 54 + 22)  # six rows of three 32-pixel pictures
    assert {t.dtype.name for t in load_file(folder / "model.safetensors").values()} == {"float16", "float32"}


def test_saved_network_scores_what_metrics_say(smoke, prepared_dataset):
    from seg.evaluation.evaluate import evaluate
    from seg.networks.weights import load_network

    folder, *_ = smoke
    network, _ = load_network(folder / "runs/first12/unet")
    network.compile()
    test = load_pets(folder / "runs/cache", 32, prepared_dataset, limit=12).test
    stated = json.loads((folder / "runs/first12/unet/metrics.json").read_text())
    assert evaluate(network, test)["confusion_matrix"] == stated["confusion_matrix"]


def test_training_on_from_trained_weights(smoke):
    folder, options, *_ = smoke
    before = json.loads((folder / "runs/first12/unet/config.json").read_text())["training"]["stages"]
    on = [
        *options, "--networks", "unet", "--start-weights", "runs/first12", "--learning-rate", "1e-9", "--epochs", 1,
        "--output", "on",
    ]  # fmt: skip
    trained_on = train(*on, cwd=folder)
    assert trained_on.returncode == 0, trained_on.stderr
    config = json.loads((folder / "on/unet/config.json").read_text())
    *former, stage = config["training"]["stages"]
    assert former == before and stage["start"] == "the former stage" and stage["epochs"] == 1
    assert 0 <= stage["start_mean_iou"] <= 1 and stage["best_epoch"] in (0, 1)
    rows = list(csv.DictReader((folder / "on/unet/history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    # With next to no learning rate the kernels stay what they were.
    first, on_tensors = (load_file(folder / path / "unet/model.safetensors") for path in ("runs/first12", "on"))
    np.testing.assert_allclose(on_tensors["score/kernel"], first["score/kernel"], atol=1e-3)
    refused = train(*on, "--base-filters", 3, "--output", "other", cwd=folder)
    assert refused.returncode == 2 and "has base_filters 2, not 3; give --base-filters 2." in refused.stderr


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Runs `train.py` where there is nothing left to train; returns how the report was asked for."""
    asked = []
    monkeypatch.setattr("seg.networks.contract.check_contract", lambda *_: None)
    monkeypatch.setattr("seg.training.fit.fit_network", lambda *_: None)
    monkeypatch.setattr("seg.training.scoring.score", lambda *_: ({}, {}, {"metrics.json": METRICS}))
    monkeypatch.setattr("seg.networks.weights.save_network_folder", lambda folder, *_: folder.mkdir(parents=True))
    nothing = SimpleNamespace(train=[], validation=[], test=[], description={"sha256": "0"})
    monkeypatch.setattr("seg.data.dataset.load_pets", lambda *_: nothing)

    def run(*options, report=lambda *args: None):
        arguments = ["--output", tmp_path / "out", "--work-dir", tmp_path, "--encoder-weights", "none", *options]
        return main([str(a) for a in arguments], make_report=lambda *args: (asked.append(args), report(*args))), asked

    return run


def test_the_report_is_made_after_training(trained, tmp_path):
    assert trained() == (0, [(tmp_path / "out", str(tmp_path), None, None)])


def test_the_report_is_there_before_the_push(trained, monkeypatch):
    happened = []
    monkeypatch.setattr("seg.training.publishing.prepare_push", lambda options: None)
    monkeypatch.setattr("seg.training.publishing.push", lambda options: happened.append("push"))
    trained("--push-to", "me/pets", report=lambda *args: happened.append("report"))
    assert happened == ["report", "push"]


def test_no_report_leaves_it_out(trained):
    assert trained("--no-report") == (0, [])


def test_one_network_alone_has_no_report(trained, capsys):
    assert trained("--networks", "unet") == (0, [])
    assert "There is no report: it compares both networks" in capsys.readouterr().out


def test_a_report_that_fails_says_that_the_weights_are_safe(trained, capsys):
    def fail(*args):
        raise UserError("The disk is full.")

    assert trained(report=fail)[0] == 2
    said = capsys.readouterr().err
    assert (
        "The weights are safe in" in said and "The disk is full." in said and "python -m seg.report --weights" in said
    )


def test_a_stop_while_the_report_is_made_is_no_reason_to_train_again(trained, capsys, tmp_path):
    def stop(*args):
        raise KeyboardInterrupt

    assert trained("--data-dir", "my pets", report=stop)[0] == 130
    said = capsys.readouterr().err
    assert f"stopped; the weights are safe in {tmp_path / 'out'}, but have no report: python -m seg.report" in said
    command = shlex.split(said.partition("python -m seg.report ")[2].partition(" makes it.")[0])
    assert command == ["--weights", f"{tmp_path / 'out'}", "--work-dir", f"{tmp_path}", "--data-dir", "my pets"]
    assert "--resume" not in said


def test_unet_with_vgg16_as_its_encoder_starts_and_steps_as_fcn8_does():
    vgg16 = parse_options(["--unet-encoder", "vgg16", "--encoder-weights", "none"])
    fcn8, unet = (recipe_of(vgg16, name, None) for name in ("fcn8", "unet"))
    assert unet.arguments == NETWORKS["unet"].defaults | {"encoder": "vgg16"}
    assert (unet.encoder_weights, unet.learning_rate) == (fcn8.encoder_weights, fcn8.learning_rate) == ("none", 3e-4)
    plain = recipe_of(parse_options(["--encoder-weights", "none"]), "unet", None)
    assert plain.arguments == NETWORKS["unet"].defaults and plain.encoder_weights is None
    trained = SimpleNamespace(config={"arguments": plain.arguments}, history=[])
    assert recipe_of(parse_options([]), "unet", trained).arguments == plain.arguments
    with pytest.raises(UserError, match="give --unet-encoder plain"):
        recipe_of(vgg16, "unet", trained)


def test_smoke_run_does_not_replace_a_full_one(smoke):
    folder, options, *_ = smoke
    full = folder / "full/unet"
    full.mkdir(parents=True, exist_ok=True)
    (full / "config.json").write_text(json.dumps({"training": {"limit": None}}))
    save_file({"a": np.zeros(1, "f")}, full / "model.safetensors")
    done = train(*options, "--output", "full", "--networks", "unet", cwd=folder)
    assert done.returncode == 2 and "choose another --output" in done.stderr
    assert load_file(full / "model.safetensors").keys() == {"a"}


@pytest.mark.parametrize(
    "options, part",
    [
        (["--image-size", "100"], "multiple of 32"),
        (["--epochs", "0"], "at least 1"),
        (["--image-size", "2048"], "up to 1024"),
        (["--base-filters", "256"], "1 to 128"),
        (["--seed", str(2**32)], "4294967295"),
        (["--limit", "3"], "at least 10"),
        (["--learning-rate", "7"], "between 0 and 1"),
        (["--enlarge", "1.3"], "1.3 times 128 is not"),
        (["--dice-weight", "-1"], "0 or more"),
        (["--ema-momentum", "1"], "less than 1"),
        (["--encoder-weights", "nowhere.npz"], "no file nowhere.npz"),
        (["--networks", "resnet"], "invalid choice"),
        (["--unet-encoder", "resnet"], "invalid choice"),
        (["--data-dir", "nowhere"], "holds no prepared"),
    ],
)
def test_bad_options_are_one_sentence(options, part, tmp_path):
    done = train(*options, cwd=tmp_path)
    assert done.returncode == 2 and part in done.stderr
    assert "Traceback" not in done.stderr
