"""What Gradio's documentation of the API says of photos, so that whoever does what it says is not refused.

It would show a photo of another server as an example, which is not opened here,
and ask language models for an address where they have the photo itself.
"""

import functools
import re

from gradio.processing_utils import save_file_to_cache
from gradio.route_utils import API_PREFIX, get_root_url
from gradio_client import handle_file
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import Response

from seg.ui.example_photos import EXAMPLES
from seg.ui.photo_input import PhotoInput

HOW_TO_SEND = (
    "The photo: with gradio_client handle_file('photo.jpg') of a file of yours, otherwise a data: URL in base64 as url,"
    " or what /gradio_api/upload answered as path. Links to other servers are not opened."
)

_ROOT = "http://address-of-this-app.invalid"
"""Stands for the app's own address, which only a request tells."""


def described(info: dict, path: str, url: str, **more) -> dict:
    """Gradio's JSON schema of a file, with other descriptions of its path and address, and ``more`` of its own."""
    properties = info["properties"]
    path, url = properties["path"] | {"description": path}, properties["url"] | {"description": url}
    return info | {"properties": properties | {"path": path, "url": url}} | more


class UnopenedPhoto(PhotoInput):
    """A photo whose documentation names what is accepted, with an example photo of this app.

    It is opened when the handler's turn has come: many open ones could fill the memory.
    """

    def preprocess(self, payload):
        return functools.partial(super().preprocess, payload)

    def get_block_name(self):
        return "image"  # which the browser knows

    get_block_class = get_block_name  # as which clients list it

    def api_info(self):
        return described(
            super().api_info(),
            path="path on this server, as the upload of a file answered it",
            url="data: URL in base64, or the address of a file uploaded to this server; no other is opened",
            additional_description=HOW_TO_SEND,
        )

    def example_payload(self):
        path = save_file_to_cache(EXAMPLES[0], self.GRADIO_CACHE)
        self.keep_in_cache.add(path)
        return handle_file(f"{_ROOT}{API_PREFIX}/file={path}")

    def example_value(self):
        return self.example_payload()["url"]


class OwnAddress:
    """ASGI middleware: in the API's documentation, the app's own address as the one who asks knows it."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        documents = ("/info", "/openapi.json", "/mcp/schema")
        if scope["type"] == "http" and API_PREFIX in scope["path"] and scope["path"].rstrip("/").endswith(documents):
            # For these alone: it would hold up the streams that the page listens to.
            await BaseHTTPMiddleware(self.app, _with_own_address)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _with_own_address(request, call_next):
    path = request.scope["path"]
    root = get_root_url(request, path[path.index(API_PREFIX) :], request.app.root_path)
    answer = await call_next(request)
    if "json" not in answer.headers.get("content-type", ""):
        return answer
    content = b"".join([part async for part in answer.body_iterator])
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(content.replace(_ROOT.encode(), root.encode()), answer.status_code, headers)


def as_address(text: str) -> str:
    """The address of a photo that a language model sent as text; base64 becomes a data URL.

    Raises:
        ValueError: it is neither.
    """
    if text.startswith(("data:", "http://", "https://")):
        return text
    # Shorter ones may be paths made of letters alone.
    if len(text) % 4 or not re.fullmatch("[A-Za-z0-9+/]{64,}={0,2}", text):
        raise ValueError(
            "This is no photo that can be read here: send its content as a data: URL, data:image/jpeg;base64,... A path"
            " or link on your side is not opened."
        )
    return f"data:image/jpeg;base64,{text}"
