"""Settings of the app, from the environment."""

import os
import re

from seg.errors import UserError


def whole_number(name: str, default: int) -> int:
    """A whole number of 1 or more from the environment.

    Raises:
        UserError: it is something else.
    """
    text = os.environ.get(name) or str(default)
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise UserError(
            f"{name} is {text[:40]!r} in the environment; give a whole number of 1 or more, or leave it out."
        )
    return int(text)
