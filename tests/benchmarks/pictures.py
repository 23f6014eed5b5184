"""Photos of the sizes that people upload, made from an example."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

EXAMPLES = sorted((ROOT / "seg/ui/examples").glob("*.jpg"))


def save_photo(path, width: int, height: int, example: int = 0) -> Path:
    """Writes an example photo as a JPEG of that size, with noise as a camera's sensor has it."""
    photo = (
        Image.open(EXAMPLES[example % len(EXAMPLES)]).convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    )
    noise = np.random.default_rng(example).normal(0, 4, (height, width, 1)).astype(np.float32)
    noisy = np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(path, "JPEG", quality=90)
    return Path(path)


def squares(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Photos, uint8 (count, size, size, 3), and their masks, uint8 (count, size, size) class ids: examples, shifted."""
    from seg.images.geometry import fit_mask, fit_photo

    photos = [fit_photo(Image.open(path).convert("RGB"), size) for path in EXAMPLES]
    masks = [fit_mask(Image.open(path.with_suffix(".png")), size) - 1 for path in EXAMPLES]
    shifted = [[np.roll(pictures[i % len(pictures)], i, axis=1) for i in range(count)] for pictures in (photos, masks)]
    return np.stack(shifted[0]), np.stack(shifted[1])
