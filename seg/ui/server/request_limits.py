"""What a stranger's request may do: the routes, sizes and files that are open to it.

Gradio serves more than this page needs. Closed here: every route that is not
listed, bodies without end, and files that were not uploaded. What breaks inside is told in one
sentence, to the visitor and in the log, with no path and no traceback.
"""

import logging
import re
import traceback
from pathlib import Path
from urllib.parse import unquote

from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path, get_route_path
from starlette.websockets import WebSocketClose

from seg.errors import UserError
from seg.ui.photo_input import decode_data_url
from seg.ui.server.turns import BUSY, RESTARTS, STOPPING

MAX_REQUEST_MB = 16
"""Largest body of a request, other than an upload."""

MAX_UPLOAD_MB = 256
"""Largest body of an upload, which may hold several files."""

MAX_FIELDS_KB = 64
"""Largest content of an upload beside its files; the page sends none."""

_LONGEST_TEXT = 10_000

_NOTHING_TO_WAIT_FOR = Response('data: {"msg": "done"}\n\n', media_type="text/event-stream")
"""As Gradio tells of an upload that is there."""

_API = "/gradio_api"
_UPLOAD = f"{_API}/upload"
_PROGRESS = f"{_API}/upload_progress"
_ADDRESS = f"{_API}/file="
_FILE = f"{_ADDRESS}{{path_or_url:path}}"

HEALTH = "/healthz"
"""Answers 200 while both networks are loaded and the app does not end, else 503."""

OPEN = {
    "/": "GET HEAD",
    HEALTH: "GET HEAD",
    "/config": "GET",
    "/theme.css": "GET",
    "/favicon.ico": "GET",
    "/robots.txt": "GET",
    "/manifest.json": "GET",
    "/pwa_icon": "GET",
    "/pwa_icon/{size}": "GET",
    "/static/{path:path}": "GET",
    "/assets/{path:path}": "GET",
    "/svelte/{path:path}": "GET",
    _FILE: "GET HEAD",
    _UPLOAD: "POST",
    _PROGRESS: "GET",
    f"{_API}/app_id": "GET",
    f"{_API}/theme.css": "GET",
    f"{_API}/startup-events": "GET",
    f"{_API}/heartbeat/{{session_hash}}": "GET",
    f"{_API}/queue/join": "POST",
    f"{_API}/queue/data": "GET",
    f"{_API}/cancel": "POST",
    f"{_API}/reset": "POST",
    # For programs.
    f"{_API}/info": "GET",
    f"{_API}/openapi.json": "GET",
    f"{_API}/run/{{api_name}}": "POST",
    f"{_API}/api/{{api_name}}": "POST",
    f"{_API}/call/{{api_name}}": "POST",
    f"{_API}/call/{{api_name}}/{{event_id}}": "GET",
    f"{_API}/call/v2/{{api_name}}": "POST",
    f"{_API}/call/v2/{{api_name}}/{{event_id}}": "GET",
    # For language models.
    f"{_API}/mcp": "GET POST DELETE",
    f"{_API}/mcp/schema": "GET HEAD",
}
"""The routes that the page, programs and language models need, and their methods. All others are closed, whatever
Gradio serves there: among them are some that fetch an address, start a program, have code written or keep a visitor's
inputs for others."""

# What starts something, which an app that ends does not let in.
_STARTS = [path for path, methods in OPEN.items() if "POST" in methods and not path.endswith(("/cancel", "/reset"))]

_QUEUED = [path for path in _STARTS if "/queue/" in path or "/call/" in path]

_PATTERNS = [(template, compile_path(template)[0]) for template in OPEN]


def open_route(scope) -> str | None:
    """Which route of `OPEN` a request is for, or None.

    Told from the path that is left when the prefix is off, under which the app is served: it is what the router goes
    by too, however the request came.

    Args:
        scope: of ASGI, for HTTP.
    """
    path = get_route_path(scope)
    for template, pattern in _PATTERNS:
        if scope["method"] in OPEN[template].split():
            # Whether one ends in a slash is for the router to decide, which leads from one to the other.
            match = pattern.match(path) or pattern.match(path.removesuffix("/") or "/")
            if match:
                fetches = template == _FILE and re.match(r"\W*https?:", match["path_or_url"], re.IGNORECASE)
                return None if fetches else template
    return None


class RequestLimits:
    """ASGI middleware; see the module."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await WebSocketClose()(scope, receive, send)
        route = open_route(scope)
        limit = (MAX_UPLOAD_MB if route == _UPLOAD else MAX_REQUEST_MB) << 20
        too_large = f"This is more than the {limit >> 20} MB that a request may hold; send less at once."
        length = dict(scope["headers"]).get(b"content-length", b"0")
        answer = _own_answer(scope, route)
        if answer is None and (not length.isdigit() or int(length) > limit):
            answer = _refusal(413, too_large)
        if answer is not None:
            return await answer(scope, receive, send)
        received, started = 0, False

        async def receive_limited():
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, too_large)
            return message

        async def send_noted(message):
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive_limited, send_noted)
        except ClientDisconnect:
            pass  # whoever asked has gone
        except Exception as error:
            tell(error, scope["method"])
            if not started:
                answer = _refusal(500, "The server cannot answer this; ask as the page's API documentation says.")
                await answer(scope, receive, send)


def _own_answer(scope, route):
    """What is answered in place of the app, else None."""
    if route is None:
        return _refusal(404, "This page does not offer that.")
    page = scope["app"].get_blocks()
    if route == HEALTH:
        ready = page.is_ready() and not STOPPING.is_set()
        return JSONResponse({"ready": ready}, 200 if ready else 503, {"Cache-Control": "no-store"})
    page.wake()
    if route == _PROGRESS and not QueryParams(scope["query_string"]).get("upload_id"):
        # The camera's pictures go up without a number, and Gradio's page asks for their progress all the same.
        return _NOTHING_TO_WAIT_FOR
    if STOPPING.is_set() and route in _STARTS:
        return _refusal(503, RESTARTS)
    if route in _QUEUED and page.is_full():
        return _refusal(503, BUSY)
    return None


def _refusal(status, sentence):
    return JSONResponse({"detail": sentence}, status)


def uploaded_only(value):
    """The inputs, every file among them checked: Gradio checks those alone that carry its mark.

    Gradio keeps what comes in as long as its session: a data URL becomes an upload first.

    Raises:
        UserError: a link, a file that was not uploaded here, or text longer than the page ever sends.
    """
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        raise UserError("This text is longer than anything that the page sends; send what its API documentation says.")
    if isinstance(value, list):
        return [uploaded_only(item) for item in value]
    if not isinstance(value, dict):
        return value
    path, url = (text if isinstance(text := value.get(key), str) else "" for key in ("path", "url"))
    mark = {"meta": {"_type": "gradio.FileData"}}
    if not path and url.startswith("data:"):
        return {"path": save_bytes_to_cache(decode_data_url(url), "photo.data", get_upload_folder())} | mark
    if path or url:
        return value | {"path": _uploaded(path or url)} | mark
    return {key: uploaded_only(item) for key, item in value.items()}


def _uploaded(path):
    """The path of an upload, given as such or as its address on this server."""
    if re.match("https?:", path, re.IGNORECASE):
        _, here, path = path.partition(_ADDRESS)
        if not here:
            raise UserError(
                "Links are not opened here; save the photo and upload the file itself, or send it as a data: URL."
            )
        path = unquote(path)
    folder = Path(get_upload_folder()).resolve()
    try:
        inside = Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):  # such as a name with a null character
        inside = False
    if not inside:
        raise UserError("This file was not uploaded here; upload it first.")
    return path


def silence_mcp() -> None:
    """Keeps what the MCP server writes of bad requests out of the log: tracebacks, paths and the requests themselves.

    Whoever sent them is told what is wrong.
    """
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
    # Some of its modules write to the root logger.
    logging.getLogger().addFilter(_is_not_from_mcp)


def _is_not_from_mcp(record):
    return "mcp" not in Path(record.pathname).parts


def tell(error, where):
    """One line for the log: what broke and in which line of which module, without paths or data."""
    frames = list(traceback.walk_tb(error.__traceback__))
    place = f"{frames[-1][0].f_globals.get('__name__')}:{frames[-1][1]}" if frames else "?"
    print(f"Refused {where}: {type(error).__name__} in {place}", flush=True)
