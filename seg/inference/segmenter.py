"""The one door between a photo and what a network sees in it."""

import functools
import gc
import os
from collections.abc import Collection
from pathlib import Path

import numpy as np

from seg.evaluation.calibration import probabilities
from seg.images.geometry import class_map_at, fit_photo, scaled_logits
from seg.images.given_photos import as_photo, described
from seg.inference.shared_batches import LARGEST, SharedBatches
from seg.networks.anatomy import anatomy_of
from seg.networks.compilation import inference_precision
from seg.networks.folding import fold
from seg.networks.forward import compiled, flip_averaged, gated, outputs_of
from seg.networks.weights import load_network, read_metrics, tensors_digest


class Segmenter:
    """A trained network that segments photos of any size.

    >>> import numpy as np
    >>> from PIL import Image
    >>> unet = Segmenter("weights/unet")
    >>> class_map = unet.segment("seg/ui/examples/boxer_26.jpg")
    >>> class_map.shape, class_map.dtype
    ((332, 500), dtype('uint8'))
    >>> grey = Image.open("seg/ui/examples/boxer_26.jpg").convert("L")
    >>> [of_one.shape for of_one in unet.segment([grey, np.asarray(grey)[:100]])]
    [(332, 500), (100, 500)]
    >>> unet.probabilities(grey).sum(axis=-1).round(4).min()
    np.float32(1.0)

    A photo is a path, an open file, a PIL image of any mode, or an array:
    (height, width) or (height, width, channels), uint8 0..255 or floats 0..1.
    `seg.images.given_photos.as_photo` says more, and what is raised for others.

    Attributes:
        config: as `seg.networks.weights.read_config` returns it.
        metrics: scores on the test split, or None.
        digest: SHA-256 of the weights file, by which a saved report knows them.
        anatomy: its steps and skip connections, `seg.networks.anatomy.Anatomy`.
    """

    def __init__(self, folder, flip_averaging: bool = False):
        """Loads the network of a folder as `seg.networks.weights` describes it.

        Args:
            flip_averaging: segment each photo and its mirror image, and average.

        Raises:
            UserError: a file is missing, damaged, or does not fit the other.
        """
        network, self.config = load_network(folder)
        self._folded = fold(network, inference_precision())
        self._averaged = flip_averaged if flip_averaging else lambda forward: forward
        self._forward = SharedBatches(self._averaged(compiled(self._folded)))
        self.anatomy = anatomy_of(network, self.config["image_size"])
        # A Keras model is full of cycles: without this its memory would not be there for the next network.
        del network
        gc.collect()
        self.metrics = read_metrics(folder)
        self.digest = tensors_digest(folder)
        self.folder = Path(os.path.abspath(folder))
        self.name = self.config["network"]
        self.image_size = self.config["image_size"]

    def logits(self, photos: np.ndarray) -> np.ndarray:
        """Runs the network; photos that several threads ask for at the same time share a batch.

        Args:
            photos: uint8 array (n, image_size, image_size, 3), RGB 0..255; a TypeError or ValueError tells what is not.

        Returns:
            float32 array (n, image_size, image_size, classes), in the order of `seg.classes`.
        """
        # What does not fit would be taken for black, or end the process inside TensorFlow.
        shape = self.image_size, self.image_size, 3
        wanted = f"takes uint8 0 to 255 of shape (n, {shape[0]}, {shape[1]}, 3); segment() takes any photo"
        if not isinstance(photos, np.ndarray):
            raise TypeError(f"This is of type {type(photos).__name__}; logits() {wanted}.")
        if photos.dtype != np.uint8:
            raise TypeError(f"This array has {described(photos)}; logits() {wanted}.")
        if photos.shape[1:] != shape or not len(photos):
            raise ValueError(f"This array has {described(photos)}; logits() {wanted}.")
        return self._forward(photos)

    def logits_without(self, photos: np.ndarray, skips: Collection[str]) -> np.ndarray:
        """Runs the network with skip connections silenced: disturbed, not another one.

        The first time takes seconds; `logits` stays as fast, and its weights are the same in memory.

        Args:
            photos: as of `logits`, but unchecked.
            skips: `seg.networks.anatomy.Skip.short_name` of each to silence.
        """
        gates = np.array([skip.short_name not in skips for skip in self.anatomy.skips], np.float32)
        return self._averaged(lambda batch: self._gated(batch, gates))(photos)

    @functools.cached_property
    def _gated(self):
        return gated(self._folded, [skip.joins for skip in self.anatomy.skips])

    def segment(self, photo):
        """Segments a photo, or several as batches.

        Args:
            photo: see the class; or a list or tuple of such, or an array (n, height, width, channels). What is raised
                for one of several says which.

        Returns:
            uint8 array (height, width) of class ids, see `seg.classes`, upright; a list of these for several.
        """
        return self._of_one_or_several(photo, class_map_at)

    def probabilities(self, photo, *, temperature: float = 1.0):
        """How likely each class is in each pixel.

        Args:
            photo: as of `segment`.
            temperature: by which the logits are divided; the saved report holds the one that makes probabilities
                honest, which `seg.evaluation.calibration.fit_temperature` has found.

        Returns:
            float32 array (height, width, classes), 0..1, which sums to one over the classes, in the order of
            `seg.classes`; a list of these for several.

        Raises:
            ValueError: the temperature is not above 0.
        """
        if not temperature > 0:
            raise ValueError(f"The temperature is {temperature!r}; give one above 0, or leave it out.")
        return self._of_one_or_several(
            photo, lambda logits, width, height: probabilities(scaled_logits(logits, width, height), temperature)
        )

    def features(self, photo, layers: list[str]) -> list[np.ndarray]:
        """What some layers, such as those of `anatomy`, make of one photo: float32 (h, w, features) for each."""
        return outputs_of(self._folded, layers, fit_photo(as_photo(photo).image, self.image_size))

    def _of_one_or_several(self, given, result):
        if not isinstance(given, (list, tuple)) and getattr(given, "ndim", 0) != 4:
            return self._results([as_photo(given)], result)[0]
        results = []
        for start in range(0, len(given), LARGEST):
            photos = [_numbered(place, given) for place in range(start, min(start + LARGEST, len(given)))]
            results += self._results(photos, result)
        return results

    def _results(self, photos, result):
        logits = self.logits(np.stack([fit_photo(photo.image, self.image_size) for photo in photos]))
        return [result(of_one, photo.width, photo.height) for of_one, photo in zip(logits, photos)]


def _numbered(place, given):
    """The photo at a place among several; what is raised for it says which one it is."""
    try:
        return as_photo(given[place])
    except Exception as error:
        error.args = (f"Photo {place + 1} of {len(given)}: {error}",)
        raise
