"""What the tab Compare does in the browser alone, where no component does it."""

import json
from pathlib import Path

from seg.networks import TITLES, chosen_pair

_FOLDER = Path(__file__).parent / "compare"

TO_RESULTS = (_FOLDER / "to_results.js").read_text(encoding="utf-8")
"""On a narrow screen, brings the results into view."""

PENDING = (
    (_FOLDER / "pending.js")
    .read_text(encoding="utf-8")
    .replace("NETWORK_TITLES", json.dumps([TITLES[name] for name in chosen_pair()]))
)
"""From the photo and what is on the stage to what is there while the networks work."""

PART = (_FOLDER / "part_drawn.js").read_text(encoding="utf-8")
"""From the key of what is on the page to that and the rectangle drawn on it."""

SWITCHED_OFF = (_FOLDER / "switched_off.js").read_text(encoding="utf-8")
"""From the key of what is on the page to that and the skip connections that are switched off."""

SILENCED = (_FOLDER / "silenced.js").read_text(encoding="utf-8")
"""Puts what networks see without skip connections on the stage."""

BEGIN = (_FOLDER / "begin.js").read_text(encoding="utf-8")
"""Once the page is there: names, keys and the clipboard, where Gradio's components have none."""
