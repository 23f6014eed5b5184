"""What an app costs that nobody uses."""

import os
import tempfile
import time
from pathlib import Path

from load import app
from timing import Row

SECONDS = 20


def rows():
    from seg.ui.server.gradio_internals import AWAKE_SECONDS

    with tempfile.TemporaryDirectory() as folder, app(folder):
        time.sleep(AWAKE_SECONDS + 5)  # until it is idle, and no longer takes the start itself for a visit
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
