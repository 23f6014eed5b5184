"""The one door between a photo and what a network sees in it."""

import gc
import os
from pathlib import Path

import numpy as np
from PIL import Image

from seg.forward import flip_averaged, forward_pass
from seg.geometry import class_map_at, fit_photo
from seg.shared_batches import SharedBatches
from seg.weights import load_network, read_metrics


class Segmenter:
    """A trained network that segments photos of any size.

    Attributes:
        config: as `seg.weights.read_config` returns it.
        metrics: scores on the test split, or None.
    """

    def __init__(self, folder, flip_averaging: bool = False):
        """Loads the network of a folder as `seg.weights` describes it.

        Args:
            flip_averaging: segment each photo and its mirror image, and average.

        Raises:
            UserError: a file is missing, damaged, or does not fit the other.
        """
        network, self.config = load_network(folder)
        forward = forward_pass(network)
        self._forward = SharedBatches(flip_averaged(forward) if flip_averaging else forward)
        # A Keras model is full of cycles: without this its memory would not be there for the next network.
        del network
        gc.collect()
        self.metrics = read_metrics(folder)
        self.folder = Path(os.path.abspath(folder))
        self.name = self.config["network"]
        self.image_size = self.config["image_size"]

    def logits(self, photos: np.ndarray) -> np.ndarray:
        """Runs the network; photos that several threads ask for at the same time share a batch.

        Args:
            photos: uint8 array (n, image_size, image_size, 3), RGB 0..255.

        Returns:
            float32 array (n, image_size, image_size, 3), in the order of
            `seg.classes`.
        """
        return self._forward(photos)

    def segment(self, photo: Image.Image, size: tuple[int, int] | None = None) -> np.ndarray:
        """Segments one photo.

        Args:
            photo: RGB image of any size.
            size: width and height of the class map, where the photo was taken
                larger than ``photo`` is; that image's own if None.

        Returns:
            uint8 array (height, width) of class ids.
        """
        logits = self.logits(fit_photo(photo, self.image_size)[np.newaxis])[0]
        return class_map_at(logits, *(size or photo.size))
