"""Every change of size: photo to network input, logits back to photo."""

import numpy as np
from PIL import Image

from seg.classes import NUM_CLASSES

# Pixels scaled at once: what is computed for them stays in the processor's cache.
_BLOCK_PIXELS = 1 << 16


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
    lead = [(logits[..., c] - logits[..., 0]) @ across.T for c in range(1, classes)]
    class_map = np.empty((height, width), np.uint8)
    block_rows = max(1, _BLOCK_PIXELS // width)
    buffers = np.empty((2, block_rows, width), np.float32), np.empty((block_rows, width), bool)
    for top in range(0, height, block_rows):
        block = class_map[top : top + block_rows]
        (best, scaled), wins = buffers[0][:, : len(block)], buffers[1][: len(block)]
        best[:], block[:] = 0, 0
        weights = down[top : top + block_rows]
        used = np.flatnonzero(weights.any(axis=0))
        first, last = used[0], used[-1] + 1
        for class_id, plane in enumerate(lead, start=1):
            np.matmul(weights[:, first:last], plane[first:last], out=scaled)
            np.greater(scaled, best, out=wins)
            np.maximum(block, wins.view(np.uint8) * np.uint8(class_id), out=block)
            np.maximum(best, scaled, out=best)
    return class_map


def _bilinear_weights(size, new_size):
    """Share of each old pixel in each new one, float32 (new_size, size), as Pillow scales."""
    return np.asarray(
        Image.fromarray(np.eye(size, dtype=np.float32)).resize((size, new_size), Image.Resampling.BILINEAR)
    )
