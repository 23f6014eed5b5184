"""How the app learns that a host stops it, or that its terminal closes."""

import contextlib
import time


class Stopped(BaseException):
    """The system asks the app to end: SIGTERM and SIGHUP raise it."""


def wait_for_stop() -> None:
    """Until the app is to end."""
    with contextlib.suppress(Stopped, KeyboardInterrupt):
        while True:
            time.sleep(3600)
