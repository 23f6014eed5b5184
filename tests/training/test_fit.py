"""A training run: what the optimizer does to each kind of variable, epochs, checkpoints and going on from them."""

import io
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace

import keras
import numpy as np
import pytest
from tiny import NETWORK as TINY

from seg.data.batches import TrainingBatches
from seg.data.dataset import load_pets
from seg.errors import UserError
from seg.networks import NETWORKS, TITLES, build_network, tensors_of
from seg.training.checkpoint import load_checkpoint, save_checkpoint
from seg.training.fit import _optimizer, check_resumable, fit_network
from seg.training.recipe import Recipe
from seg.training.start import Start

from repository import ROOT

RECIPE = Recipe(
    network="unet", arguments={}, image_size=32, epochs=10, batch_size=4, learning_rate=0.1, weight_decay=0.5,
    encoder_weights=None, precision="float32", seed=0,
)  # fmt: skip


def test_weights_decay_in_kernels_alone():
    optimizer = _optimizer(RECIPE, steps_per_epoch=1)
    variables = [keras.Variable(np.ones(2, np.float32), name=name) for name in ("kernel", "bias", "gamma", "beta")]
    optimizer.build(variables)
    for _ in range(3):  # the warm-up begins at a rate of nothing
        optimizer.apply([keras.ops.zeros(2)] * 4)
    kernel, *others = (float(variable.numpy()[0]) for variable in variables)
    assert 0.5 < kernel < 0.99
    assert others == [1, 1, 1]


@pytest.mark.parametrize("encoder_rate", [None, 0.1])
def test_pretrained_layers_take_smaller_steps(encoder_rate):
    recipe = replace(RECIPE, weight_decay=0.0, encoder_rate=encoder_rate)
    optimizer = _optimizer(recipe, steps_per_epoch=1, pretrained=["block1_conv1"])
    variables = []
    for layer in ("block1_conv1", "block1_conv2"):
        with keras.name_scope(layer):
            variables.append(keras.Variable(np.zeros(2, np.float32), name="kernel"))
    optimizer.build(variables)
    for _ in range(3):
        optimizer.apply([keras.ops.ones(2)] * 2)
    pretrained, new = (float(variable.numpy()[0]) for variable in variables)
    assert new < -0.05 and pretrained == pytest.approx((encoder_rate or 1) * new, rel=1e-4)


@pytest.fixture(scope="module", autouse=True)
def known():
    """A network that is built in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NETWORKS, TINY.name, TINY)
        patch.setitem(TITLES, TINY.name, TINY.title)
        yield


def recipe(**changes):
    settings = {
        "network": "tiny", "arguments": {"tiny_filters": 2}, "image_size": 32, "epochs": 3, "batch_size": 4,
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
    path = tmp_path_factory.mktemp("whole") / "tiny.safetensors"
    with redirect_stdout(told):
        return fit_network(recipe(), pets.train, pets.validation, path), path


@pytest.fixture(scope="module")
def interrupted(pets, tmp_path_factory):
    """The checkpoint of the same schedule, stopped while the second epoch's is written."""
    path = tmp_path_factory.mktemp("interrupted") / "tiny.safetensors"
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
def test_start_is_kept_until_an_epoch_beats_it(pets, tmp_path, capsys):
    well = recipe(learning_rate=0.05, epochs=8, ema_momentum=None)
    trained = fit_network(well, pets.train, pets.validation, tmp_path / "start.safetensors")
    start, path = trained.tensors, tmp_path / "tiny.safetensors"
    spoilt = recipe(learning_rate=0.9, epochs=2, ema_momentum=None)
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
    started = tensors_of(build_network("tiny", recipe().arguments))
    for name, tensor in fitted.tensors.items():
        if "norm" not in name:
            np.testing.assert_allclose(tensor, started[name], atol=1e-4, err_msg=name)
    # Statistics of batch normalisation are those of the average's features on training batches.
    batches = TrainingBatches(pets.train, 4, recipe().augmentation, recipe().seed)
    network = build_network("tiny", recipe().arguments)
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
    path = tmp_path / "tiny.safetensors"
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
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.safetensors"], "nothing half-written stays on the full disk"


def test_unfinished_run_is_not_lost(uninterrupted):
    with pytest.raises(UserError, match="go on with --resume"):
        check_resumable(recipe(), uninterrupted[1], resume=False)


def test_other_photos_are_refused(uninterrupted, interrupted):
    with pytest.raises(UserError, match="was trained on other photos than these"):
        check_resumable(recipe(), interrupted, resume=True, data="those")
    # The photos of a checkpoint that a former version wrote are not known.
    check_resumable(recipe(), uninterrupted[1], resume=True, data="those")


@pytest.mark.slow
def test_loss_that_is_not_finite(pets, tmp_path, monkeypatch):
    """Without a finished epoch there is no checkpoint that could be deleted."""
    path = tmp_path / "tiny.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seg.training.fit.save_checkpoint", StopAfter(1))
        with pytest.raises(KeyboardInterrupt):
            fit_network(recipe(), pets.train, pets.validation, path)
    monkeypatch.setattr("seg.training.fit.CrossEntropyAndDice", lambda _: lambda truth, logits: logits * float("nan"))
    again = "the same command with a --learning-rate smaller than 0.01, without --resume"
    with pytest.raises(UserError, match=f"not finite in epoch 2; delete {path} and run {again}"):
        fit_network(recipe(), pets.train, pets.validation, path)
    path.unlink()
    with pytest.raises(UserError, match=f"not finite in epoch 1; run {again}"):
        fit_network(recipe(), pets.train, pets.validation, path)
    assert not path.exists()


def test_training_in_a_log_tells_each_tenth(uninterrupted, told):
    lines = [line.split(" in ")[0] for line in told.getvalue().splitlines() if line.startswith("Training TinyNet: ")]
    assert (
        lines[0] == "Training TinyNet: 3 of 21 steps, 14 %" and lines[-1] == "Training TinyNet: 21 of 21 steps, 100 %"
    )
    assert len(lines) == 10


def test_changed_options_are_named(uninterrupted):
    with pytest.raises(UserError, match="batch_size 4"):
        check_resumable(recipe(batch_size=8), uninterrupted[1], resume=True)


def test_damaged_checkpoint_is_one_sentence(uninterrupted, tmp_path):
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(uninterrupted[1].read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged; delete it"):
        check_resumable(recipe(), path, resume=True)
