"""Who is compared when: one photo at a time unless told otherwise, in the order of arrival, and not without end.

One comparison keeps two cores busy for most of its time, so two at once would
only take turns there; tests/benchmarks/load.py measures other settings.
"""

import asyncio
import os
import re

from seg.errors import UserError


def _setting(name, default):
    """A whole number of 1 or more from the environment."""
    text = os.environ.get(name) or str(default)
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise UserError(f"{name} is {text[:40]!r} in the environment; give a whole number of 1 or more, or leave it out.")
    return int(text)


MAX_WAITING = _setting("MAX_WAITING", 100)
"""How many events may wait for their turn."""

AT_ONCE = _setting("COMPARISONS_AT_ONCE", 1)
"""How many comparisons run at a time."""

IN_TURN = {"concurrency_id": "comparison", "concurrency_limit": AT_ONCE}
"""What every event that starts a comparison is registered with."""

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
