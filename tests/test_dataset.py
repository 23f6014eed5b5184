import shutil

import numpy as np
import pytest
from repository import EXAMPLES
from PIL import Image

from seg.dataset import load_pets, validation_indices
from seg.errors import UserError
from seg.geometry import fit_mask


@pytest.fixture(scope="module")
def pets(prepared_dataset, tmp_path_factory):
    return load_pets(tmp_path_factory.mktemp("cache"), 64, prepared_dataset)


def test_splits(pets):
    # 32 training photos, one of them without a pet, a tenth of the rest held out.
    assert (len(pets.train), len(pets.validation), len(pets.test)) == (28, 3, 16)
    assert pets.description["dropped_without_pet"] == 1
    assert not set(pets.train.file_names) & set(pets.validation.file_names)
    assert "train_5.jpg" not in pets.train.file_names + pets.validation.file_names
    assert all(name.startswith("test_") for name in pets.test.file_names)


def test_masks_are_class_ids(pets):
    index = pets.test.file_names.index("test_0.jpg")
    photo, mask = pets.test[index]
    assert photo.shape == (64, 64, 3) and photo.dtype == np.uint8
    assert mask.shape == (64, 64) and mask.dtype == np.uint8
    first = sorted(EXAMPLES.glob("*.png"))[0]
    stored = Image.open(first).resize((60, 50), Image.Resampling.NEAREST)
    assert (mask == fit_mask(stored, 64) - 1).all()


def test_labels_belong_to_the_photos(pets):
    for name, breed, species in zip(pets.train.file_names, pets.train.breeds, pets.train.species):
        odd = int(name.removesuffix(".jpg").split("_")[1]) % 2
        assert breed == ("Bengal" if odd else "boxer") and species == ("cat" if odd else "dog")


def test_validation_does_not_depend_on_the_order():
    names = [f"{i}.jpg" for i in range(100)]
    chosen = {names[i] for i in validation_indices(names)}
    assert len(chosen) == 10
    backwards = names[::-1]
    assert {backwards[i] for i in validation_indices(backwards)} == chosen


def test_cache_needs_no_dataset(prepared_dataset, tmp_path, monkeypatch):
    first = load_pets(tmp_path, 32, prepared_dataset, limit=12)
    assert len(first.test) == 12
    import tensorflow_datasets as tfds

    monkeypatch.setattr(tfds, "builder", None)
    again = load_pets(tmp_path, 32, None, limit=12)
    assert (again.test[3][0] == first.test[3][0]).all()


def test_several_shards(prepared_dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("seg.dataset._SHARD_BYTES", 5 * 32 * 32 * 3)
    pets = load_pets(tmp_path, 32, prepared_dataset)
    assert len(list(tmp_path.glob("*/test-*.images.npy"))) == 4
    assert len(pets.test) == 16


def test_wrong_folder_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="holds no prepared oxford_iiit_pet"):
        load_pets(tmp_path / "cache", 32, tmp_path)


def test_incomplete_dataset_is_one_sentence(prepared_dataset, tmp_path):
    shutil.copytree(prepared_dataset, tmp_path / "data")
    record = next((tmp_path / "data").rglob("*test.tfrecord*"))
    record.write_bytes(record.read_bytes()[: record.stat().st_size // 2])
    with pytest.raises(UserError, match="test split .* incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, tmp_path / "data")
    record.unlink()
    with pytest.raises(UserError, match="incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, tmp_path / "data")


def test_damaged_cache_is_one_sentence(prepared_dataset, tmp_path):
    load_pets(tmp_path, 32, prepared_dataset)
    next(tmp_path.glob("*/train-000.images.npy")).write_bytes(b"\x93NUMPY")
    with pytest.raises(UserError, match="delete that folder"):
        load_pets(tmp_path, 32, prepared_dataset)


def test_full_disk_is_one_sentence(prepared_dataset, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match="disk is full"):
        load_pets(tmp_path, 32, prepared_dataset)
