"""The dataset: photos and masks, read, augmented and put into batches."""

from seg.data.dataset import load_pets

__all__ = ["load_pets"]
