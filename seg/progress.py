"""How progress is shown: a moving bar on a terminal, a line now and then in a log."""

import sys
import time

from tqdm import tqdm


def verbosity() -> int:
    """Of Keras: 1, a moving bar, on a terminal; 2, a line at the end of each pass, in a log."""
    return 1 if sys.stdout.isatty() else 2


class Progress:
    """Tells how far something is: as a bar on a terminal, else by a line a tenth of the way.

    Args:
        what: is being done, such as "Decoding train photos".
        total: how many there are to do.
        unit: what is counted.
        done: how many of them are done already.
    """

    def __init__(self, what: str, total: int, unit: str, done: int = 0):
        self.what, self.total, self.unit, self.done = what, total, unit, done
        self._started = time.monotonic()
        self._bar = tqdm(desc=what, total=total, unit=f" {unit}", initial=done) if sys.stdout.isatty() else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def update(self, count: int = 1) -> None:
        """Counts ``count`` more as done."""
        tenth = 10 * self.done // self.total
        self.done += count
        if self._bar is not None:
            self._bar.update(count)
        elif 10 * self.done // self.total > tenth:
            share, took = 100 * self.done // self.total, duration(time.monotonic() - self._started)
            print(f"{self.what}: {self.done:,} of {self.total:,} {self.unit}, {share} % in {took}.", flush=True)


def duration(seconds: float) -> str:
    """A time such as ``0:07`` or ``12:30``, minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
