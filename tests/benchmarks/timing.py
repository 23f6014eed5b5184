"""Two ways of doing the same, timed side by side."""

import json
import statistics
import time
from dataclasses import asdict, dataclass

PAIRS = 15

most_pairs = None
"""No row measures more pairs than this, if it is set."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what, against: the two sides.
        better: ``"at most"`` or ``"at least"``.
        target: the ratio to reach.
        ratio: median of the pairs' ratios.
        measured: medians of both sides, or what else was found, for people to read.
        pairs: how many were measured.
    """

    what: str
    against: str
    better: str
    target: float
    ratio: float
    measured: str
    pairs: int

    @property
    def holds(self) -> bool:
        return self.ratio <= self.target if self.better == "at most" else self.ratio >= self.target

    def as_json(self) -> str:
        return json.dumps(asdict(self))


class Seconds(float):
    """What an action returns that measures its own time: any other float, such as a loss, is a result."""


def seconds(action) -> float:
    """How long one call takes, or what it returns where that is `Seconds`."""
    started = time.perf_counter()
    told = action()
    return told if isinstance(told, Seconds) else time.perf_counter() - started


def compare(ours, theirs, pairs: int = PAIRS, warm_up: int = 2) -> tuple[float, float, float, int]:
    """Times two actions in alternating pairs, every other pair in reverse order.

    Returns:
        The median ratio of ours to theirs, the median seconds of each, and how
        many pairs that are.
    """
    pairs = min(pairs, most_pairs or pairs)
    for _ in range(warm_up):
        ours()
        theirs()
    times = []
    for number in range(pairs):
        if number % 2:
            second = seconds(theirs)
            times.append((seconds(ours), second))
        else:
            first = seconds(ours)
            times.append((first, seconds(theirs)))
    return statistics.median(a / b for a, b in times), *(statistics.median(side) for side in zip(*times)), pairs


def at_most(what, against, target, ours, theirs, pairs: int = PAIRS, warm_up: int = 2) -> Row:
    """A row whose ratio is our time to theirs."""
    ratio, our_time, their_time, pairs = compare(ours, theirs, pairs, warm_up)
    return Row(what, against, "at most", target, ratio, f"{1000 * our_time:.0f} ms, {1000 * their_time:.0f} ms", pairs)


def at_least(what, against, target, ours, theirs, units, pairs: int = PAIRS, warm_up: int = 2) -> Row:
    """A row whose ratio is our speed to theirs.

    Args:
        units: how many photos ours, and how many theirs, handles in a call.
    """
    ratio, their_time, our_time, pairs = compare(theirs, ours, pairs, warm_up)
    speeds = f"{units[0] / our_time:.1f} photos/s, {units[1] / their_time:.1f} photos/s"
    return Row(what, against, "at least", target, ratio * units[0] / units[1], speeds, pairs)
