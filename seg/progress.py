"""How progress is shown."""

import sys


def verbosity() -> int:
    """Of Keras: 1, a moving bar, on a terminal; 2, a line at the end of each pass, in a log."""
    return 1 if sys.stdout.isatty() else 2
