"""The Oxford-IIIT Pet dataset, from TensorFlow Datasets to NumPy arrays.

Photos are decoded and resized once into a cache of NumPy shards; training reads
the shards and needs no TensorFlow.

Parkhi, Vedaldi, Zisserman, Jawahar, "Cats and Dogs", CVPR 2012,
https://www.robots.ox.ac.uk/~vgg/data/pets/.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from seg.classes import PET
from seg.errors import UserError, writing
from seg.geometry import fit_mask, fit_photo

TFDS_NAME = "oxford_iiit_pet"
VERSIONS = "4.*.*"

VALIDATION_SHARE = 0.1
# Part of the definition of the validation split, so not an option.
_VALIDATION_SEED = "oxford_iiit_pet/validation"

_SHARD_BYTES = 48 * 2**20
_INDEX = "index.json"


@dataclass(frozen=True)
class PhotoSet:
    """Photos and masks of one split, read from disk when asked for.

    Attributes:
        image_size: height and width of every photo, pixels.
        file_names: name of each photo in the dataset.
        breeds: breed of each photo, as TFDS names it.
        species: ``"cat"`` or ``"dog"`` for each photo.
    """

    image_size: int
    file_names: list[str]
    breeds: list[str]
    species: list[str]
    _shards: list = field(repr=False)
    _places: np.ndarray = field(repr=False)  # (n, 2): shard, index in shard

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        """The photo, uint8 (s, s, 3) RGB 0..255, and its mask, uint8 (s, s) class ids."""
        shard, place = self._places[index]
        images, masks = self._shards[shard]
        return images[place], masks[place]

    def batch(self, indices):
        """Photos, uint8 (n, s, s, 3), and masks, uint8 (n, s, s), of ``indices``."""
        images, masks = zip(*(self[i] for i in indices))
        return np.stack(images), np.stack(masks)

    def subset(self, indices) -> "PhotoSet":
        """The photos at ``indices`` as a set of their own."""
        return PhotoSet(
            self.image_size,
            [self.file_names[i] for i in indices],
            [self.breeds[i] for i in indices],
            [self.species[i] for i in indices],
            self._shards,
            self._places[list(indices)],
        )


@dataclass(frozen=True)
class PetDataset:
    """Training, validation and test photos; ``description`` says where they came from."""

    train: PhotoSet
    validation: PhotoSet
    test: PhotoSet
    description: dict


def load_pets(cache_dir, image_size: int, data_dir=None, limit: int | None = None) -> PetDataset:
    """Loads the dataset, filling the cache of shards on first use.

    Training photos without a single pet pixel, an annotation defect, are
    dropped. Validation is a tenth of the official training split, chosen by
    file name, hence always the same. The test split is the official one.

    Args:
        cache_dir: folder for the caches, one for each size and limit.
        image_size: height and width to which photos are squashed, pixels.
        data_dir: folder that holds a prepared ``oxford_iiit_pet/4.*``. Without
            it an existing cache is used, else TFDS downloads the dataset.
        limit: use only the first ``limit`` photos of each official split.

    Raises:
        UserError: no such dataset, incomplete, no network, or disk full.
    """
    name = f"{TFDS_NAME}-{image_size}px" + (f"-first{limit}" if limit else "")
    folder = Path(cache_dir) / name
    source = str(Path(data_dir).resolve()) if data_dir else None
    index = _read_index(folder)
    if index is None or (source is not None and index["source"] != source):
        index = _fill_cache(folder, image_size, source, limit)
    try:
        train = _open_split(folder, index, "train")
        test = _open_split(folder, index, "test")
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise UserError(f"The cache of photos in {folder} is damaged; delete that folder and run again.") from error
    has_pet = [i for i in range(len(train)) if (train[i][1] == PET).any()]
    train = train.subset(has_pet)
    validation = validation_indices(train.file_names)
    held_out = set(validation)
    description = {
        "name": f"tfds:{TFDS_NAME}/{index['version']}",
        "limit": limit,
        "train": len(train) - len(validation),
        "validation": len(validation),
        "test": len(test),
        "dropped_without_pet": len(index["splits"]["train"]["file_names"]) - len(train),
    }
    return PetDataset(
        train=train.subset([i for i in range(len(train)) if i not in held_out]),
        validation=train.subset(validation),
        test=test,
        description=description,
    )


def validation_indices(file_names) -> list[int]:
    """Indices of the validation tenth: the names with the smallest hashes."""
    digest = [hashlib.sha256(f"{_VALIDATION_SEED}/{name}".encode()).digest() for name in file_names]
    order = sorted(range(len(file_names)), key=lambda i: (digest[i], i))
    return sorted(order[: max(1, round(len(file_names) * VALIDATION_SHARE))])


def _read_index(folder):
    try:
        index = json.loads((folder / _INDEX).read_text())
        return {key: index[key] for key in ("version", "image_size", "source", "splits")}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The cache of photos in {folder} is damaged; delete that folder and run again.") from error


def _open_split(folder, index, split):
    entry = index["splits"][split]
    shards, places = [], []
    for number in range(entry["shards"]):
        images = np.load(folder / f"{split}-{number:03d}.images.npy", mmap_mode="r", allow_pickle=False)
        masks = np.load(folder / f"{split}-{number:03d}.masks.npy", mmap_mode="r", allow_pickle=False)
        places += [(number, i) for i in range(len(images))]
        shards.append((images, masks))
    if len(places) != len(entry["file_names"]):
        raise ValueError("shards and index disagree")
    return PhotoSet(
        index["image_size"], entry["file_names"], entry["breeds"], entry["species"], shards, np.array(places)
    )


def _fill_cache(folder, image_size, source, limit):
    import tensorflow_datasets as tfds  # here: training from the cache needs no TensorFlow

    builder = _prepared(tfds, source)
    if source is None:
        print(f"Dataset prepared in {builder.data_dir}.", flush=True)
    partial = folder.with_name(folder.name + ".partial")
    index = {"version": str(builder.version), "image_size": image_size, "source": source, "splits": {}}
    with writing(partial):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    for split in ("train", "test"):
        index["splits"][split] = _cache_split(tfds, builder, split, limit, image_size, partial)
    with writing(folder):
        (partial / _INDEX).write_text(json.dumps(index))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return index


def _prepared(tfds, source):
    """A builder whose data is on disk."""
    if source is not None:
        try:
            builder = tfds.builder(f"{TFDS_NAME}:{VERSIONS}", data_dir=source)
            found = builder.is_prepared()
        except Exception:  # TFDS raises a class of its own for each kind of absence
            found = False
        if not found:
            raise UserError(
                f"{source} holds no prepared {TFDS_NAME} dataset of version 4; give the folder that contains "
                f"{TFDS_NAME}/4.0.0, or leave --data-dir out to download it."
            )
        return builder
    try:
        builder = tfds.builder(f"{TFDS_NAME}:{VERSIONS}")
        builder.download_and_prepare()
    except Exception as error:
        cause = str(error).strip().splitlines()
        raise UserError(
            f"The dataset could not be downloaded ({type(error).__name__}: {cause[0][:200] if cause else 'no reason given'}); "
            "check the network and the disk, or give a prepared copy with --data-dir."
        ) from error
    return builder


def _cache_split(tfds, builder, split, limit, image_size, folder):
    info = builder.info.splits[split]
    wanted = min(limit, info.num_examples) if limit else info.num_examples
    breed_names = builder.info.features["label"].names
    species_names = builder.info.features["species"].names
    entry = {"shards": 0, "file_names": [], "breeds": [], "species": []}
    photos_per_shard = max(1, _SHARD_BYTES // (image_size * image_size * 3))
    progress = tfds.core.utils.tqdm_utils.tqdm(total=wanted, desc=f"Decoding {split} photos", unit=" photos")
    images, masks = [], []

    def flush():
        with writing(folder):
            stem = f"{split}-{entry['shards']:03d}"
            np.save(folder / f"{stem}.images.npy", np.stack(images))
            np.save(folder / f"{stem}.masks.npy", np.stack(masks))
        entry["shards"] += 1
        images.clear()
        masks.clear()

    try:
        with progress:
            for example in tfds.as_numpy(builder.as_dataset(split=f"{split}[:{wanted}]", shuffle_files=False)):
                images.append(fit_photo(Image.fromarray(example["image"]), image_size))
                # TFDS: 1 pet, 2 background, 3 outline.
                masks.append(fit_mask(Image.fromarray(example["segmentation_mask"][..., 0] - 1), image_size))
                entry["file_names"].append(example["file_name"].decode())
                entry["breeds"].append(breed_names[example["label"]])
                entry["species"].append(species_names[example["species"]].lower())
                progress.update()
                if len(images) == photos_per_shard:
                    flush()
            if images:
                flush()
    except UserError:
        raise
    except Exception as error:  # TensorFlow's errors for missing and damaged files
        raise UserError(
            f"The {split} split in {builder.data_dir} is incomplete or damaged ({type(error).__name__}); prepare the dataset anew."
        ) from error
    if len(entry["file_names"]) != wanted:
        raise UserError(
            f"The {split} split in {builder.data_dir} has {len(entry['file_names'])} photos instead of {wanted}; prepare the dataset anew."
        )
    return entry
