"""The example photos, and what is true of them."""

import functools
import hashlib
import os
from pathlib import Path

import numpy as np
from PIL import Image

from seg.photos import Photo

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.jpg"))
"""Photos of the test split, each with its trimap (.png: 1 pet, 2 background, 3 outline) beside it."""


def true_class_map(photo: Photo) -> np.ndarray | None:
    """The true class ids, uint8 (height, width), of a photo that is an example, else None."""
    if not isinstance(photo.source, (str, os.PathLike)):
        return None
    trimap = _trimaps().get(_digest(photo.source))
    return np.asarray(Image.open(trimap)) - 1 if trimap else None


@functools.cache
def _trimaps():
    return {_digest(path): path.with_suffix(".png") for path in EXAMPLES}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
