"""Who is compared when: one photo at a time unless told otherwise, in the order of arrival, and not without end.

One comparison keeps two cores busy for most of its time: two at once, which
share batches, get a sixth more through there, for the memory of two photos
(tests/benchmarks/load.py --concurrency 2).
"""

import asyncio
import threading

from seg.errors import UserError
from seg.settings import whole_number

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

    def __init__(self):
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __aenter__(self):
        """Waits for the turn.

        Raises:
            UserError: too many wait already.
        """
        if self._waiting >= MAX_WAITING:
            raise UserError(BUSY)
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *error):
        self._turn.release()
