"""What is there but may not be read is not called missing or damaged."""

import io
import shutil

import pytest

from seg.errors import UserError
from seg.images.photos import open_photo
from seg.images.trimaps import open_trimap
from seg.networks.weights import check_tensors, load_network, read_config, read_history

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


READERS = {
    "config.json": load_network,
    "model.safetensors": lambda folder: check_tensors(folder, read_config(folder)),
    "history.csv": read_history,
}


@pytest.mark.parametrize("name", READERS)
def test_files_of_a_network(folder, monkeypatch, name):
    forbid(monkeypatch, folder / name)
    with pytest.raises(UserError, match=f"unet/{name} cannot be read [(]Permission denied[)]; make it readable"):
        READERS[name](folder)


@pytest.mark.parametrize("name", READERS)
def test_a_folder_in_their_place(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(UserError, match=f"unet/{name} cannot be read [(]Is a directory[)]"):
        READERS[name](folder)


@pytest.mark.parametrize("name", READERS)
def test_what_is_missing_is_called_so(folder, name):
    (folder / name).unlink()
    with pytest.raises(UserError, match=f"unet/{name} is missing"):
        READERS[name](folder)


def test_photo_and_trimap(monkeypatch, tmp_path):
    for name, read in (("boxer_26.jpg", open_photo), ("boxer_26.png", lambda path: open_trimap(path, 500, 332))):
        path = tmp_path / name
        shutil.copy(EXAMPLES / name, path)
        with monkeypatch.context() as patch:
            forbid(patch, path)
            with pytest.raises(UserError, match="cannot be read [(]Permission denied[)]"):
                read(path)
