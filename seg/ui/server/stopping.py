"""How the app ends: nobody new is let in, what runs is finished, and who waits is told."""

import asyncio
import contextlib
import threading
import time

import gradio as gr
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload

from seg.errors import UserError
from seg.ui.photo_input import shown
from seg.ui.server.uploads import sweeping

FINISH_SECONDS = 20
"""How long what runs may go on."""

STOPPING = threading.Event()
"""Set as soon as the app is to end."""

RESTARTS = "This app is being restarted; please try again in a minute."
"""What whoever waits or comes then is told."""

# In which whoever got the last results fetches their files.
_FETCH_SECONDS = 1
_CLOSE_SECONDS = 2


@contextlib.asynccontextmanager
async def lifespan(app):
    """Of the server: deletes what is old, and remembers the server's event loop for `finish`."""
    app.state.loop = asyncio.get_running_loop()
    async with sweeping(app):
        yield


def finish(page: gr.Blocks) -> None:
    """Ends a page that `seg.ui.page.launch` serves, some `FINISH_SECONDS` from now at the latest."""
    STOPPING.set()
    try:
        print(f"Stopping: what runs is finished, for {FINISH_SECONDS} seconds at most.", flush=True)
        loop = page.app.state.loop
        asyncio.run_coroutine_threadsafe(_tell_the_waiting(page), loop).result(_CLOSE_SECONDS)
        deadline = time.monotonic() + FINISH_SECONDS
        while _running(page) and time.monotonic() < deadline:
            time.sleep(0.05)
        asyncio.run_coroutine_threadsafe(_tell_the_running(page), loop).result(_CLOSE_SECONDS)
        time.sleep(_FETCH_SECONDS)
        page.server.config.timeout_graceful_shutdown = _CLOSE_SECONDS
        page.close(verbose=False)
    finally:
        STOPPING.clear()


def _running(page):
    from seg.ui.server.turns import Turns

    return any(page._queue.active_jobs) or Turns.at_work()


async def _tell_the_waiting(page):
    from seg.ui.server.turns import Turns

    queue = page._queue
    async with queue.delete_lock:
        for waiting in queue.event_queue_per_concurrency_id.values():
            events, waiting.queue[:] = list(waiting.queue), []
            for event in events:
                _tell(queue, event)
    Turns.break_off()


async def _tell_the_running(page):
    for event in [event for job in page._queue.active_jobs for event in job or ()]:
        _tell(page._queue, event)


def _tell(queue, event):
    said = error_payload(shown(UserError(RESTARTS)), True)
    queue.send_message(event, ProcessCompletedMessage(output=said, success=False))
