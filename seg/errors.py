"""What a person is told when something cannot be done."""

import errno
import os
from contextlib import contextmanager


class UserError(Exception):
    """A problem that its user can solve.

    Its text is one sentence that says what is wrong and what to do. Command
    lines print it and exit with status 2; the page shows it.
    """


def unreadable(shown: str, error: OSError) -> UserError:
    """What to say of a file that is there but cannot be read.

    Args:
        shown: the file as people are to see it.
    """
    return UserError(
        f"{shown} cannot be read ({error.strerror or type(error).__name__}); make it readable, then try again."
    )


@contextmanager
def reading(path):
    """Turns a failed read of a file or folder into one sentence.

    Raises:
        UserError: it is missing, or is there but cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise unreadable(os.fspath(path), error) from error


def check_listable(folder) -> None:
    """Makes sure that what is in a folder may be seen: else a pattern finds nothing there, and all seems missing.

    Raises:
        UserError: the folder is there, but may not be read.
    """
    if os.path.isdir(folder):
        with reading(folder):
            os.scandir(folder).close()


@contextmanager
def writing(path):
    """Turns a failed write below ``path`` into one sentence.

    Raises:
        UserError: the disk is full, or the place is not writable.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"The disk is full: {os.fspath(path)} could not be written; "
                "free some space and run the same command again."
            ) from error
        raise UserError(
            f"{os.fspath(path)} could not be written ({error.strerror or error}); "
            "choose another folder or make it writable."
        ) from error
