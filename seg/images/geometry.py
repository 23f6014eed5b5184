"""Every change of size: photo to network input, logits back to photo."""

import numpy as np
from PIL import Image

from seg.classes import NUM_CLASSES

# Pixels scaled down the photo at once, whose numbers stay in the processor's cache; columns scaled across it at once.
_BAND_PIXELS, _BAND_COLUMNS = 1 << 16, 64


def fit_photo(photo: Image.Image, size: int) -> np.ndarray:
    """Squashes an RGB photo to the network's square.

    The aspect ratio is not kept: the networks were trained on squashed photos.

    Returns:
        uint8 array (size, size, 3), RGB 0..255.
    """
    return np.asarray(photo.resize((size, size), Image.Resampling.BILINEAR))


def fit_mask(mask: Image.Image, size: int) -> np.ndarray:
    """Squashes a mask as `fit_photo` does a photo, by nearest neighbour: uint8 array (size, size) of its values."""
    return np.asarray(mask.resize((size, size), Image.Resampling.NEAREST))


def scaled_logits(logits: np.ndarray, width: int, height: int) -> np.ndarray:
    """Logits (h, w, classes), float32, scaled bilinearly to (height, width, classes)."""
    planes = [Image.fromarray(np.ascontiguousarray(logits[..., c], dtype=np.float32)) for c in range(NUM_CLASSES)]
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR)) for plane in planes], axis=-1)


def class_map_at(logits: np.ndarray, width: int, height: int) -> np.ndarray:
    """The most likely class of every pixel of a photo of ``width`` x ``height``.

    The logits are scaled bilinearly before, so that borders stay smooth. Of equal logits the first wins.

    Args:
        logits: float32 array (h, w, classes).

    Returns:
        uint8 array (height, width) of class ids.
    """
    rows, columns, classes = logits.shape
    if (rows, columns) == (height, width):
        return logits.argmax(axis=-1).astype(np.uint8)
    # Scaling is linear, so what each class is ahead of the first one can be scaled instead of every class.
    across, down = _bilinear_weights(columns, width), _bilinear_weights(rows, height)
    lead = np.empty((classes - 1, rows, width), np.float32)
    for class_id, plane in enumerate(lead, start=1):
        ahead = logits[..., class_id] - logits[..., 0]
        for new, old in _bands(across, _BAND_COLUMNS):
            plane[:, new] = ahead[:, old] @ across[new, old].T
    class_map = np.zeros((height, width), np.uint8)
    band_rows = max(1, _BAND_PIXELS // width)
    buffers = np.empty((2, band_rows, width), np.float32), np.empty((band_rows, width), bool)
    for new, old in _bands(down, band_rows):
        band = class_map[new]
        (best, scaled), wins = buffers[0][:, : len(band)], buffers[1][: len(band)]
        best[:] = 0
        for class_id, plane in enumerate(lead, start=1):
            np.matmul(down[new, old], plane[old], out=scaled)
            np.greater(scaled, best, out=wins)
            np.maximum(band, wins.view(np.uint8) * np.uint8(class_id), out=band)
            np.maximum(best, scaled, out=best)
    return class_map


def _bands(weights, size):
    """New pixels, ``size`` at a time, and the few old ones that have a share in them: pairs of slices."""
    for start in range(0, len(weights), size):
        used = np.flatnonzero(weights[start : start + size].any(axis=0))
        yield slice(start, start + size), slice(used[0], used[-1] + 1)


def _bilinear_weights(size, new_size):
    """Share of each old pixel in each new one, float32 (new_size, size), as Pillow scales."""
    return np.asarray(
        Image.fromarray(np.eye(size, dtype=np.float32)).resize((size, new_size), Image.Resampling.BILINEAR)
    )
