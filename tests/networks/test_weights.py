"""What comes from elsewhere is refused in a sentence, before memory is spent on it."""

import json
import shutil
import struct
from pathlib import Path

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from seg.classes import CLASS_NAMES
from seg.errors import UserError
from seg.networks import build_network, tensors_of
from seg.networks.weights import as_stored, check_tensors, load_network, read_config, read_metrics, save_network_folder

CONFIG = {
    "network": "unet",
    "arguments": {"base_filters": 2, "dropout_rate": 0.3},
    "image_size": 64,
    "classes": list(CLASS_NAMES),
    "parameters": 7697,
    "training": {"limit": None},
}
METRICS = {
    "pixel_accuracy": 0.9,
    "mean_iou": 0.7,
    "mean_dice": 0.8,
    "iou": dict.fromkeys(CLASS_NAMES, 0.7),
    "dice": dict.fromkeys(CLASS_NAMES, 0.8),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "unet"
    tensors = tensors_of(build_network("unet", CONFIG["arguments"]))
    save_network_folder(folder, CONFIG, tensors, {"metrics.json": json.dumps(METRICS).encode()})
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    return Path(shutil.copytree(trained, tmp_path / "unet"))


@pytest.fixture
def never_built(monkeypatch):
    """Building a network fails the test."""

    def build(name, arguments):
        pytest.fail(f"a network was built with {arguments}")

    monkeypatch.setattr("seg.networks.weights.build_network", build)


def change_config(folder, **fields):
    (folder / "config.json").write_text(json.dumps(CONFIG | fields))


def test_a_whole_folder_loads_bit_by_bit(folder):
    network, config = load_network(folder)
    stored = load_file(folder / "model.safetensors")
    assert config == CONFIG
    for name, array in tensors_of(network).items():
        np.testing.assert_array_equal(array, stored[name].astype(np.float32))


def test_loading_draws_no_random_numbers(folder, monkeypatch):
    monkeypatch.setattr(keras.initializers.VarianceScaling, "__call__", None)
    load_network(folder)


def test_unknown_fields_are_ignored(folder):
    change_config(folder, architecture={"depth": 99}, torch_dtype="float8")
    assert read_config(folder) == CONFIG
    load_network(folder)


@pytest.mark.parametrize("field", ["training", "parameters"])
@pytest.mark.parametrize("value", ["many", -1, [1], None, True])
def test_fields_that_only_inform_never_break_a_network(folder, field, value):
    change_config(folder, **{field: value})
    assert read_config(folder)[field] in (None, {})


@pytest.mark.parametrize(
    "fields",
    [
        {"network": "vgg"},
        {"network": ["unet"]},
        {"network": {"a": 1}},
        {"classes": ["cat", "dog"]},
        {"image_size": 10**12},
        {"image_size": 100},
        {"image_size": 64.0},
        {"image_size": True},
        {"image_size": "64"},
        {"arguments": None},
        {"arguments": {"base_filters": 10**9}},
        {"arguments": {"base_filters": 129}},
        {"arguments": {"base_filters": 0}},
        {"arguments": {"base_filters": 2.0}},
        {"arguments": {"base_filters": 2, "levels": 40}},
        {"arguments": {"base_filters": 2, "dropout_rate": float("nan")}},
        {"arguments": {"base_filters": 2, "dropout_rate": 1}},
        {"arguments": {"base_filters": 2, "dropout_rate": "0.3"}},
        {"arguments": {"base_filters": 2, "skips": 1}},
        {"arguments": {"base_filters": 2, "enlarge": 1.5}},
        {"arguments": {"base_filters": 2, "encoder": "resnet"}},
        {"arguments": {"base_filters": 2, "encoder": ["vgg16"]}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "encoder": "vgg16"}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "enlarge": 1.3}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "enlarge": 0.5}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "enlarge": 1e9}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "enlarge": float("nan")}},
        {"network": "fcn8", "arguments": {"fc_filters": 2, "enlarge": "2"}},
    ],
    ids=str,
)
def test_config_of_an_impossible_network_is_one_sentence(folder, never_built, fields):
    change_config(folder, **fields)
    with pytest.raises(UserError) as refused:
        load_network(folder)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value) and len(str(refused.value)) < 400


@pytest.mark.slow
def test_unet_with_vgg16_as_its_encoder_is_saved_and_loaded(tmp_path):
    config = CONFIG | {"arguments": CONFIG["arguments"] | {"encoder": "vgg16"}}
    tensors = tensors_of(build_network("unet", config["arguments"]))
    save_network_folder(tmp_path / "unet", config, tensors, {})
    network, read = load_network(tmp_path / "unet")
    assert read["arguments"]["encoder"] == "vgg16"
    for name, tensor in as_stored(tensors).items():
        np.testing.assert_array_equal(tensors_of(network)[name], tensor.astype(np.float32))
    change_config(tmp_path / "unet", arguments={"base_filters": 3, "encoder": "vgg16"})
    with pytest.raises(UserError, match="decoder1_conv1/kernel has shape"):
        check_tensors(tmp_path / "unet", read_config(tmp_path / "unet"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe{}", b"[" * 100_000, b'{"image_size": ' + b"9" * 5000 + b"}"]
)
def test_damaged_config_is_one_sentence(folder, content):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(UserError, match="is damaged"):
        read_config(folder)


def test_huge_config_is_refused_unread(folder):
    (folder / "config.json").write_text(json.dumps(CONFIG) + " " * 2**20)
    with pytest.raises(UserError, match="larger than 1 MiB"):
        read_config(folder)


def test_huge_weights_are_refused_unread(folder, never_built):
    with open(folder / "model.safetensors", "r+b") as file:
        file.truncate(2**30 + 1)  # sparse: takes no room
    with pytest.raises(UserError, match="larger than 1024 MiB"):
        load_network(folder)


def test_weights_of_another_width_are_refused_before_anything_is_built(folder, never_built):
    change_config(folder, arguments={"base_filters": 128, "dropout_rate": 0.3})
    with pytest.raises(UserError, match=r"shape \(3, 3, 3, 2\), but base_filters is 128"):
        load_network(folder)


def test_weights_of_another_network_are_refused_before_anything_is_built(folder, never_built):
    change_config(folder, network="fcn8", arguments={"fc_filters": 2})
    with pytest.raises(UserError, match="holds no tensor fc6/kernel"):
        check_tensors(folder, read_config(folder))


@pytest.mark.parametrize("change", ["missing", "superfluous", "shape"])
def test_tensors_that_do_not_fit_are_refused_unread(folder, monkeypatch, change):
    tensors = load_file(folder / "model.safetensors")
    if change == "missing":
        del tensors["score/bias"]
    elif change == "superfluous":
        tensors["extra"] = np.zeros(3, np.float32)
    else:
        tensors["score/bias"] = np.zeros(4, np.float32)
    save_file(tensors, folder / "model.safetensors")
    monkeypatch.setattr("seg.networks.weights.assign_tensors", lambda *_: pytest.fail("tensors were read"))
    with pytest.raises(UserError, match="extra" if change == "superfluous" else "score/bias"):
        load_network(folder)


def test_tensors_of_another_type_are_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["score/bias"] = tensors["score/bias"].astype(np.float64)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(UserError, match="F64"):
        load_network(folder)


def test_numbers_that_are_not_finite_are_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["score/bias"][1] = np.nan
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(UserError, match="score/bias holds numbers that are not finite"):
        load_network(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-100],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"more",
        lambda content: struct.pack("<Q", 2**62) + content[8:],
        lambda content: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        lambda content: b"\x80\x04\x95" + content,
    ],
    ids=["empty", "cut short", "half", "longer", "header of 4 EiB", "pointer", "pickle"],
)
def test_damaged_weights_are_one_sentence(folder, damage):
    path = folder / "model.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match="is damaged"):
        load_network(folder)


def test_missing_weights_are_one_sentence(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(UserError, match="is missing"):
        load_network(folder)


def test_metrics_are_scores_or_nothing(folder):
    assert read_metrics(folder) == METRICS
    for wrong in (
        {"mean_iou": "0.7"},
        {"mean_iou": float("nan")},
        {"pixel_accuracy": 1.5},
        {"pixel_accuracy": True},
        {"iou": [0.7, 0.7, 0.7]},
        {"dice": {"pet": 0.8}},
        {"mean_dice": []},
    ):
        (folder / "metrics.json").write_text(json.dumps(METRICS | wrong))
        assert read_metrics(folder) is None, wrong
    (folder / "metrics.json").write_text(
        json.dumps({key: value for key, value in METRICS.items() if key != "mean_iou"})
    )
    assert read_metrics(folder) is None
    (folder / "metrics.json").write_text(json.dumps(METRICS | {"iou": {**METRICS["iou"], "pet": None}}))
    assert read_metrics(folder)["iou"]["pet"] is None
