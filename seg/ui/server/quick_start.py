"""What makes the app's start short."""

import contextlib
import gc
import os
import sys


def leave_out_what_is_not_needed() -> None:
    """From now on this process finds no Matplotlib, and JAX only where networks run on it.

    TensorFlow, Keras and Gradio import them where they are installed, for work that the app never does.
    """
    for name in ("jax", "matplotlib"):
        if name != os.environ.get("KERAS_BACKEND"):
            sys.modules.setdefault(name, None)


@contextlib.contextmanager
def garbage_left():
    """No garbage is collected in the block, which imports large libraries; what they made is passed over for ever."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
