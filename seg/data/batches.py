"""Batches of photos and masks for `keras.Model.fit`."""

import keras
import numpy as np


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled, augmented batches; every draw depends on seed, epoch and photo alone.

    A run that is resumed at an epoch therefore sees the same stream as one that
    never stopped. The last, smaller batch of an epoch is left out; which photos
    it held changes with every epoch.

    Args:
        photos: `seg.data.photo_set.PhotoSet`.
        batch_size: photos per step, over all shards.
        augmentation: `seg.data.augmentation.Augmentation`.
        seed: of the stream.
        initial_epoch: where the stream starts.
        shard: which part of each batch to give, and into how many it is split.
    """

    def __init__(self, photos, batch_size, augmentation, seed, initial_epoch=0, shard=(0, 1)):
        super().__init__()
        self.photos = photos
        self.batch_size = min(batch_size, len(photos))
        self.augmentation = augmentation
        self.seed = seed
        self.epoch = initial_epoch
        self.shard = shard
        self._shuffle()

    def __len__(self):
        return len(self.photos) // self.batch_size

    def __getitem__(self, index):
        """Photos, uint8 (n, s, s, 3) RGB 0..255, and masks, uint8 (n, s, s) class ids."""
        part, parts = self.shard
        size = self.batch_size // parts
        start = index * self.batch_size + part * size
        indices = self._order[start : start + size]
        photos, masks = zip(
            *(self.augmentation(*self.photos[i], np.random.default_rng((self.seed, self.epoch, i))) for i in indices)
        )
        return np.stack(photos), np.stack(masks)

    def on_epoch_end(self):
        self.epoch += 1
        self._shuffle()

    def _shuffle(self):
        self._order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.photos))


class OrderedBatches(keras.utils.PyDataset):
    """All photos once, in order, unchanged."""

    def __init__(self, photos, batch_size):
        super().__init__()
        self.photos = photos
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.photos) // self.batch_size)

    def __getitem__(self, index):
        """Photos, uint8 (n, s, s, 3) RGB 0..255, and masks, uint8 (n, s, s) class ids."""
        return self.photos.batch(range(len(self.photos))[index * self.batch_size :][: self.batch_size])
