"""How much memory the app needs while it compares a hundred photos of 12 megapixels."""

import re
import sys
import tempfile
from pathlib import Path

from load import app
from pictures import ROOT, save_photo
from timing import Row

sys.path.insert(0, str(ROOT / "tests"))

PHOTOS = 100
MOST = 1.3e9


def rows():
    from crowd import Visitor

    with tempfile.TemporaryDirectory() as folder:
        photos = [save_photo(Path(folder) / f"{example}.jpg", 4000, 3000, example) for example in range(8)]
        with app(folder) as url:
            visitor, before = Visitor(url), memory("VmRSS")
            for number in range(PHOTOS):
                visitor.compare(photos[number % len(photos)])
            after, peak = memory("VmRSS"), memory("VmHWM")
    yield Row(
        f"memory in use after {PHOTOS} photos of 12 megapixels",
        f"{MOST / 1e9:g} GB",
        "at most",
        1.0,
        after / MOST,
        f"{before / 1e9:.2f} GB before, {after / 1e9:.2f} after, {peak / 1e9:.2f} at the peak",
        1,
    )


def memory(field: str) -> int:
    """Bytes of the app that `load.app` runs, such as ``VmRSS`` of its ``status`` in /proc."""
    status = Path(f"/proc/{app.process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) << 10
