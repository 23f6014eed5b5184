"""The folder of one running app: nobody else's uploads are in it, and it goes with the app."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from seg.errors import UserError

_PREFIX = "pets-"
_LOCK = "running.lock"

# So old a lock must be before it counts: an app that starts makes the file first and locks it then.
_SETTLED_SECONDS = 60


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for what visitors leave, deleted at the end; those of apps that were killed are deleted at the start.

    It lies in ``GRADIO_TEMP_DIR``, else in the system's folder for temporary files. A lock in it, which the system
    takes back from a dead process, tells whether its app still runs.

    Raises:
        UserError: there is no place that can be written to.
    """
    setting = "GRADIO_TEMP_DIR" if os.environ.get("GRADIO_TEMP_DIR") else "TMPDIR"
    with contextlib.ExitStack() as stack:
        try:
            parent = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
            parent.mkdir(parents=True, exist_ok=True)
            _sweep(parent)
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
            # What a system keeps as long as it is locked, or was written meanwhile.
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(FileLock(folder / _LOCK))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        except OSError as error:
            raise UserError(
                f"No folder for visitors' photos can be made ({error.strerror or error}"
                f"{f': {error.filename}' if error.filename else ''}); set {setting} to a folder that can be written to."
            ) from error
        yield folder


def _sweep(parent):
    """Deletes the folders of apps that run no more, and were this user's."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):
            place, lock = folder.lstat(), (folder / _LOCK).lstat()
            own = not folder.is_symlink() and (not hasattr(os, "getuid") or place.st_uid == os.getuid())
            if own and lock.st_mtime < time.time() - _SETTLED_SECONDS:
                with FileLock(folder / _LOCK, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)
