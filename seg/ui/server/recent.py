"""The comparisons shown lately, so that a second look at one needs no network."""

import io
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from seg.errors import UserError
from seg.images.geometry import class_map_at
from seg.images.rendering import encoded_mask
from seg.inference.comparison import Comparison


@dataclass(frozen=True)
class Look:
    """One comparison on the page, and what was known of its photo and of its networks then.

    Attributes:
        source: path of the photo.
        width, height: of the photo, pixels.
        truth: true class ids, uint8 (height, width), where told, else None.
        known_truth: what `truth` is unless the visitor tells another.
        known_as: name of the example or of the report's photo that it is, else None.
        test_scores: of the networks that were compared, by name.
        skips: their skip connections by the name by which one can be silenced, such as ``unet.4``: ``skip 4``.
        digests: of their weights.
        part_of: key of the whole photo's look, where this is at a part of it, else None.
        replaced_by: path of the picture that the page shows in place of a photo that browsers cannot show, else None.
    """

    source: str
    width: int
    height: int
    comparison: Comparison
    truth: np.ndarray | None
    known_as: str | None
    test_scores: dict
    skips: dict = field(default_factory=dict)
    digests: tuple = ()
    part_of: str | None = None
    replaced_by: str | None = None
    known_truth: np.ndarray | None = None


class RecentLooks:
    """Keeps the latest looks, whoever made them, up to 256 MiB; the newest in any case.

    Class maps take a byte for each pixel of the photo: the networks' logits and a compressed truth are kept instead,
    so that many large photos of one visitor throw out nobody else's.
    """

    def __init__(self, max_bytes: int = 256 * 2**20):
        self._max_bytes = max_bytes
        self._kept = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, look: Look) -> str:
        """Returns the key, which nobody else can guess, for `recall`."""
        key, kept = uuid.uuid4().hex, _Kept(look)
        with self._lock:
            self._kept[key] = kept
            while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > self._max_bytes:
                self._kept.popitem(last=False)
        return key

    def recall(self, key: str) -> Look:
        """The look, which then counts as new; raises `UserError` if it has been forgotten."""
        return self._found(key).look()

    def glance(self, key: str) -> Look:
        """The look without class maps and truth, and so without the work of `recall`; raises what that raises."""
        return self._found(key).without_maps

    def _found(self, key):
        with self._lock:
            if key not in self._kept:
                raise UserError("This photo is no longer on the server; choose it again.")
            self._kept.move_to_end(key)
            return self._kept[key]


class _Kept:
    """A look without its class maps."""

    def __init__(self, look):
        seen = {name: replace(each, class_map=None) for name, each in look.comparison.segmentations.items()}
        comparison = replace(look.comparison, segmentations=seen)
        self.without_maps = replace(look, comparison=comparison, truth=None, known_truth=None)
        self._truths = _of_both(encoded_mask, look.truth, look.known_truth)
        self.nbytes = sum(each.logits.nbytes for each in seen.values()) + sum(map(len, {*self._truths} - {None}))

    def look(self):
        kept = self.without_maps
        seen = {
            name: replace(each, class_map=class_map_at(each.logits, kept.width, kept.height))
            for name, each in kept.comparison.segmentations.items()
        }
        truth, known = _of_both(lambda png: np.asarray(Image.open(io.BytesIO(png))), *self._truths)
        return replace(kept, comparison=replace(kept.comparison, segmentations=seen), truth=truth, known_truth=known)


def _of_both(function, truth, known_truth):
    """What a function makes of both, which are mostly the same: that is then made and held once."""
    made = None if truth is None else function(truth)
    if known_truth is truth:
        return made, made
    return made, None if known_truth is None else function(known_truth)
