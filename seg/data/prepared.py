"""The dataset as TensorFlow Datasets prepares it: a folder of records, checked before it is believed.

Parkhi, Vedaldi, Zisserman, Jawahar, "Cats and Dogs", CVPR 2012,
https://www.robots.ox.ac.uk/~vgg/data/pets/. Somebody's own photos in the same
form, under the same name, are as good.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np

from seg.classes import CLASS_NAMES
from seg.errors import UserError, check_listable, unreadable

NAME = "oxford_iiit_pet"
SPLITS = ("train", "test")
OFFICIAL_COUNTS = {"train": 3680, "test": 3669}
"""Photos of each official split."""

_TRIMAP = dict(enumerate(CLASS_NAMES, start=1))


def find_prepared(data_dir) -> Path:
    """The newest version 4 of the dataset below ``data_dir``.

    Raises:
        UserError: there is none.
    """
    for folder in (Path(data_dir), Path(data_dir) / NAME):
        check_listable(folder)
    versions = {
        tuple(map(int, path.parent.name.split("."))): path.parent
        for path in Path(data_dir).glob(f"{NAME}/4.*/dataset_info.json")
        if re.fullmatch(r"4\.\d+\.\d+", path.parent.name)
    }
    if not versions:
        raise UserError(
            f"{data_dir} holds no prepared {NAME} dataset of version 4; give the folder that contains {NAME}/4.0.0, or"
            " leave --data-dir out to download it."
        )
    return versions[max(versions)]


def fingerprint(folder) -> dict:
    """What tells a prepared dataset from another without reading its photos.

    Returns:
        ``{"version", "photos": {split: count}, "files": {name: [bytes, time of change, ns]}}``.

    Raises:
        UserError: the folder describes no dataset.
    """
    folder = Path(folder)
    try:
        info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
        counts = {split["name"]: sum(map(int, split["shardLengths"])) for split in info["splits"]}
        files = {path.name: path.stat() for path in sorted(folder.iterdir()) if path.is_file()}
        return {
            "version": info["version"],
            "photos": counts,
            "files": {name: [stat.st_size, stat.st_mtime_ns] for name, stat in files.items()},
        }
    except (PermissionError, IsADirectoryError) as error:
        raise unreadable(str(folder / "dataset_info.json"), error) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{folder / 'dataset_info.json'} does not describe a dataset ({type(error).__name__}); prepare the dataset"
            " anew."
        ) from error


def download() -> Path:
    """Lets TFDS download and prepare the dataset where it is not yet; returns its folder.

    Raises:
        UserError: the download failed.
    """
    tfds = _tfds()
    try:
        builder = tfds.builder(f"{NAME}:4.*.*")
        if not builder.is_prepared():
            print(f"Downloading the photos (0.8 GB) to {builder.data_dir}.", flush=True)
        if not sys.stdout.isatty():
            tfds.disable_progress_bar()
        builder.download_and_prepare()
    except Exception as error:
        cause = str(error).strip().splitlines()
        raise UserError(
            f"The dataset could not be downloaded ({type(error).__name__}:"
            f" {cause[0][:200] if cause else 'no reason given'}); check the network and the disk, or give a prepared"
            " copy with --data-dir."
        ) from error
    return Path(builder.data_dir)


def read_split(folder, split: str, limit: int | None = None):
    """Reads the photos of a split, in their order.

    Args:
        folder: of one version, as `find_prepared` returns it.
        limit: only the first so many.

    Yields:
        ``(file name, photo, mask, breed, species)``: the photo uint8 (h, w, 3),
        RGB 0..255; the mask uint8 (h, w) of class ids; species in lower case.

    Raises:
        UserError: a feature or the split is missing, a photo is missing or
            damaged, or a mask has other values than a trimap's.
    """
    tfds = _tfds()
    builder = _open(tfds, folder)
    breeds, species = (builder.info.features[key].names for key in ("label", "species"))
    there = builder.info.splits[split].num_examples if split in builder.info.splits else 0
    if not there:
        raise UserError(f"The dataset in {folder} has no {split} split; prepare it with photos in train and in test.")
    try:
        # TFDS itself counts whether it reads as many as there should be.
        for example in tfds.as_numpy(builder.as_dataset(split=f"{split}[:{min(limit or there, there)}]")):
            name = example["file_name"].decode()
            mask = _class_ids(example["segmentation_mask"][..., 0], example["image"].shape[:2], name, folder)
            yield name, example["image"], mask, breeds[example["label"]], species[example["species"]].lower()
    except UserError:
        raise
    except Exception as error:  # TensorFlow's errors for missing and damaged files
        raise UserError(
            f"The {split} split in {folder} is incomplete or damaged ({type(error).__name__}); prepare the dataset"
            " anew."
        ) from error


def _tfds():
    """Imported only where photos are decoded: training from the cache needs no TensorFlow."""
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise UserError(
            f"Photos are decoded with tensorflow-datasets and tensorflow ({error}); install both, or run once where"
            " they are and take its --work-dir along."
        ) from error
    return tensorflow_datasets


def _open(tfds, folder):
    try:
        builder = tfds.builder_from_directory(folder)
        features = dict(builder.info.features)
    except Exception as error:  # TFDS raises a class of its own for each kind of fault
        raise UserError(
            f"The dataset in {folder} cannot be opened ({type(error).__name__}); prepare the dataset anew."
        ) from error
    checks = {
        "image": lambda f: tuple(f.shape)[2:] == (3,) and f.np_dtype == np.uint8,
        "segmentation_mask": lambda f: tuple(f.shape)[2:] == (1,) and f.np_dtype == np.uint8,
        "label": _class_names,
        "species": _class_names,
        "file_name": lambda f: f.shape == () and f.np_dtype not in (np.int32, np.int64),
    }
    wrong = [key for key, check in checks.items() if key not in features or not check(features[key])]
    if wrong:
        raise UserError(
            f"The dataset in {folder} has no {' and no '.join(wrong)} as {NAME} has; it needs image (RGB),"
            " segmentation_mask (one channel, 8 bits), label and species (ClassLabel) and file_name (Text)."
        )
    return builder


def _class_names(feature):
    try:
        return getattr(feature, "names", None)
    except TypeError:  # of a ClassLabel that was given none
        return None


def _class_ids(trimap, size, name, folder):
    values = np.unique(trimap)
    if not set(values.tolist()) <= _TRIMAP.keys():
        told = ", ".join(map(str, values[:8])) + (" and more" if len(values) > 8 else "")
        known = ", ".join(f"{value} {label}" for value, label in _TRIMAP.items())
        raise UserError(
            f"The mask of {name} in {folder} has the values {told}; a mask here has {known}. Prepare the dataset with"
            " those."
        )
    if trimap.shape != size:
        raise UserError(
            f"The mask of {name} in {folder} is {trimap.shape[1]} x {trimap.shape[0]} pixels, its photo {size[1]} x"
            f" {size[0]}; prepare the dataset with masks as large as their photos."
        )
    return trimap - 1
