"""Photos of several visitors, run through a network as one batch."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

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
        answer = Future()
        self._waiting.append((photos, answer))
        while not answer.done():
            with self._running:
                if not answer.done():
                    self._run_next()
        return answer.result()

    def _run_next(self):
        batch = [self._waiting.popleft()]
        while self._waiting and sum(len(photos) for photos, _ in (*batch, self._waiting[0])) <= LARGEST:
            batch.append(self._waiting.popleft())
        photos, answers = zip(*batch)
        try:
            logits = self._forward(np.concatenate(photos))
        except BaseException as error:  # else all others of the batch would wait for ever
            for answer in answers:
                answer.set_exception(error)
            if not isinstance(error, Exception):  # a stop is for this thread, whose own photos need not be among them
                raise
        else:
            starts = np.cumsum([len(each) for each in photos])[:-1]
            for answer, part in zip(answers, np.split(logits, starts)):
                answer.set_result(part)
