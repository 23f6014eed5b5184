"""Whatever a program gives as a photo, made what a photo of the page is."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from seg.errors import UserError
from seg.images.photos import DISPLAY_SIZE, Photo, open_photo, upright_rgb

_ACCEPTED = (
    "a photo is a path, an open file, a PIL image, or an array (height, width), (height, width, 3) or (height, width,"
    " 4) of uint8 0 to 255 or of floats 0 to 1"
)


def as_photo(given) -> Photo:
    """Makes a photo, upright RGB, of a path, an image or an array; all go through the same conversion as files.

    16-bit grey uses its whole range, other wide grey images (modes ``I`` and ``F``) the one they have.

    Args:
        given: one of

            - path or binary file object, of any format that the page opens
            - `PIL.Image.Image` of any mode
            - array, or what NumPy makes one of: (height, width), grey, or (height, width, channels), with 1 channel
              (grey), 2 (grey and opacity), 3 (RGB) or 4 (RGB and opacity); uint8 0..255 or floating point 0..1
            - `Photo`, which is returned as it is

    Raises:
        TypeError: it is something else, or an array of another type.
        ValueError: an array of another shape, or floats outside 0..1; an image of no pixels.
        FileNotFoundError: there is no such file.
        UserError: the file is not a photo, damaged, or too large.
    """
    if isinstance(given, Photo):
        return given
    if isinstance(given, (str, os.PathLike)):
        if not Path(given).exists():
            raise FileNotFoundError(f"There is no photo {os.fspath(given)!r}; paths are relative to {Path.cwd()}.")
        if Path(given).is_dir():
            raise UserError(f"{os.fspath(given)} is a folder; give a photo, or a list of the photos in it.")
        return open_photo(given)
    if hasattr(given, "read"):
        return open_photo(given)
    if isinstance(given, Image.Image):
        image = given
    elif hasattr(given, "__array__") or hasattr(given, "__array_interface__"):
        image = _image_of(np.asarray(given))
    else:
        raise TypeError(f"This is of type {type(given).__name__}; {_ACCEPTED}.")
    if 0 in image.size:
        raise ValueError(f"This image has no pixels: its size is {image.width} x {image.height}.")
    upright = upright_rgb(image)
    width, height = upright.size
    if max(upright.size) > DISPLAY_SIZE:
        upright.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE), Image.Resampling.BILINEAR)
    return Photo(upright, width, height, True, given)


def described(array: np.ndarray) -> str:
    """Shape, type and range of an array, as an error names them."""
    numbers = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    known = array.dtype.kind in "buif" and numbers.size
    values = f", values {numbers.min():.6g} to {numbers.max():.6g}" if known else ""
    if array.dtype.kind == "f" and numbers.size < array.size:
        values += f", {array.size - numbers.size} of them not finite"
    return f"shape {array.shape}, type {array.dtype}{values}"


def _image_of(array):
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise TypeError(f"This array has {described(array)}; {_ACCEPTED}.")
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] > 4):
        colours_first = array.ndim == 3 and array.shape[0] in (1, 3, 4)
        advice = " Its colours seem to come first; transpose it." if colours_first else ""
        raise ValueError(f"This array has {described(array)}; {_ACCEPTED}.{advice}")
    if array.dtype != np.uint8:
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise ValueError(f"This array has {described(array)}; {_ACCEPTED}.")
        array = np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    return Image.fromarray(array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array)
