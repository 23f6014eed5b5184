"""The photos of the test split that the page offers, and what is true of them."""

import functools
import hashlib
import os
from pathlib import Path

import numpy as np
from PIL import Image

from seg.photos import Photo
from seg.report_pictures import MOST_DIFFERENT
from seg.saved_report import REPORT, read_report

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.jpg"))
"""Photos of the test split, each with its trimap (.png: 1 pet, 2 background, 3 outline) beside it."""

NAMES = [f"Example: {path.stem.rpartition('_')[0].replace('_', ' ')}" for path in EXAMPLES]
"""What a screen reader says of each."""

_REPORTED = ".photo.png"


def most_different_photos(weights_folder) -> list[Path]:
    """The photos that the saved report keeps, see `seg.report_pictures.save_photos`, in its order."""
    try:
        chosen = read_report(weights_folder)["contest"]["most_different"]
        paths = [
            Path(weights_folder) / REPORT / MOST_DIFFERENT / f"{Path(photo['file_name']).stem}{_REPORTED}"
            for photo in chosen
        ]
    except (KeyError, TypeError):  # no report, or one written by another version
        return []
    return [path for path in paths if path.is_file()]


def name_of(path: Path) -> str:
    """Name of an example or of a photo of the report, such as ``boxer_26``."""
    return path.name.removesuffix(_REPORTED) if path.name.endswith(_REPORTED) else path.stem


def known_photo(photo: Photo, weights_folder) -> Path | None:
    """The example, or the photo of the report, whose very file a photo was opened from."""
    if not isinstance(photo.source, (str, os.PathLike)):
        return None
    return _by_digest((*EXAMPLES, *most_different_photos(weights_folder))).get(_digest(photo.source))


def true_class_map(photo: Photo, weights_folder) -> np.ndarray | None:
    """The true class ids, uint8 (height, width), of a photo that `known_photo` knows, else None.

    Args:
        weights_folder: holds the report.
    """
    path = known_photo(photo, weights_folder)
    if path is None:
        return None
    if path.name.endswith(_REPORTED):
        return np.asarray(Image.open(path.with_name(f"{name_of(path)}.truth.png")))
    return np.asarray(Image.open(path.with_suffix(".png"))) - 1


@functools.lru_cache(maxsize=4)
def _by_digest(paths):
    return {_digest(path): path for path in paths}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
