"""The results of experiments, as the commands that run them leave them."""

import json
import os
from pathlib import Path

from seg.errors import UserError, unreadable, writing


def read_results(path: Path, command: str) -> dict | None:
    """What a file of results holds, or None where there is none.

    Args:
        command: what makes such a file anew, for people to read.

    Raises:
        UserError: the file is damaged, or cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(str(path), error) from error
    except ValueError as error:
        raise UserError(f"{path} is damaged; delete it and run {command}.") from error


def write_results(path: Path, text: str) -> None:
    """Replaces a file of results in one step.

    Raises:
        UserError: the disk is full, or the place not writable.
    """
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
