"""Who is compared when: two photos at a time unless told otherwise, in the order of arrival, and not without end.

Two at once share the networks' batches, and one is decoded or encoded while
the networks see the other: that gets more through than one at a time, even on
two cores, for hardly more memory (tests/benchmarks/README.md has the figures).
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor

from seg.errors import UserError
from seg.ui.server.settings import whole_number

MAX_WAITING = whole_number("MAX_WAITING", 100)
"""How many events may wait for their turn."""

AT_ONCE = whole_number("COMPARISONS_AT_ONCE", 2)
"""How many comparisons run at a time."""

IN_TURN = {"concurrency_id": "comparison", "concurrency_limit": AT_ONCE}
"""What every event that starts a comparison is registered with."""

BUSY = "This app is busy: as many photos wait already as may. Please try again in a minute."

STOPPING = threading.Event()
"""Set as soon as the app is to end; whoever waits or comes then is told `RESTARTS`."""

RESTARTS = "This app is being restarted; please try again in a minute."

_AT_WORK = ThreadPoolExecutor(AT_ONCE, "comparison")
_TURNS = set()


def in_turn(compare: Callable, *arguments, **options):
    """What a function returns that runs when its turn has come.

    Everything that runs networks for a visitor goes this way, since Gradio's queue orders the page's photos only.

    Raises:
        UserError: the app ends before; or whatever the function raises.
    """
    try:
        return _turn(compare, *arguments, **options).result()
    except CancelledError:
        raise UserError(RESTARTS) from None


async def called_in_turn(compare: Callable, *arguments):
    """`in_turn` for a call that Gradio's queue does not hold, such as one of a language model.

    Raises:
        UserError: too many wait already; or as of `in_turn`.
    """
    if waiting() >= MAX_WAITING:
        raise UserError(BUSY)
    try:
        return await asyncio.wrap_future(_turn(compare, *arguments))
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():  # whoever called has gone
            raise
        raise UserError(RESTARTS) from None


def waiting() -> int:
    """How many wait for their turn, beside those in Gradio's queue."""
    return sum(not turn.running() for turn in tuple(_TURNS))


def is_at_work() -> bool:
    """Whether somebody has their turn."""
    return any(turn.running() for turn in tuple(_TURNS))


def break_off() -> None:
    """Tells those who wait that the app ends."""
    for turn in tuple(_TURNS):
        turn.cancel()


def _turn(compare, *arguments, **options):
    turn = _AT_WORK.submit(compare, *arguments, **options)
    _TURNS.add(turn)
    turn.add_done_callback(_TURNS.discard)
    return turn
