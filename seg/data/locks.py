"""One process at a time: what a file's second user is told."""

import os
import socket
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from seg.errors import UserError, writing


@contextmanager
def locked(path, doing: str, wait: bool = False):
    """Holds ``path`` while the block runs; ``path.lock`` beside it says who does.

    The operating system lets go of a lock when its process ends, however it
    ends; the empty file stays, so that all who wait, wait for the same one.

    Args:
        path: file or folder that only one process may write at a time.
        doing: what the holder does with it, such as "trains U-Net".
        wait: for the holder to finish, having said who that is; else refuse.

    Raises:
        UserError: another process holds it, or the place is not writable.
    """
    path = Path(path)
    file = path.with_name(path.name + ".lock")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if not wait:
                raise UserError(
                    f"{path} is in use: {_holder(file)}. Wait until that has ended, or choose another --work-dir."
                ) from None
            print(f"Waiting for {path}: {_holder(file)}.", flush=True)
            lock.acquire()
    try:
        with suppress(OSError):  # Windows lets nobody write to a file that is locked
            file.write_text(
                f"process {os.getpid()} on {socket.gethostname()} {doing} since {time.strftime('%Y-%m-%d %H:%M:%S')}"
            )
        yield
    finally:
        with suppress(OSError):
            file.write_text("")
        lock.release()


def _holder(file):
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="utf-8") or "another process holds it"
    return "another process holds it"
