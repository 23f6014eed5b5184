"""The training run: from photos to a folder of weights, interrupted and resumed."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file
from tiny import NETWORK as TINY

from seg.data.batches import TrainingBatches
from seg.data.dataset import load_pets
from seg.errors import UserError
from seg.networks import NETWORKS, TITLES, build_network, tensors_of
from seg.training.checkpoint import load_checkpoint, save_checkpoint
from seg.training.command import main
from seg.training.fit import check_resumable, fit_network
from seg.training.options import parse_options
from seg.training.recipe import Recipe, recipe_of
from seg.training.start import Start

from repository import ROOT, train

METRICS = json.dumps({"pixel_accuracy": 0.9, "mean_iou": 0.7}).encode()


def recipe(**changes):
    settings = {
        "network": "unet", "arguments": {"base_filters": 2, "dropout_rate": 0.3}, "image_size": 32, "epochs": 3, "batch_size": 4,
        "learning_rate": 1e-2, "weight_decay": 0.01, "encoder_weights": None, "precision": "float32", "seed": 1,
        "ema_momentum": 0.5,
    }  # fmt: skip
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
def told():
    """What the run of `uninterrupted` prints."""
    return io.StringIO()


@pytest.fixture(scope="module")
def uninterrupted(pets, tmp_path_factory, told):
    path = tmp_path_factory.mktemp("whole") / "unet.safetensors"
    with redirect_stdout(told):
        return fit_network(recipe(), pets.train, pets.validation, path), path


@pytest.fixture
def tiny(monkeypatch):
    """Recipes of a network that is built in no time."""
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)
    monkeypatch.setitem(TITLES, TINY.name, TINY.title)
    return lambda **changes: recipe(network="tiny", arguments={"tiny_filters": 2, "skips": True}, **changes)


@pytest.fixture(scope="module")
def interrupted(pets, tmp_path_factory):
    """The checkpoint of the same schedule, stopped while the second epoch's is written."""
    path = tmp_path_factory.mktemp("interrupted") / "unet.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seg.training.fit.save_checkpoint", StopAfter(1))
        with pytest.raises(KeyboardInterrupt):
            fit_network(recipe(), pets.train, pets.validation, path, data="these")
    return path


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


@pytest.mark.slow
def test_resumed_run_equals_one_that_never_stopped(pets, uninterrupted, interrupted, tmp_path):
    path = shutil.copy(interrupted, tmp_path)
    assert len(load_checkpoint(path)[0]["history"]) == 1
    resumed = fit_network(recipe(), pets.train, pets.validation, path, data="these")
    whole, _ = uninterrupted
    assert [row["epoch"] for row in resumed.history] == [1, 2, 3]
    for row, expected in zip(resumed.history, whole.history):
        assert row["loss"] == pytest.approx(expected["loss"], rel=1e-4)
        assert row["val_loss"] == pytest.approx(expected["val_loss"], rel=1e-3)  # of the averaged weights
    for name, tensor in resumed.tensors.items():
        np.testing.assert_allclose(tensor, whole.tensors[name], rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_start_is_kept_until_an_epoch_beats_it(pets, tiny, tmp_path, capsys):
    well = tiny(learning_rate=0.05, epochs=8, ema_momentum=None)
    trained = fit_network(well, pets.train, pets.validation, tmp_path / "start.safetensors")
    start, path = trained.tensors, tmp_path / "tiny.safetensors"
    spoilt = tiny(learning_rate=0.9, epochs=2, ema_momentum=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seg.training.fit.save_checkpoint", StopAfter(1))
        with pytest.raises(KeyboardInterrupt):
            fit_network(spoilt, pets.train, pets.validation, path, start=start)
    fitted = fit_network(spoilt, pets.train, pets.validation, path, start=start)
    assert fitted.best_epoch == 0
    assert fitted.start_mean_iou > max(row["val_mean_iou"] for row in fitted.history)
    for name, tensor in fitted.tensors.items():
        np.testing.assert_array_equal(tensor, start[name], err_msg=name)
    # The start is scored as the network of that epoch was.
    assert fitted.start_mean_iou == pytest.approx(trained.history[trained.best_epoch - 1]["val_mean_iou"], abs=1e-4)
    told = capsys.readouterr().out
    assert f"the start has validation mean IoU {fitted.start_mean_iou:.4f}; it is kept until" in told
    assert f"best validation mean IoU {fitted.start_mean_iou:.4f} (the start)" in told


def test_a_start_of_another_size_or_loss_is_told(uninterrupted):
    start = object.__new__(Start)
    start.config = {"image_size": 32, "arguments": {}, "training": {"stages": [{"loss": "cross-entropy"}]}}
    assert start.differences(recipe()) == ""
    told = start.differences(recipe(image_size=64, arguments={"enlarge": 1.5}, dice_weight=1.0))
    assert told.startswith(
        "The start was trained at 32 px and not 64, enlarged 1 times and not 1.5, with cross-entropy and"
    )
    assert told.endswith(
        "not cross-entropy + 1 Dice: it is compared with the epochs as they are here, by mean IoU at 64 px."
    )
    start.config["training"] = {}
    assert start.differences(recipe()) == ""


@pytest.mark.slow
def test_average_of_weights_is_what_is_kept(pets, tmp_path):
    """With a momentum of nearly 1 the average stays where training started."""
    settings = {"ema_momentum": 1 - 1e-6, "epochs": 1}
    fitted = fit_network(recipe(**settings), pets.train, pets.validation, tmp_path / "a.safetensors")
    keras.utils.set_random_seed(recipe().seed)
    started = tensors_of(build_network("unet", recipe().arguments))
    for name, tensor in fitted.tensors.items():
        if "norm" not in name:
            np.testing.assert_allclose(tensor, started[name], atol=1e-4, err_msg=name)
    # Statistics of batch normalisation are those of the average's features on training batches.
    batches = TrainingBatches(pets.train, 4, recipe().augmentation, recipe().seed)
    network = build_network("unet", recipe().arguments)
    for weight in network.weights:
        weight.assign(started[weight.path])
    name = next(name for name in fitted.tensors if name.endswith("moving_mean"))
    layer = network.get_layer(name.split("/")[0])
    seen = keras.Model(network.input, layer.input)
    expected = np.mean([seen.predict_on_batch(batches[i][0]).mean((0, 1, 2)) for i in range(len(batches))], axis=0)
    np.testing.assert_allclose(fitted.tensors[name], expected, rtol=1e-2, atol=1e-3)
    state, tensors = load_checkpoint(tmp_path / "a.safetensors")
    trained = [
        tensor
        for name, tensor in tensors.items()
        if name.startswith("now/") and tensor.shape == started["score/kernel"].shape
    ]
    assert any(np.abs(tensor - started["score/kernel"]).max() > 1e-3 for tensor in trained), (
        "the weights themselves go on"
    )


@pytest.mark.slow
def test_full_disk_while_a_checkpoint_is_written(pets, uninterrupted, tmp_path):
    """A limit on the size of files stands for the disk; the former checkpoint survives."""
    path = tmp_path / "unet.safetensors"
    former = uninterrupted[1].read_bytes()
    path.write_bytes(former)
    code = (
        "import resource, signal, sys, numpy as np\n"
        "from seg.training.checkpoint import save_checkpoint\n"
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


def test_unfinished_run_is_not_lost(uninterrupted):
    with pytest.raises(UserError, match="go on with --resume"):
        check_resumable(recipe(), uninterrupted[1], resume=False)


def test_other_photos_are_refused(uninterrupted, interrupted):
    with pytest.raises(UserError, match="was trained on other photos than these"):
        check_resumable(recipe(), interrupted, resume=True, data="those")
    # The photos of a checkpoint that a former version wrote are not known.
    check_resumable(recipe(), uninterrupted[1], resume=True, data="those")


@pytest.mark.slow
def test_loss_that_is_not_finite(pets, tiny, tmp_path, monkeypatch):
    """Without a finished epoch there is no checkpoint that could be deleted."""
    path = tmp_path / "tiny.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seg.training.fit.save_checkpoint", StopAfter(1))
        with pytest.raises(KeyboardInterrupt):
            fit_network(tiny(), pets.train, pets.validation, path)
    monkeypatch.setattr("seg.training.fit.CrossEntropyAndDice", lambda _: lambda truth, logits: logits * float("nan"))
    again = "the same command with a --learning-rate smaller than 0.01, without --resume"
    with pytest.raises(UserError, match=f"not finite in epoch 2; delete {path} and run {again}"):
        fit_network(tiny(), pets.train, pets.validation, path)
    path.unlink()
    with pytest.raises(UserError, match=f"not finite in epoch 1; run {again}"):
        fit_network(tiny(), pets.train, pets.validation, path)
    assert not path.exists()


def test_training_in_a_log_tells_each_tenth(uninterrupted, told):
    lines = [line.split(" in ")[0] for line in told.getvalue().splitlines() if line.startswith("Training U-Net: ")]
    assert lines[0] == "Training U-Net: 3 of 21 steps, 14 %" and lines[-1] == "Training U-Net: 21 of 21 steps, 100 %"
    assert len(lines) == 10


def test_changed_options_are_named(uninterrupted):
    with pytest.raises(UserError, match="batch_size 4"):
        check_resumable(recipe(batch_size=8), uninterrupted[1], resume=True)


def test_damaged_checkpoint_is_one_sentence(uninterrupted, tmp_path):
    path = tmp_path / "unet.safetensors"
    path.write_bytes(uninterrupted[1].read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged; delete it"):
        check_resumable(recipe(), path, resume=True)


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
    config = json.loads((folder / "runs/first12/unet/config.json").read_text())
    (full / "config.json").write_text(json.dumps(config | {"training": {"limit": None}}))
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
