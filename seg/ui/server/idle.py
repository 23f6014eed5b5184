"""What an app that nobody uses costs."""

import gradio as gr

# By so many seconds an event may wait for the queue to notice it, or a progress bar for its next state.
_SECONDS = {"sleep_when_free": 0.02, "progress_update_sleep_when_free": 0.1}


def rest(page: gr.Blocks) -> None:
    """Has the page's queue look for work fifty times a second; Gradio's own looks a thousand times, used or not.

    Written for Gradio 6.31, which has no setting for it.

    Raises:
        RuntimeError: Gradio's queue has changed.
    """
    for name, seconds in _SECONDS.items():
        if not hasattr(page._queue, name):
            raise RuntimeError(
                f"Gradio {gr.__version__} has no Queue.{name}; seg/ui/server/idle.py was written for 6.31."
            )
        setattr(page._queue, name, seconds)
