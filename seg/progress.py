"""How progress is shown: a moving bar on a terminal, a line now and then in a log."""

import sys
import time

from tqdm import tqdm


def verbosity() -> int:
    """Of Keras: 1, a moving bar, on a terminal; 2, a line at the end of each pass, in a log."""
    return 1 if sys.stdout.isatty() else 2


class Progress(tqdm):
    """Tells how far something is: as a bar on a terminal, else by a line a tenth of the way.

    Args:
        what: is being done, such as "Decoding train photos".
        total: how many there are to do.
        unit: what is counted.
        done: how many of them are done already.
    """

    monitor_interval = 0  # seconds; no thread watches over it

    def __init__(self, what: str, total: int, unit: str, done: int = 0):
        on_terminal = sys.stdout.isatty()
        super().__init__(desc=what, total=total, unit=f" {unit}", initial=done, disable=not on_terminal)
        self.what, self.counted, self.started = what, unit, time.monotonic()

    def update(self, n: int = 1) -> None:
        """Counts ``n`` more as done."""
        if not self.disable:
            super().update(n)
            return
        tenth = 10 * self.n // self.total
        self.n += n
        if 10 * self.n // self.total > tenth:
            share, took = 100 * self.n // self.total, duration(time.monotonic() - self.started)
            print(f"{self.what}: {self.n:,} of {self.total:,} {self.counted}, {share} % in {took}.", flush=True)


def duration(seconds: float) -> str:
    """A time such as ``0:07`` or ``12:30``, minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
