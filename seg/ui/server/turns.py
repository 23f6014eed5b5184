"""Who is compared when: one photo at a time unless told otherwise, in the order of arrival, and not without end.

One comparison keeps two cores busy for most of its time: two at once, which
share batches, get a sixth more through there, for the memory of two photos
(tests/benchmarks/load.py --concurrency 2).
"""

import asyncio
import threading
import weakref

from seg.errors import UserError
from seg.ui.server.settings import whole_number
from seg.ui.server.stopping import RESTARTS, STOPPING

MAX_WAITING = whole_number("MAX_WAITING", 100)
"""How many events may wait for their turn."""

AT_ONCE = whole_number("COMPARISONS_AT_ONCE", 1)
"""How many comparisons run at a time."""

IN_TURN = {"concurrency_id": "comparison", "concurrency_limit": AT_ONCE}
"""What every event that starts a comparison is registered with."""

AT_WORK = threading.BoundedSemaphore(AT_ONCE)
"""Held while a photo is compared, whichever way it came: Gradio's queue orders the page's photos only."""

BUSY = "This app is busy: as many photos wait already as may. Please try again in a minute."
"""What whoever comes then is told."""


class Turns:
    """Turns for calls that Gradio's queue does not order, such as those of language models."""

    _all = weakref.WeakSet()

    def __init__(self):
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = set()
        self._at_work = 0
        self._all.add(self)

    @classmethod
    def at_work(cls) -> int:
        """How many have their turn now."""
        return sum(turns._at_work for turns in cls._all)

    @classmethod
    def break_off(cls) -> None:
        """Tells those who wait that the app ends; to be called in the server's event loop."""
        for turns in cls._all:
            for waiting in turns._waiting:
                waiting.cancel()

    async def __aenter__(self):
        """Waits for the turn.

        Raises:
            UserError: too many wait already, or the app ends.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise UserError(BUSY)
        waiting = asyncio.ensure_future(self._turn.acquire())
        self._waiting.add(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if STOPPING.is_set():
                raise UserError(RESTARTS) from None
            raise
        finally:
            self._waiting.discard(waiting)
        self._at_work += 1

    async def __aexit__(self, *error):
        self._at_work -= 1
        self._turn.release()
