"""The signals by which a host, or a terminal that closes, stops the app."""

import contextlib
import signal
import time


class Stopped(BaseException):
    """The system asks the app to end."""


def listen_for_stops() -> None:
    """From now on `Stopped` is raised in the main thread where a host stops the app or its terminal closes.

    What the app was started to ignore, as by ``nohup``, it ignores.
    """

    def stop(*_):
        raise Stopped

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # not every system has both
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def wait_for_stop() -> None:
    """Until the app is to end."""
    with contextlib.suppress(Stopped, KeyboardInterrupt):
        while True:
            time.sleep(3600)
