"""Runs every network there is on the same photo."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seg.errors import UserError
from seg.inference import Segmenter
from seg.metrics import class_shares
from seg.networks import TITLES
from seg.photos import Photo


@dataclass(frozen=True)
class Segmentation:
    """What one network sees in a photo.

    Attributes:
        network: name in `seg.networks.TITLES`.
        class_map: uint8 array (height, width) of class ids, at the photo's size.
        shares: share of the pixels in each class, 0..1, by class name.
        seconds: from the photo to the class map.
    """

    network: str
    class_map: np.ndarray
    shares: dict
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """The networks' views of one photo, and the share of pixels, 0..1, they agree on.

    ``agreement`` is None unless both networks ran.
    """

    segmentations: dict
    agreement: float | None


class Networks:
    """The trained networks that run together.

    Attributes:
        segmenters: `seg.inference.Segmenter` by network name.
        origins: where the weights of each come from, for people to read.
        problems: one sentence for each network that could not be loaded.
    """

    def __init__(self, folder, origin: str, names=tuple(TITLES)):
        """Loads each network whose folder is below ``folder``; never raises for a bad one.

        Args:
            names: the networks to look for.
        """
        self.segmenters, self.origins, self.problems = {}, {}, {}
        for name in names:
            try:
                segmenter = Segmenter(Path(folder) / name)
                if segmenter.name != name:
                    raise UserError(f"the folder {name} holds {TITLES[segmenter.name]}; fetch its weights again.")
                self.segmenters[name] = segmenter
                self.origins[name] = origin
            except UserError as error:
                self.problems[name] = f"{TITLES[name]} of {origin} cannot be used: {error}"

    def fall_back_on(self, others: "Networks") -> None:
        """Takes over the networks that are missing here and there are not; problems stay told."""
        for name, segmenter in others.segmenters.items():
            if name not in self.segmenters:
                self.segmenters[name] = segmenter
                self.origins[name] = others.origins[name]

    def warm_up(self) -> None:
        """Compiles the networks, so that the first photo does not wait for it."""
        for segmenter in self.segmenters.values():
            segmenter.logits(np.zeros((1, segmenter.image_size, segmenter.image_size, 3), np.uint8))

    def compare(self, photo: Photo) -> Comparison:
        """Segments the photo with every network that could be loaded.

        Raises:
            UserError: none could.
        """
        if not self.segmenters:
            raise UserError(" ".join(self.problems.values()))
        segmentations = {}
        for name in TITLES:
            if name not in self.segmenters:
                continue
            segmenter = self.segmenters[name]
            started = time.perf_counter()
            class_map = segmenter.segment(photo.image, (photo.width, photo.height))
            segmentations[name] = Segmentation(name, class_map, class_shares(class_map), time.perf_counter() - started)
        agreement = None
        if len(segmentations) == len(TITLES):
            first, second = (s.class_map for s in segmentations.values())
            agreement = float((first == second).mean())
        return Comparison(segmentations, agreement)
