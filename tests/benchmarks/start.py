"""From `python app.py` to the first finished comparison, against importing its two large libraries."""

import os
import subprocess
import sys
import tempfile

from load import app
from pictures import EXAMPLES, ROOT
from timing import at_most

PAIRS = 5
"""Fewer than elsewhere: a pair takes half a minute."""


def rows():
    sys.path.insert(0, str(ROOT / "tests"))
    from crowd import Visitor

    def first_comparison():
        with tempfile.TemporaryDirectory() as folder, app(folder) as url:
            Visitor(url).compare(EXAMPLES[0])

    def imports():
        subprocess.run(
            [sys.executable, "-c", "import tensorflow; import gradio"],
            check=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            stderr=subprocess.DEVNULL,
        )

    yield at_most(
        "start of app.py to its first finished comparison",
        "import tensorflow; import gradio",
        1.3,
        first_comparison,
        imports,
        PAIRS,
        warm_up=1,
    )
