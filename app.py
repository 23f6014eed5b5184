"""Shows what FCN-8 and U-Net see in the same pet photo.

    python app.py

Runs on the trained weights in weights/. Gradio's environment variables, such as
GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, are honoured.
"""

import os
from pathlib import Path

# TensorFlow's log of its own start is of no use to who runs the app.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from seg.comparison import Networks
from seg.ui.page import LAUNCH, build_page

WEIGHTS = Path(__file__).parent / "weights"


def main():
    networks = Networks(WEIGHTS, "the weights that come with this app")
    for problem in networks.problems.values():
        print(problem, flush=True)
    networks.warm_up()
    build_page(lambda: networks).launch(**LAUNCH)


if __name__ == "__main__":
    main()
