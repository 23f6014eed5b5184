"""All that replaces Gradio's own code or reads its private state: written for Gradio 6.31.

`check` tells at the start, and in a test, what another version has moved.
"""

import asyncio
import inspect
import operator

import gradio as gr
import gradio.mcp
from gradio import route_utils
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import error_payload
from starlette.formparsers import MultiPartException

from seg.errors import UserError
from seg.ui.photo_input import shown
from seg.ui.server.api_documents import as_address
from seg.ui.server.request_limits import MAX_FIELDS_KB, tell, uploaded_only
from seg.ui.server.turns import MAX_WAITING

WRITTEN_FOR = "6.31"

_CALLED = (
    (gr.Blocks, "process_api", ("self", "block_fn")),
    (gr.Blocks, "preprocess_data", ("self", "block_fn", "inputs")),
    (route_utils.GradioMultiPartParser, "on_part_data", ("self", "data", "start", "end")),
    (gradio.mcp.GradioMCPServer, "convert_strings_to_filedata", ("self", "value", "filedata_positions")),
    (Queue, "send_message", ("self", "event", "event_message")),
    (Queue, "__len__", ("self",)),
)
"""Methods of Gradio's, and their first arguments."""

_SECONDS = {"_queue.sleep_when_free": (0.02, 0.25), "_queue.progress_update_sleep_when_free": (0.1, 0.5)}
"""By so many seconds an event may wait for the queue to notice it, or a progress bar for its next state: while
somebody is here, and while nobody is. Gradio's own queue looks a thousand times a second, used or not."""

AWAKE_SECONDS = 60
"""So long after a request somebody is here."""

_HELD = (
    *_SECONDS,
    "_queue.active_jobs",
    "_queue.delete_lock",
    "_queue.event_queue_per_concurrency_id",
    "state_holder.session_data",
    "state_holder.time_last_used",
)
"""What a page holds."""

_LONGEST_SESSION_NAME = 64


def check(page: gr.Blocks) -> None:
    """Makes sure that all is there that this module uses.

    Raises:
        RuntimeError: something has moved.
    """
    moved = [
        f"{owner.__name__}.{name}({', '.join(first)})"
        for owner, name, first in _CALLED
        if tuple(inspect.signature(getattr(owner, name, dict)).parameters)[: len(first)] != first
    ]
    for path in _HELD:
        try:
            operator.attrgetter(path)(page)
        except AttributeError:
            moved.append(f"Blocks.{path}")
    if moved:
        raise RuntimeError(
            f"Gradio {gr.__version__} has no {', no '.join(moved)}; seg/ui/server/gradio_internals.py was written for"
            f" {WRITTEN_FOR}."
        )


class GuardedBlocks(gr.Blocks):
    """`gradio.Blocks` whose events take uploaded files only and fail in a sentence.

    Attributes:
        is_ready: whether everything is there that the page needs; a function without arguments.
    """

    is_ready = staticmethod(lambda: True)
    _going_to_rest = None

    def wake(self) -> None:
        """Has the queue look for work often for a while; to be called in the server's event loop, at each request."""
        if self._going_to_rest:
            self._going_to_rest.cancel()
        self._look_every(0)
        self._going_to_rest = asyncio.get_running_loop().call_later(AWAKE_SECONDS, self.rest)

    def rest(self) -> None:
        """Has the queue look for work seldom, until somebody comes."""
        self._look_every(1)

    def _look_every(self, choice):
        for path, seconds in _SECONDS.items():
            setattr(self._queue, path.removeprefix("_queue."), seconds[choice])

    def is_full(self) -> bool:
        """Whether as many events wait as may."""
        return len(self._queue) >= MAX_WAITING

    async def process_api(self, *args, **kwargs):
        try:
            return await super().process_api(*args, **kwargs)
        except gr.Error:
            raise
        except UserError as error:
            raise shown(error) from error
        except Exception as error:
            tell(error, "event")
            raise shown(UserError("Something went wrong on the server; try again, or try another photo.")) from error
        finally:
            self._forget_odd_sessions()

    def _forget_odd_sessions(self):
        """A session's name stays in memory as long as the session: one of megabytes must not."""
        states = self.state_holder
        for name in [name for name in states.session_data if len(name) > _LONGEST_SESSION_NAME]:
            states.session_data.pop(name, None)
            states.time_last_used.pop(name, None)

    async def preprocess_data(self, block_fn, inputs, *args, **kwargs):
        left_out = block_fn.inputs[len(inputs) :]
        if all(getattr(block, "is_optional", False) for block in left_out):
            inputs = [*inputs, *[None] * len(left_out)]
        try:
            return await super().preprocess_data(block_fn, uploaded_only(inputs), *args, **kwargs)
        except gr.Error as error:
            error.print_exception = False  # Gradio's own, of a choice that is none: no fault of the server
            raise
        except UserError:
            raise
        except Exception as error:
            tell(error, "input")
            raise shown(
                UserError("This is not what the page expects; send it as its API documentation says.")
            ) from error


class _FilesOnly(route_utils.GradioMultiPartParser):
    """Gradio's reader of uploads, which would hold any field that is no file in memory."""

    _field_bytes = 0

    def on_part_data(self, data, start, end):
        if self._current_part.file is None:
            self._field_bytes += end - start
            if self._field_bytes > MAX_FIELDS_KB << 10:
                raise MultiPartException(
                    f"Fields that are no files exceeded their maximum allowed size of {MAX_FIELDS_KB} kB."
                )
        super().on_part_data(data, start, end)


class _PhotosAsText(gradio.mcp.GradioMCPServer):
    """Gradio's server for language models, which here takes base64 also without the ``data:`` before it."""

    def convert_strings_to_filedata(self, value, filedata_positions):
        for place in filedata_positions:
            name = place[0]
            if len(place) == 1 and isinstance(value.get(name), str):
                value = value | {name: as_address(value[name])}
        return super().convert_strings_to_filedata(value, filedata_positions)


route_utils.GradioMultiPartParser = _FilesOnly
gradio.mcp.GradioMCPServer = _PhotosAsText


def is_running(page: gr.Blocks) -> bool:
    """Whether an event of the queue runs."""
    return any(page._queue.active_jobs)


async def dismiss_waiting(page: gr.Blocks, told: UserError) -> None:
    """Empties the queue, and tells those who waited in it."""
    queue = page._queue
    async with queue.delete_lock:
        for waiting in queue.event_queue_per_concurrency_id.values():
            events, waiting.queue[:] = list(waiting.queue), []
            _answer(queue, events, told)


async def dismiss_running(page: gr.Blocks, told: UserError) -> None:
    """Tells those whose events run; what these bring is not told any more."""
    _answer(page._queue, [event for job in page._queue.active_jobs for event in job or ()], told)


def _answer(queue, events, told):
    for event in events:
        said = error_payload(shown(told), True)
        queue.send_message(event, ProcessCompletedMessage(output=said, success=False))
