"""The dataset in training, validation and test photos, and what a cache of it knows."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from seg.data.dataset import load_pets
from seg.errors import UserError
from seg.images.geometry import fit_mask

from repository import EXAMPLES, ROOT


@pytest.fixture(scope="module")
def pets(prepared_dataset, tmp_path_factory):
    return load_pets(tmp_path_factory.mktemp("cache"), 64, prepared_dataset)


@pytest.fixture
def copied(prepared_dataset, tmp_path):
    """A copy of the dataset that may be spoilt."""
    return shutil.copytree(prepared_dataset, tmp_path / "data")


@pytest.fixture
def official(monkeypatch):
    """The tests' dataset has as many photos as the official one."""
    monkeypatch.setattr("seg.data.dataset.OFFICIAL_COUNTS", {"train": 32, "test": 16})


def test_splits(pets):
    # 32 training photos, one of them without a pet; two names have a small hash.
    assert (len(pets.train), len(pets.validation), len(pets.test)) == (29, 2, 16)
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


def test_photos_keep_the_size_that_they_had(pets):
    for split in (pets.train, pets.validation, pets.test):
        for name, size in zip(split.file_names, split.sizes):
            number = int(name.removesuffix(".jpg").split("_")[1])
            assert size == (60 + number, 50 + 2 * number)


def test_a_cache_without_sizes_is_filled_anew(prepared_dataset, tmp_path):
    known = load_pets(tmp_path, 32, prepared_dataset, limit=12).test.sizes
    index = tmp_path / "oxford_iiit_pet-32px-first12/index.json"
    former = json.loads(index.read_text())
    for entry in former["splits"].values():
        del entry["sizes"]
    index.write_text(json.dumps(former))
    assert load_pets(tmp_path, 32, prepared_dataset, limit=12).test.sizes == known


def test_labels_belong_to_the_photos(pets):
    for name, breed, species in zip(pets.train.file_names, pets.train.breeds, pets.train.species):
        odd = int(name.removesuffix(".jpg").split("_")[1]) % 2
        assert breed == ("Bengal" if odd else "boxer") and species == ("cat" if odd else "dog")


def test_cache_needs_no_dataset(prepared_dataset, tmp_path, monkeypatch, official):
    first = load_pets(tmp_path, 32, prepared_dataset, limit=12)
    assert len(first.test) == 12
    monkeypatch.setattr("seg.data.prepared._tfds", None)
    again = load_pets(tmp_path, 32, None, limit=12)
    assert (again.test[3][0] == first.test[3][0]).all()
    assert again.description["name"] == "tfds:oxford_iiit_pet/4.0.0"


def test_cache_outlives_its_dataset(copied, tmp_path, official):
    first = load_pets(tmp_path / "cache", 32, copied)
    shutil.rmtree(copied)
    again = load_pets(tmp_path / "cache", 32)
    assert again.description == first.description


def test_cache_of_own_photos_does_not_pass_for_the_official_ones(prepared_dataset, tmp_path):
    own = load_pets(tmp_path, 32, prepared_dataset)
    assert own.description["name"] == "own photos as oxford_iiit_pet/4.0.0"
    with pytest.raises(UserError, match=f"photos from {prepared_dataset}.* not the official ones; give --data-dir"):
        load_pets(tmp_path, 32)


def test_start_says_where_the_photos_are_from(prepared_dataset, tmp_path, capsys):
    for _ in range(2):
        load_pets(tmp_path, 32, prepared_dataset, limit=12)
        last = capsys.readouterr().out.splitlines()[-1]
        assert last.startswith(f"Photos from {prepared_dataset}/oxford_iiit_pet/4.0.0 (cache of 20")


def test_data_that_changed_at_the_same_place_are_decoded_anew(copied, tmp_path, capsys):
    before = load_pets(tmp_path / "cache", 32, copied)
    capsys.readouterr()
    assert load_pets(tmp_path / "cache", 32, copied).description == before.description
    assert "Decoding" not in capsys.readouterr().out
    record = next(copied.rglob("*train.tfrecord*"))
    os.utime(record, ns=(0, 0))
    load_pets(tmp_path / "cache", 32, copied)
    assert "Decoding" in capsys.readouterr().out


def test_repaired_data_are_tried_again(copied, tmp_path):
    record = next(copied.rglob("*test.tfrecord*"))
    whole = record.read_bytes()
    record.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, copied)
    record.write_bytes(whole)
    assert len(load_pets(tmp_path / "cache", 32, copied).test) == 16


def test_content_tells_photos_apart_wherever_they_lie(pets, copied, tmp_path):
    same = load_pets(tmp_path / "cache", 64, copied)
    assert same.description == pets.description
    smaller = load_pets(tmp_path / "cache", 64, copied, limit=20)
    assert smaller.description["sha256"] != pets.description["sha256"]


def test_cache_of_a_former_version_is_made_anew(prepared_dataset, tmp_path):
    folder = tmp_path / "oxford_iiit_pet-32px"
    folder.mkdir()
    (folder / "index.json").write_text(json.dumps({"version": "4.0.0", "image_size": 32, "source": None, "splits": {}}))
    assert len(load_pets(tmp_path, 32, prepared_dataset).test) == 16


def test_decoding_in_a_log_tells_each_tenth(prepared_dataset, tmp_path, capfd):
    load_pets(tmp_path, 32, prepared_dataset, limit=20)
    out, err = capfd.readouterr()
    told = [line.rsplit(" in ", 1)[0] for line in out.splitlines() if line.startswith("Decoding train photos: ")]
    assert told == [f"Decoding train photos: {2 * i} of 20 photos, {10 * i} %" for i in range(1, 11)]
    assert "Decoding" not in err


def test_several_shards(prepared_dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("seg.data.cache._SHARD_BYTES", 5 * 32 * 32 * 3)
    pets = load_pets(tmp_path, 32, prepared_dataset)
    assert len(list(tmp_path.glob("*/test-*.images.npy"))) == 4
    assert len(pets.test) == 16


@pytest.mark.slow
def test_one_process_decodes_while_others_wait(prepared_dataset, tmp_path):
    """Two that start at once leave one whole cache, and the second says for whom it waits."""
    code = (
        "import sys\nfrom seg.data.dataset import load_pets\nimport seg.data.cache as cache\n"
        "import time\nreal = cache.read_split\n"
        "def slow(*arguments):\n    time.sleep(3)\n    yield from real(*arguments)\n"
        "cache.read_split = slow\n"
        "print(len(load_pets(sys.argv[1], 32, sys.argv[2]).test))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path), str(prepared_dataset)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"
    ]
    outputs = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    waited = [out for out, _ in outputs if "Waiting for" in out]
    assert len(waited) == 1 and "decodes the photos since 20" in waited[0] and "Decoding" not in waited[0]
    assert all(out.splitlines()[-1] == "16" for out, _ in outputs)


def test_wrong_folder_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="holds no prepared oxford_iiit_pet"):
        load_pets(tmp_path / "cache", 32, tmp_path)


def test_incomplete_dataset_is_one_sentence(copied, tmp_path):
    record = next(copied.rglob("*test.tfrecord*"))
    record.write_bytes(record.read_bytes()[: record.stat().st_size // 2])
    with pytest.raises(UserError, match="test split .* incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, copied)
    record.unlink()
    with pytest.raises(UserError, match="incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, copied)


@pytest.mark.parametrize("limit", [None, 12])
def test_a_split_without_its_last_photos_is_incomplete(copied, tmp_path, limit):
    record = next(copied.rglob("*test.tfrecord*"))
    whole, end = record.read_bytes(), 0
    for _ in range(10):  # each record is its length, 8 bytes, the content and two checksums of 4
        end += int.from_bytes(whole[end : end + 8], "little") + 16
    record.write_bytes(whole[:end])
    with pytest.raises(UserError, match="test split .* incomplete or damaged"):
        load_pets(tmp_path / "cache", 32, copied, limit)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"splits": [{"name": "train"}], "version": "4.0.0"}'])
def test_unreadable_description_of_a_dataset_is_one_sentence(copied, tmp_path, content):
    next(copied.rglob("dataset_info.json")).write_bytes(content)
    with pytest.raises(UserError, match="does not describe a dataset .*prepare the dataset anew"):
        load_pets(tmp_path / "cache", 32, copied)


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
