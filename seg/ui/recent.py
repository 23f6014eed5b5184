"""The comparisons shown lately, so that a second look at one needs no network."""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from seg.comparison import Comparison
from seg.errors import UserError
from seg.photos import Photo

_MAX_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Look:
    """One comparison on the page.

    Attributes:
        truth: true class ids, uint8 (height, width), where known, else None.
    """

    photo: Photo
    comparison: Comparison
    truth: np.ndarray | None

    @property
    def nbytes(self) -> int:
        width, height = self.photo.image.size
        maps = sum(seen.class_map.nbytes + seen.logits.nbytes for seen in self.comparison.segmentations.values())
        return 3 * width * height + maps + (0 if self.truth is None else self.truth.nbytes)


class RecentLooks:
    """Keeps the latest looks, whoever made them, up to 256 MiB; the newest in any case."""

    def __init__(self, max_bytes: int = _MAX_BYTES):
        self._max_bytes = max_bytes
        self._looks = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, look: Look) -> str:
        """Returns the key, which nobody else can guess, for `recall`."""
        key = uuid.uuid4().hex
        with self._lock:
            self._looks[key] = look
            while len(self._looks) > 1 and sum(kept.nbytes for kept in self._looks.values()) > self._max_bytes:
                self._looks.popitem(last=False)
        return key

    def recall(self, key: str) -> Look:
        """The look, which then counts as new.

        Raises:
            UserError: it has been forgotten.
        """
        with self._lock:
            if key not in self._looks:
                raise UserError("This photo is no longer on the server; choose it again.")
            self._looks.move_to_end(key)
            return self._looks[key]
