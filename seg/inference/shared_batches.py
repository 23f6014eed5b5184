"""Photos of several visitors, run through a network as one batch."""

import threading
from collections import deque
from collections.abc import Callable

import numpy as np

LARGEST = 4
"""Photos a batch at most: more gain nothing more, and all wait for the last."""


class SharedBatches:
    """A forward pass that runs what several threads ask for meanwhile as one batch.

    Whoever asks first runs at once. Requests that come while a batch runs wait for
    its end; one of their threads then runs them together, in order of arrival (group
    commit, as databases do it). Nobody waits for a batch to fill.

    Args:
        forward: from photos (n, h, w, 3), all of one size, to logits (n, h, w, classes).
    """

    def __init__(self, forward: Callable[[np.ndarray], np.ndarray]):
        self._forward = forward
        self._waiting = deque()
        self._running = threading.Lock()

    def __call__(self, photos: np.ndarray) -> np.ndarray:
        """Logits of ``photos``; raises what the forward pass raised for their batch."""
        request = _Request(photos)
        self._waiting.append(request)
        while not request.done:
            with self._running:
                if not request.done:
                    self._run_next()
        if request.error is not None:
            raise request.error
        return request.logits

    def _run_next(self):
        batch = [self._waiting.popleft()]
        while self._waiting and sum(len(r.photos) for r in (*batch, self._waiting[0])) <= LARGEST:
            batch.append(self._waiting.popleft())
        try:
            logits = self._forward(np.concatenate([r.photos for r in batch]))
            starts = np.cumsum([len(r.photos) for r in batch])[:-1]
            for request, part in zip(batch, np.split(logits, starts)):
                request.logits = part
        except Exception as error:
            for request in batch:
                request.error = error
        finally:
            for request in batch:
                request.done = True


class _Request:
    def __init__(self, photos):
        self.photos = photos
        self.logits = self.error = None
        self.done = False
