"""What an app costs that nobody uses."""

import os
import tempfile
import time
from pathlib import Path

from load import app
from timing import Row

SECONDS = 20


def rows():
    with tempfile.TemporaryDirectory() as folder, app(folder):
        time.sleep(5)  # what the start leaves to do
        before = _processor_seconds()
        time.sleep(SECONDS)
        used = _processor_seconds() - before
    yield Row(
        "processor time of an app that nobody uses",
        "one core",
        "at most",
        0.005,
        used / SECONDS,
        f"{1000 * used:.0f} ms in {SECONDS} s",
        1,
    )


def _processor_seconds():
    fields = Path(f"/proc/{app.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
