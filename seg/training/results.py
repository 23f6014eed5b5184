"""The results of experiments, as the commands that run them leave them."""

import json
from pathlib import Path

from seg.errors import UserError, unreadable


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
