"""The files that a person takes home from a comparison."""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from seg.classes import BACKGROUND, OUTLINE, PET
from seg.images.photos import open_full_size
from seg.images.rendering import encoded, encoded_mask, overlay_image
from seg.inference.comparison import Comparison

_ALPHA = {PET: 255, OUTLINE: 128, BACKGROUND: 0}


def cutout_image(photo: Image.Image, class_map: np.ndarray) -> Image.Image:
    """The pet alone: opaque where a network sees pet, half transparent on the outline.

    Args:
        photo: RGB image of any size.
        class_map: uint8 array (h, w) of class ids, scaled to the photo's size by nearest neighbour.

    Returns:
        RGBA image; what is fully transparent is black, so that nothing of the background goes along unseen.
    """
    alpha = (
        Image.fromarray(class_map)
        .point([_ALPHA.get(class_id, 0) for class_id in range(256)])
        .resize(photo.size, Image.Resampling.NEAREST)
    )
    cutout = Image.new("RGBA", photo.size)
    cutout.paste(photo, mask=alpha.point(lambda value: 255 * (value > 0)))
    cutout.putalpha(alpha)
    return cutout


def make_files(
    stem: str, source, comparison: Comparison, numbers: dict, truth: np.ndarray | None = None
) -> Iterator[tuple[str, bytes]]:
    """Masks, overlays and cut-outs of each network at the photo's full size, and the numbers; one held at a time.

    Args:
        stem: with which all file names start, see `safe_stem`.
        source: of the photo, as of `seg.images.photos.open_photo`.
        numbers: what the JSON file is to hold.
        truth: true class ids, uint8 array (height, width), where known.

    Yields:
        File name and content.

    Raises:
        UserError: the photo's file is gone.
    """
    full_size = open_full_size(source)
    yield f"{stem}-numbers.json", json.dumps(numbers, indent=1).encode() + b"\n"
    for name, seen in comparison.segmentations.items():
        yield f"{stem}-{name}-mask.png", encoded_mask(seen.class_map)
        yield f"{stem}-{name}-overlay.jpg", encoded(overlay_image(full_size, seen.class_map), "JPEG", quality=92)
        # Photos hardly get smaller from more effort, which takes seconds on large ones.
        yield f"{stem}-{name}-cutout.png", encoded(cutout_image(full_size, seen.class_map), "PNG", compress_level=1)
    if truth is not None:
        yield f"{stem}-truth-mask.png", encoded_mask(truth)


def write_zip(path, files: Iterable[tuple[str, bytes]]) -> None:
    """Writes a ZIP archive of files as `make_files` yields them, stored as they are: images are compressed already."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)


def safe_stem(name: str) -> str:
    """A photo's name with only letters, digits, - and _, which every system allows in a file name; else ``photo``."""
    return re.sub(r"[^\w-]+", "-", name).strip("-_")[:60] or "photo"
