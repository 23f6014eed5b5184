"""The training run: from photos to a folder of weights, interrupted and resumed."""

import csv
import json
import os
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from repository import ROOT, run_train
from PIL import Image
from safetensors.numpy import load_file, save_file

from seg.checkpoint import load_checkpoint, save_checkpoint
from seg.dataset import load_pets
from seg.errors import UserError
from seg.networks import build_network, tensors_of
from seg.training import Recipe, fit_network


def recipe(**changes):
    settings = dict(
        network="unet", arguments={"base_filters": 2, "dropout_rate": 0.3}, image_size=32, epochs=3, batch_size=4,
        learning_rate=1e-2, weight_decay=0.01, encoder_weights=None, precision="float32", seed=1,
        ema_momentum=0.5,
    )  # fmt: skip
    return Recipe(**(settings | changes))


class StopAfter:
    """`save_checkpoint`, interrupted once it has written ``count`` checkpoints."""

    def __init__(self, count):
        self.left = count

    def __call__(self, *arguments):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        save_checkpoint(*arguments)


@pytest.fixture(scope="module")
def pets(prepared_dataset, tmp_path_factory):
    return load_pets(tmp_path_factory.mktemp("cache"), 32, prepared_dataset)


@pytest.fixture(scope="module")
def uninterrupted(pets, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "unet.safetensors"
    return fit_network(recipe(), pets.train, pets.validation, path, resume=False), path


def test_training_learns(uninterrupted):
    fitted, _ = uninterrupted
    losses = [row["loss"] for row in fitted.history]
    assert losses[-1] < losses[0]
    best = max(fitted.history, key=lambda row: row["val_mean_iou"])
    assert fitted.best_epoch == best["epoch"]


def test_warm_up_then_cosine(uninterrupted):
    rates = [row["learning_rate"] for row in uninterrupted[0].history]
    assert rates[0] > rates[1] > rates[2]
    assert rates[0] < 1e-2 and rates[2] == pytest.approx(0, abs=1e-6)


def test_resumed_run_equals_one_that_never_stopped(pets, uninterrupted, tmp_path, monkeypatch):
    path = tmp_path / "unet.safetensors"
    with monkeypatch.context() as patch:
        # The same schedule, stopped while the second epoch's checkpoint is written.
        patch.setattr("seg.training.save_checkpoint", StopAfter(1))
        with pytest.raises(KeyboardInterrupt):
            fit_network(recipe(), pets.train, pets.validation, path, resume=False)
    assert len(load_checkpoint(path)[0]["history"]) == 1
    resumed = fit_network(recipe(), pets.train, pets.validation, path, resume=True)
    whole, _ = uninterrupted
    assert [row["epoch"] for row in resumed.history] == [1, 2, 3]
    for row, expected in zip(resumed.history, whole.history):
        assert row["loss"] == pytest.approx(expected["loss"], rel=1e-4)
        assert row["val_loss"] == pytest.approx(expected["val_loss"], rel=1e-3)  # of the averaged weights
    for name, tensor in resumed.tensors.items():
        np.testing.assert_allclose(tensor, whole.tensors[name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_average_of_weights_is_what_is_kept(pets, tmp_path):
    """With a momentum of nearly 1 the average stays where training started."""
    settings = dict(ema_momentum=1 - 1e-6, epochs=1)
    fitted = fit_network(recipe(**settings), pets.train, pets.validation, tmp_path / "a.safetensors", resume=False)
    keras.utils.set_random_seed(recipe().seed)
    started = tensors_of(build_network("unet", recipe().arguments))
    for name, tensor in fitted.tensors.items():
        if "norm" not in name:
            np.testing.assert_allclose(tensor, started[name], atol=1e-4, err_msg=name)
    state, tensors = load_checkpoint(tmp_path / "a.safetensors")
    trained = [
        tensor
        for name, tensor in tensors.items()
        if name.startswith("now/") and tensor.shape == started["score/kernel"].shape
    ]
    assert any(np.abs(tensor - started["score/kernel"]).max() > 1e-3 for tensor in trained), (
        "the weights themselves go on"
    )


def test_full_disk_while_a_checkpoint_is_written(pets, uninterrupted, tmp_path):
    """A limit on the size of files stands for the disk; the former checkpoint survives."""
    path = tmp_path / "unet.safetensors"
    former = uninterrupted[1].read_bytes()
    path.write_bytes(former)
    code = (
        "import resource, signal, sys, numpy as np\n"
        "from seg.checkpoint import save_checkpoint\n"
        "from seg.errors import UserError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n"
        "    save_checkpoint(sys.argv[1], {}, {'a': np.zeros(100_000)})\n"
        "except UserError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True)
    assert re.search(r"could not be written .*(--resume|the same command again|another folder)", done.stdout), (
        done.stderr
    )
    assert path.read_bytes() == former
    assert [p.name for p in tmp_path.iterdir()] == ["unet.safetensors"], "nothing half-written stays on the full disk"


def test_unfinished_run_is_not_lost(pets, uninterrupted):
    with pytest.raises(UserError, match="go on with --resume"):
        fit_network(recipe(), pets.train, pets.validation, uninterrupted[1], resume=False)


def test_changed_options_are_named(pets, uninterrupted):
    with pytest.raises(UserError, match="batch_size 4"):
        fit_network(recipe(batch_size=8), pets.train, pets.validation, uninterrupted[1], resume=True)


def test_damaged_checkpoint_is_one_sentence(pets, uninterrupted, tmp_path):
    path = tmp_path / "unet.safetensors"
    path.write_bytes(uninterrupted[1].read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged; delete it"):
        fit_network(recipe(), pets.train, pets.validation, path, resume=True)


def test_run_killed_and_resumed(smoke):
    folder, _, refused, resumed = smoke
    assert refused.returncode == 2 and "--resume" in refused.stderr and "Traceback" not in refused.stderr
    assert re.search(r"Resuming FCN-8 after epoch [123] of 3\.", resumed.stdout)
    assert "There is no unfinished run of U-Net in runs: it starts anew." in resumed.stdout
    assert "val_mean_iou" in resumed.stdout and "min left" in resumed.stdout
    assert not list((folder / "runs/checkpoints").iterdir()), "finished runs leave no checkpoint"


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
    assert config["network"] == name and config["training"]["limit"] == 12 and config["training"]["epochs"] == 3
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["split"] == "test" and metrics["photos"] == 12 and metrics["limit"] == 12
    assert np.sum(metrics["confusion_matrix"]) == 12 * 32 * 32
    rows = list(csv.DictReader((folder / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"] and float(rows[1]["val_mean_iou"]) >= 0
    assert Image.open(folder / "curves.png").size[0] > 500
    assert Image.open(folder / "samples.png").size == (3 * 38 + 6, 6 * 54 + 22)  # six rows of three 32-pixel pictures
    assert {t.dtype.name for t in load_file(folder / "model.safetensors").values()} == {"float16", "float32"}


def test_saved_network_scores_what_metrics_say(smoke, prepared_dataset):
    from seg.evaluation import evaluate
    from seg.weights import load_network

    folder, *_ = smoke
    network, _ = load_network(folder / "runs/first12/unet")
    network.compile()
    test = load_pets(folder / "runs/cache", 32, prepared_dataset, limit=12).test
    stated = json.loads((folder / "runs/first12/unet/metrics.json").read_text())
    assert evaluate(network, test)["confusion_matrix"] == stated["confusion_matrix"]


def test_training_on_from_trained_weights(smoke):
    folder, options, *_ = smoke
    before = json.loads((folder / "runs/first12/unet/config.json").read_text())["training"]
    on = [
        *options,
        "--networks",
        "unet",
        "--start-weights",
        "runs/first12",
        "--learning-rate",
        "1e-9",
        "--epochs",
        1,
        "--output",
        "on",
    ]
    run_train(*on, cwd=folder, check=0)
    config = json.loads((folder / "on/unet/config.json").read_text())
    assert config["training"]["before"] == before and config["training"]["epochs_before"] == 3
    rows = list(csv.DictReader((folder / "on/unet/history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"] and config["training"]["best_epoch"] == 4
    # With next to no learning rate the kernels stay what they were.
    first, on_tensors = (load_file(folder / path / "unet/model.safetensors") for path in ("runs/first12", "on"))
    np.testing.assert_allclose(on_tensors["score/kernel"], first["score/kernel"], atol=1e-3)
    refused = run_train(*on, "--base-filters", 3, "--output", "other", cwd=folder)
    assert refused.returncode == 2 and "give the same widths" in refused.stderr


def test_smoke_run_does_not_replace_a_full_one(smoke):
    folder, options, *_ = smoke
    full = folder / "full/unet"
    full.mkdir(parents=True, exist_ok=True)
    (full / "config.json").write_text(json.dumps({"training": {"limit": None}}))
    save_file({"a": np.zeros(1, "f")}, full / "model.safetensors")
    done = run_train(*options, "--output", "full", "--networks", "unet", cwd=folder)
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
        (["--data-dir", "nowhere"], "holds no prepared"),
    ],
)
def test_bad_options_are_one_sentence(options, part, tmp_path):
    done = run_train(*options, cwd=tmp_path)
    assert done.returncode == 2 and part in done.stderr
    assert "Traceback" not in done.stderr
