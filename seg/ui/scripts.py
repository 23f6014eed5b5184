"""What the page does in the browser alone, where no component does it."""

import json
import re
from pathlib import Path


def script(file: str, **words) -> str:
    """The text of a file below this folder.

    Args:
        words: that stand in it, in capitals; in their place come values, as JSON writes them.
    """
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    written = {word: json.dumps(value) for word, value in words.items()}
    return re.sub(r"\b[A-Z_]+\b", lambda found: written.get(found[0], found[0]), text)
