"""What is there but may not be read is not called missing or damaged."""

import io
import re
import shutil

import numpy as np
import pytest

from seg.command_line import run_command
from seg.data import load_pets
from seg.data.prepared import find_prepared
from seg.errors import UserError
from seg.evaluation.saved_report import read_report, report_problem
from seg.images.photos import open_photo
from seg.images.trimaps import open_trimap
from seg.networks import build_network
from seg.networks.encoder_start import start_encoder
from seg.networks.weights import check_tensors, load_network, read_config, read_history, tensors_digest
from seg.report.native import measure_native
from seg.report.write import renew_experiments
from seg.training.checkpoint import load_checkpoint, save_checkpoint

from repository import EXAMPLES, ROOT


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "weights/unet", tmp_path / "unet")
    return tmp_path / "unet"


def forbid(monkeypatch, path):
    """As for a user who has no right to a file; the tests may run as one who has every right."""
    real = io.open

    def refuse(file, *args, **kwargs):
        if str(file) == str(path):
            raise PermissionError(13, "Permission denied", str(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr("io.open", refuse)
    monkeypatch.setattr("builtins.open", refuse)


READERS = [
    ("config.json", load_network),
    ("model.safetensors", lambda folder: check_tensors(folder, read_config(folder))),
    ("model.safetensors", tensors_digest),
    ("history.csv", read_history),
]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_files_of_a_network(folder, monkeypatch, name, read):
    forbid(monkeypatch, folder / name)
    with pytest.raises(UserError, match=f"unet/{name} cannot be read [(]Permission denied[)]; make it readable"):
        read(folder)


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_folder_in_their_place(folder, name, read):
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(UserError, match=f"unet/{name} cannot be read [(]Is a directory[)]"):
        read(folder)


@pytest.mark.parametrize(("name", "read"), READERS)
def test_what_is_missing_is_called_so(folder, name, read):
    (folder / name).unlink()
    with pytest.raises(UserError, match=f"unet/{name} is missing"):
        read(folder)


def test_photo_and_trimap(monkeypatch, tmp_path):
    for name, read in (("boxer_26.jpg", open_photo), ("boxer_26.png", lambda path: open_trimap(path, 500, 332))):
        path = tmp_path / name
        shutil.copy(EXAMPLES / name, path)
        with monkeypatch.context() as patch:
            forbid(patch, path)
            with pytest.raises(UserError, match="cannot be read [(]Permission denied[)]"):
                read(path)


@pytest.mark.parametrize("name", ["report.json", "trials.json"])
def test_report_and_trials(monkeypatch, tmp_path, name):
    path = tmp_path / "report" / name
    shutil.copytree(
        ROOT / "weights/report", path.parent, ignore=lambda _, names: {n for n in names if n[-4:] != "json"}
    )
    forbid(monkeypatch, path)
    with pytest.raises(UserError, match=f"report/{name} cannot be read [(]Permission denied[)]; make it readable"):
        renew_experiments(tmp_path)


def test_a_damaged_report_is_not_called_missing(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report/report.json").write_text("{")
    with pytest.raises(UserError, match=r"report/report\.json is damaged; python -m seg\.report writes it anew"):
        renew_experiments(tmp_path)
    assert read_report(tmp_path / "other") is report_problem(tmp_path / "other") is None


def test_checkpoint(monkeypatch, tmp_path):
    path = tmp_path / "unet.safetensors"
    save_checkpoint(path, {"epoch": 1}, {})
    forbid(monkeypatch, path)
    with pytest.raises(UserError, match="The checkpoint .*unet.safetensors cannot be read [(]Permission denied[)]"):
        load_checkpoint(path)


def test_encoder_weights(monkeypatch, tmp_path):
    network = build_network("fcn8", {"fc_filters": 2})
    (tmp_path / "vgg.npz").write_bytes(b"")
    forbid(monkeypatch, tmp_path / "vgg.npz")
    with pytest.raises(UserError, match="Encoder weights .*vgg.npz cannot be read [(]Permission denied[)]"):
        start_encoder(network, str(tmp_path / "vgg.npz"), np.zeros((1, 32, 32, 3)))


def test_dataset_and_cache(monkeypatch, tmp_path, prepared_dataset):
    version = prepared_dataset / "oxford_iiit_pet/4.0.0"
    shard = next(version.glob("*test*.tfrecord*")).name
    for name in ("dataset_info.json", "features.json", shard):
        with monkeypatch.context() as patch:
            forbid(patch, version / name)
            with pytest.raises(UserError, match=f"4.0.0/{re.escape(name)} cannot be read [(]Permission denied[)]"):
                load_pets(tmp_path / "cache", 32, prepared_dataset, 10)
    load_pets(tmp_path / "cache", 32, prepared_dataset, 10)
    for path in ((tmp_path / "cache").rglob("index.json"), (tmp_path / "cache").rglob("train-000.masks.npy")):
        with monkeypatch.context() as patch:
            forbid(patch, next(path))
            with pytest.raises(UserError, match="The cache of photos in .* cannot be read [(]Permission denied[)]"):
                load_pets(tmp_path / "cache", 32, prepared_dataset, 10)


def test_folders_whose_contents_may_not_be_seen(monkeypatch, tmp_path):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    for name in ("oxford_iiit_pet", "images"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("os.scandir", refuse)
    for read, name in ((find_prepared, tmp_path), (lambda folder: measure_native([], folder), tmp_path / "images")):
        with pytest.raises(UserError, match=f"{name} cannot be read [(]Permission denied[)]"):
            read(tmp_path)


def test_photos_of_their_own_size(monkeypatch, tmp_path):
    for folder, suffix in (("images", "jpg"), ("trimaps", "png")):
        (tmp_path / folder).mkdir()
        shutil.copy(EXAMPLES / f"boxer_26.{suffix}", tmp_path / folder)
    (tmp_path / "splits.csv").write_text("image_id,split\nboxer_26,test\n")
    for name in ("images/boxer_26.jpg", "trimaps/boxer_26.png", "splits.csv"):
        with monkeypatch.context() as patch:
            forbid(patch, tmp_path / name)
            with pytest.raises(UserError, match="cannot be read [(]Permission denied[)]"):
                measure_native([], tmp_path)


def test_whatever_else_a_command_opens(capsys):
    def open_one():
        raise PermissionError(13, "Permission denied", "/etc/pets")

    assert run_command("pets", open_one) == 2
    assert capsys.readouterr().err.startswith("pets: /etc/pets cannot be read (Permission denied); make it readable")
