"""The photos of the test split that the page offers, and what is true of them."""

import functools
import hashlib
import os
from pathlib import Path

import numpy as np
from PIL import Image

from seg.evaluation.saved_report import GALLERY, REPORT, read_gallery
from seg.images.photos import Photo

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.jpg"))
"""Photos of the test split, each with its trimap (.png: 1 pet, 2 background, 3 outline) beside it."""

_HARD = {
    "Bengal_93": "spotted fur",
    "Birman_86": "pale on pale",
    "Bombay_76": "busy ground",
    "Sphynx_93": "tinsel in front",
    "boxer_26": "like its ground",
    "keeshond_71": "thin fur",
    "newfoundland_9": "dark on dark",
    "shiba_inu_61": "small, far away",
}

NAMES = [path.stem.rpartition("_")[0].replace("_", " ") for path in EXAMPLES]
"""The breed on each."""

HARD = [_HARD[path.stem] for path in EXAMPLES]
"""What is hard about each."""

_REPORTED = ".photo.jpg"


def reported_path(weights_folder, photo: dict) -> Path:
    """Where the saved report keeps one of the photos of `seg.evaluation.saved_report.read_gallery`."""
    return Path(weights_folder) / REPORT / GALLERY / f"{photo['name']}{_REPORTED}"


@functools.lru_cache(maxsize=4)  # a hundred paths take as long as a tenth of a comparison
def reported_photos(weights_folder) -> tuple[Path, ...]:
    """The photos that the saved report keeps."""
    photos = (read_gallery(weights_folder) or {"photos": []})["photos"]
    return tuple(path for photo in photos if (path := reported_path(weights_folder, photo)).is_file())


def name_of(path: Path) -> str:
    """Name of an example, such as ``boxer_26``, or of a photo of the report, such as ``tested-boxer_26``.

    The same photo can be both, at other sizes: each has an address of its own.
    """
    if path.name.endswith(_REPORTED):
        return f"tested-{path.name.removesuffix(_REPORTED)}"
    return path.stem


def known_photo(photo: Photo, weights_folder) -> Path | None:
    """The example, or the photo of the report, whose very file a photo was opened from."""
    if not isinstance(photo.source, (str, os.PathLike)):
        return None
    return _by_digest((*EXAMPLES, *reported_photos(weights_folder))).get(_digest(photo.source))


def true_class_map(path: Path | None) -> np.ndarray | None:
    """The true class ids, uint8 (height, width), of what `known_photo` returned; None where that is None."""
    if path is None:
        return None
    if path.name.endswith(_REPORTED):
        return np.asarray(Image.open(path.with_name(path.name.replace(_REPORTED, ".truth.png"))))
    return np.asarray(Image.open(path.with_suffix(".png"))) - 1


@functools.lru_cache(maxsize=4)
def _by_digest(paths):
    return {_digest(path): path for path in paths}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
