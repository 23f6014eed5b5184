"""How the app ends: nobody new is let in, what runs is finished, and who waits is told."""

import asyncio
import contextlib
import time

import gradio as gr

from seg.errors import UserError
from seg.ui.server import turns
from seg.ui.server.gradio_internals import dismiss_running, dismiss_waiting, is_running
from seg.ui.server.uploads import sweep_forever

FINISH_SECONDS = 20
"""How long what runs may go on."""

# In which whoever got the last results fetches their files.
_FETCH_SECONDS = 1
_CLOSE_SECONDS = 2


@contextlib.asynccontextmanager
async def lifespan(app):
    """Of the server: deletes what is old, and remembers the server's event loop for `finish`."""
    app.state.loop = asyncio.get_running_loop()
    sweeping = asyncio.create_task(sweep_forever(app))
    try:
        yield
    finally:
        sweeping.cancel()


def finish(page: gr.Blocks) -> None:
    """Ends a page that `seg.ui.page.launch` serves, some `FINISH_SECONDS` from now at the latest."""
    told = UserError(turns.RESTARTS)

    def on_the_server(coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, page.app.state.loop).result(_CLOSE_SECONDS)

    turns.STOPPING.set()
    try:
        print(f"Stopping: what runs is finished, for {FINISH_SECONDS} seconds at most.", flush=True)
        on_the_server(dismiss_waiting(page, told))
        turns.break_off()
        deadline = time.monotonic() + FINISH_SECONDS
        while (is_running(page) or turns.is_at_work()) and time.monotonic() < deadline:
            time.sleep(0.05)
        on_the_server(dismiss_running(page, told))
        time.sleep(_FETCH_SECONDS)
        page.server.config.timeout_graceful_shutdown = _CLOSE_SECONDS
        page.close(verbose=False)
    finally:
        turns.STOPPING.clear()
