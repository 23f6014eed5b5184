"""The photos and masks of one split."""

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class PhotoSet:
    """Photos and masks of one split, read from disk when asked for.

    Attributes:
        image_size: height and width of every photo, pixels.
        file_names: name of each photo in the dataset.
        breeds: breed of each photo, as TFDS names it.
        species: ``"cat"`` or ``"dog"`` for each photo.
        sizes: width and height of each photo in the dataset, before it was squashed, pixels.
    """

    image_size: int
    file_names: list[str]
    breeds: list[str]
    species: list[str]
    sizes: list[tuple[int, int]]
    _shards: list = field(repr=False)
    _places: np.ndarray = field(repr=False)  # (n, 2): shard, index in shard

    def __len__(self):
        return len(self._places)

    def __getitem__(self, index):
        """The photo, uint8 (s, s, 3) RGB 0..255, and its mask, uint8 (s, s) class ids."""
        shard, place = self._places[index]
        images, masks = self._shards[shard]
        return images[place], masks[place]

    def batch(self, indices):
        """Photos, uint8 (n, s, s, 3), and masks, uint8 (n, s, s), of ``indices``."""
        images, masks = zip(*(self[i] for i in indices))
        return np.stack(images), np.stack(masks)

    def spread(self, count: int) -> "PhotoSet":
        """So many photos, evenly spread; all of them where there are fewer."""
        return self.subset(range(0, len(self), max(1, len(self) // count))[:count])

    def subset(self, indices) -> "PhotoSet":
        """The photos at ``indices`` as a set of their own."""
        indices = list(indices)
        lists = {key: [getattr(self, key)[i] for i in indices] for key in ("file_names", "breeds", "species", "sizes")}
        return replace(self, **lists, _places=self._places[indices])
