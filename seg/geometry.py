"""Every change of size: photo to network input, logits back to photo."""

import numpy as np
from PIL import Image

from seg.classes import NUM_CLASSES

# Rows upsampled at once: bounds the memory of a many-megapixel mask.
_BAND_ROWS = 256


def fit_photo(photo: Image.Image, size: int) -> np.ndarray:
    """Squashes an RGB photo to the network's square.

    The aspect ratio is not kept: the networks were trained on squashed photos.

    Returns:
        uint8 array (size, size, 3), RGB 0..255.
    """
    if photo.size != (size, size):
        photo = photo.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(photo, dtype=np.uint8)


def fit_mask(mask: Image.Image, size: int) -> np.ndarray:
    """Squashes a mask as `fit_photo` does a photo, by nearest neighbour.

    Returns:
        uint8 array (size, size) of the same values.
    """
    if mask.size != (size, size):
        mask = mask.resize((size, size), Image.Resampling.NEAREST)
    return np.asarray(mask, dtype=np.uint8)


def scaled_logits(logits: np.ndarray, width: int, height: int) -> np.ndarray:
    """Logits (h, w, classes), float32, scaled bilinearly to (height, width, classes)."""
    planes = [Image.fromarray(np.ascontiguousarray(logits[..., c], dtype=np.float32)) for c in range(NUM_CLASSES)]
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR)) for plane in planes], axis=-1)


def class_map_at(logits: np.ndarray, width: int, height: int) -> np.ndarray:
    """The most likely class of every pixel of a photo of ``width`` x ``height``.

    The logits are scaled bilinearly before the most likely class is taken, so
    that borders between classes stay smooth.

    Args:
        logits: float32 array (h, w, classes).

    Returns:
        uint8 array (height, width) of class ids.
    """
    rows, columns = logits.shape[:2]
    if (rows, columns) == (height, width):
        return logits.argmax(axis=-1).astype(np.uint8)
    planes = [Image.fromarray(np.ascontiguousarray(logits[..., c], dtype=np.float32)) for c in range(NUM_CLASSES)]
    class_map = np.empty((height, width), np.uint8)
    for top in range(0, height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, height)
        box = (0, top * rows / height, columns, bottom * rows / height)
        best = winner = None
        for class_id, plane in enumerate(planes):
            band = np.asarray(plane.resize((width, bottom - top), Image.Resampling.BILINEAR, box=box))
            if best is None:
                best, winner = band, np.zeros(band.shape, np.uint8)
            else:
                winner[band > best] = class_id
                best = np.maximum(best, band)
        class_map[top:bottom] = winner
    return class_map
