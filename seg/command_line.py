"""What the project's command lines have in common."""

import argparse
import os

from seg.errors import UserError

LEAST_LIMIT = 10
"""Of so few photos one can still be held out."""


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Adds the defaults that say something: neither None nor lists nor switches that are off."""

    def _get_help_string(self, action):
        if action.default is None or isinstance(action.default, (list, bool)):
            return action.help
        return super()._get_help_string(action)


def check_limit(parser: argparse.ArgumentParser, limit: int | None) -> None:
    """Ends the program with status 2 where ``--limit`` leaves too few photos."""
    if limit is not None and limit < LEAST_LIMIT:
        parser.error(f"--limit must be at least {LEAST_LIMIT}, so that a tenth can be held out.")


def check_folder(parser: argparse.ArgumentParser, option: str, folder: str | None) -> None:
    """Ends the program with status 2 where an option names a folder that is not there."""
    if folder is not None and not os.path.isdir(folder):
        parser.error(f"{option}: there is no folder {folder}.")


def check_backend() -> None:
    """Makes sure that Keras runs with the backend that ``KERAS_BACKEND`` names.

    Raises:
        UserError: it does not.
    """
    try:
        import keras  # noqa: F401
    except (ImportError, ValueError) as error:
        backend = os.environ.get("KERAS_BACKEND")
        if backend is None:
            raise
        raise UserError(
            f"Keras cannot run with KERAS_BACKEND={backend}: {str(error).rstrip('.')}. Install that backend, or leave KERAS_BACKEND out for TensorFlow."
        ) from error
