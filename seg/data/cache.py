"""Photos decoded and resized once, in shards of NumPy arrays on disk."""

import hashlib
import json
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from seg.classes import PET
from seg.data.photo_set import PhotoSet
from seg.data.prepared import SPLITS, fingerprint, read_split
from seg.errors import UserError, reading, unreadable, writing
from seg.images.geometry import fit_mask, fit_photo
from seg.progress import Progress

_SHARD_BYTES = 48 * 2**20
_INDEX = "index.json"
_KEYS = ("version", "image_size", "source", "fingerprint", "made", "sha256", "splits")


def read_index(folder) -> dict | None:
    """What a cache holds; None where there is none, or one of a former version that knows less of its data.

    Returns:
        ``{"version", "image_size", "source": folder of the prepared dataset,
        "fingerprint": see `seg.data.prepared.fingerprint`, "made": when,
        "sha256": of all photos and masks, "splits": {split: {"shards",
        "file_names", "breeds", "species", "sizes": [width, height] of each,
        "without_pet": indices}}}``

    Raises:
        UserError: it is damaged.
    """
    path = Path(folder) / _INDEX
    if not path.exists():
        return None
    with _reading(folder):
        index = json.loads(path.read_text(encoding="utf-8"))
        known = "fingerprint" in index and all("sizes" in entry for entry in index["splits"].values())
        return {key: index[key] for key in _KEYS} if known else None


def open_cache(folder, index: dict) -> dict[str, PhotoSet]:
    """The photos of each split, read from disk when asked for.

    Raises:
        UserError: the cache is damaged.
    """
    with _reading(folder):
        return {split: _open_split(folder, index, split) for split in SPLITS}


def fill_cache(folder, source, image_size: int, limit: int | None) -> dict:
    """Decodes a prepared dataset into the cache, which it replaces in one step.

    Args:
        source: folder of one version of the prepared dataset.

    Returns:
        The index, as `read_index` returns it.

    Raises:
        UserError: the dataset is damaged, or has nothing to train with; the disk is full, or not writable.
    """
    source = Path(source)
    partial = folder.with_name(folder.name + ".partial")
    known = fingerprint(source)
    for name in known["files"]:
        with reading(source / name):
            (source / name).open("rb").close()
    with writing(partial):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    digest = hashlib.sha256()
    splits = {}
    for split in SPLITS:
        count = known["photos"].get(split, 0)
        splits[split] = _cache_split(source, split, count, limit, image_size, digest, partial)
    with_pet = len(splits["train"]["file_names"]) - len(splits["train"]["without_pet"])
    if with_pet < 2:
        raise UserError(
            f"The train split in {source} has {with_pet or 'no'} photo{'' if with_pet == 1 else 's'} with a pet; at"
            " least two are needed, one to train on and one to validate with."
        )
    index = {
        "version": known["version"],
        "image_size": image_size,
        "source": str(source),
        "fingerprint": known,
        "made": time.strftime("%Y-%m-%d %H:%M"),
        "sha256": digest.hexdigest(),
        "splits": splits,
    }
    with writing(folder):
        (partial / _INDEX).write_text(json.dumps(index))
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return index


def _cache_split(source, split, count, limit, image_size, digest, folder):
    entry = {"shards": 0, "file_names": [], "breeds": [], "species": [], "sizes": [], "without_pet": []}
    photos_per_shard = max(1, _SHARD_BYTES // (image_size * image_size * 3))
    images, masks = [], []

    def flush():
        with writing(folder):
            stem = f"{split}-{entry['shards']:03d}"
            np.save(folder / f"{stem}.images.npy", np.stack(images))
            np.save(folder / f"{stem}.masks.npy", np.stack(masks))
        entry["shards"] += 1
        images.clear()
        masks.clear()

    with Progress(f"Decoding {split} photos", min(limit or count, count), "photos") as progress:
        for name, photo, mask, breed, species in read_split(source, split, limit):
            images.append(fit_photo(Image.fromarray(photo), image_size))
            masks.append(fit_mask(Image.fromarray(mask), image_size))
            if not (masks[-1] == PET).any():
                entry["without_pet"].append(len(entry["file_names"]))
            entry["file_names"].append(name)
            entry["breeds"].append(breed)
            entry["species"].append(species)
            entry["sizes"].append([photo.shape[1], photo.shape[0]])
            for part in (f"{split}/{name}".encode(), images[-1], masks[-1]):
                digest.update(part)
            progress.update()
            if len(images) == photos_per_shard:
                flush()
        if images:
            flush()
    return entry


def _open_split(folder, index, split):
    entry = index["splits"][split]
    shards = [
        [np.load(folder / f"{split}-{number:03d}.{kind}.npy", mmap_mode="r") for kind in ("images", "masks")]
        for number in range(entry["shards"])
    ]
    places = [(number, i) for number, (images, _) in enumerate(shards) for i in range(len(images))]
    if not len(places) == len(entry["file_names"]) == len(entry["sizes"]):
        raise ValueError("shards and index disagree")
    labels = (entry[key] for key in ("file_names", "breeds", "species"))
    return PhotoSet(index["image_size"], *labels, list(map(tuple, entry["sizes"])), shards, np.array(places))


@contextmanager
def _reading(folder):
    """Turns what can go wrong while a cache is read into one sentence."""
    try:
        yield
    except (PermissionError, IsADirectoryError) as error:
        raise unreadable(f"The cache of photos in {folder}", error) from error
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"The cache of photos in {folder} is damaged; delete that folder and run again.") from error
