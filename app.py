"""Shows what FCN-8 and U-Net see in the same pet photo.

    python app.py                           runs the trained weights in weights/
    WEIGHTS_REPO=USER/REPO python app.py    runs those of a Hugging Face Hub repository

WEIGHTS_REVISION chooses the branch, tag or commit, by default main. Gradio's own
variables, such as GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, are honoured.
COMPARISONS_AT_ONCE (1) and MAX_WAITING (100) say how many comparisons run and wait.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path

# TensorFlow's log of its own start is of no use to who runs the app.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# NumPy's matrix products here are small; on more threads they wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Every Gradio app of a machine would put its uploads into one folder, and serve all that is in it.
UPLOADS = tempfile.TemporaryDirectory(prefix="pets-", ignore_cleanup_errors=True)  # deleted at the end
os.environ.setdefault("GRADIO_TEMP_DIR", UPLOADS.name)

from seg.errors import UserError

WEIGHTS = Path(__file__).parent / "weights"


def main() -> int:
    """Runs the app; returns its exit status."""
    # How hosts stop an app: it must end by itself, or visitors' photos would stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        serve()
    except UserError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    return 0


def serve() -> None:
    # The settings first: wrong ones need not wait for TensorFlow.
    from seg.settings import whole_number

    whole_number("GRADIO_SERVER_PORT", 7860)
    import seg.ui.turns  # noqa: F401
    from seg.memory import give_back_large_blocks
    from seg.serving import Service
    from seg.ui.page import build_page, launch

    give_back_large_blocks()
    service = Service(WEIGHTS)
    for problem in service.networks.problems.values():
        print(problem, flush=True)
    if repo := os.environ.get("WEIGHTS_REPO"):
        service.fetch_from_hub(repo, os.environ.get("WEIGHTS_REVISION") or "main")
    launch(build_page(service))


if __name__ == "__main__":
    sys.exit(main())
