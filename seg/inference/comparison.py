"""Runs two networks on the same photo."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seg.errors import UserError
from seg.evaluation.metrics import class_shares, confusion_matrix, scores
from seg.evaluation.saved_report import report_on
from seg.images.geometry import class_map_at, fit_photo
from seg.images.given_photos import as_photo
from seg.inference.segmenter import Segmenter
from seg.networks import NETWORKS, TITLES, chosen_pair
from seg.networks.anatomy import Skip
from seg.networks.weights import CONFIG


@dataclass(frozen=True)
class Segmentation:
    """What one network sees in a photo.

    Attributes:
        network: name in `seg.networks.NETWORKS`.
        logits: float32 array (h, w, classes), at the network's size.
        class_map: uint8 array (height, width) of class ids, at the photo's size.
        shares: share of the pixels in each class, 0..1, by class name.
        seconds: from the photo to the class map.
        without: names of its skip connections that were silenced, such as ``4``.
    """

    network: str
    logits: np.ndarray
    class_map: np.ndarray
    shares: dict
    seconds: float
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The networks' views of one photo.

    Attributes:
        segmentations: `Segmentation` by network name.
        counts: pixels by what the first network sees and what the second, int64 (classes, classes); None unless both
            ran.
        report: the saved report on these very weights, as `seg.evaluation.saved_report` finds it, or None.
    """

    segmentations: dict
    counts: np.ndarray | None
    report: dict | None

    @property
    def agreement(self) -> float | None:
        """Share of the pixels, 0..1, on which both say the same."""
        return None if self.counts is None else float(self.counts.trace() / self.counts.sum())

    @property
    def agreement_iou(self) -> dict | None:
        """By class: pixels that both put in it, of those that either does; None for a class that neither sees."""
        return None if self.counts is None else scores(self.counts)["iou"]

    def temperature(self, name: str) -> float | None:
        """By which a network's logits are divided for honest probabilities; None if unknown, as of a disturbed one."""
        if self.report is None or self.segmentations[name].without:
            return None
        return self.report["networks"][name]["calibration"]["temperature"]


class Networks:
    """The trained networks that run together.

    Attributes:
        segmenters: `seg.inference.segmenter.Segmenter` by network name.
        origins: where the weights of each come from, for people to read.
        problems: one sentence for each network that could not be loaded.
    """

    def __init__(self, folder, origin: str, names: Iterable[str] | None = None, flip_averaging: bool = False):
        """Loads each network whose folder is below ``folder``; never raises for a bad one.

        Args:
            names: the networks to look for; unless given the pair that is compared, and every other that has a folder.
            flip_averaging: as of `seg.inference.segmenter.Segmenter`.
        """
        self.segmenters, self.origins, self.problems = {}, {}, {}

        def load(name):
            segmenter = Segmenter(Path(folder) / name, flip_averaging)
            if segmenter.name != name:
                raise UserError(f"the folder {name} holds {TITLES[segmenter.name]}; fetch its weights again.")
            return segmenter

        if names is None:
            pair = chosen_pair()
            names = [*pair, *(n for n in NETWORKS if n not in pair and (Path(folder) / n / CONFIG).is_file())]
        with ThreadPoolExecutor() as threads:
            loading = {name: threads.submit(load, name) for name in names}
        for name, loaded in loading.items():
            try:
                self.segmenters[name] = loaded.result()
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

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the networks' weights: by which one knows whether they are still the same."""
        return tuple(segmenter.digest for segmenter in self.segmenters.values())

    @property
    def skips(self) -> dict[str, tuple[str, Skip]]:
        """Network and skip connection by the name by which one can be silenced, such as ``unet.4``."""
        return {
            f"{name}.{skip.short_name}": (name, skip)
            for name, segmenter in self.segmenters.items()
            for skip in segmenter.anatomy.skips
        }

    @property
    def compared(self) -> dict:
        """The segmenters of the pair that is compared unless told otherwise, by name, as far as they are there."""
        return {name: self.segmenters[name] for name in chosen_pair() if name in self.segmenters}

    def compare(
        self,
        photo,
        before_each: Callable[[], None] = lambda: None,
        without: Iterable[str] = (),
        pair: tuple[str, str] | None = None,
    ) -> Comparison:
        """Segments the photo with two networks, as far as they could be loaded.

        Args:
            photo: whatever `seg.images.given_photos.as_photo` makes a photo of, which may raise.
            before_each: called before each network; what it raises ends the comparison.
            without: of `skips`, those to silence.
            pair: which two; `seg.networks.chosen_pair` unless given.

        Raises:
            UserError: neither could be loaded, or there is no such skip connection.
        """
        there = {name: self.segmenters[name] for name in pair or chosen_pair() if name in self.segmenters}
        if not there:
            raise UserError(" ".join(self.problems.values()))
        silenced = self._silenced(without)
        photo = as_photo(photo)
        segmentations = {}
        for name in there:
            before_each()
            segmentations[name] = self._segmentation(name, photo, silenced.get(name, ()))
        maps = [seen.class_map for seen in segmentations.values()]
        return Comparison(segmentations, confusion_matrix(*maps) if len(maps) == 2 else None, report_on(there))

    def disturbed(self, photo, without: Iterable[str]) -> dict[str, Segmentation]:
        """Segments the photo with those networks alone that are to lose something; arguments as of `compare`."""
        photo = as_photo(photo)
        return {name: self._segmentation(name, photo, skips) for name, skips in self._silenced(without).items()}

    def _silenced(self, names):
        """By network, its skip connections of these names."""
        found = {}
        for name in names:
            if name not in self.skips:
                raise UserError(f"There is no skip connection {str(name)[:40]!r}; there are {', '.join(self.skips)}.")
            network, skip = self.skips[name]
            found[network] = (*found.get(network, ()), skip.short_name)
        return found

    def _segmentation(self, name, photo, silenced):
        segmenter = self.segmenters[name]
        started = time.perf_counter()
        batch = fit_photo(photo.image, segmenter.image_size)[np.newaxis]
        logits = (segmenter.logits_without(batch, silenced) if silenced else segmenter.logits(batch))[0]
        class_map = class_map_at(logits, photo.width, photo.height)
        seconds = time.perf_counter() - started
        return Segmentation(name, logits, class_map, class_shares(class_map), seconds, silenced)
