"""What Gradio's documentation of the API says of photos, so that whoever does what it says is not refused.

It would show a photo of another server as an example, which is not opened here,
and ask language models for an address where they have the photo itself.
"""

import base64
import binascii
import functools

from gradio.processing_utils import save_file_to_cache
from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from seg.ui.example_photos import EXAMPLES
from seg.ui.photo_input import PhotoInput

HOW_TO_SEND = (
    "The photo: with gradio_client handle_file('photo.jpg') of a file of yours, otherwise a data: URL in base64 as url,"
    " or what /gradio_api/upload answered as path. Links to other servers are not opened."
)

_API = "/gradio_api"
_ROOT = "http://address-of-this-app.invalid"
"""Stands for the app's own address, which only a request tells."""


def described(info: dict, path: str, url: str, **more) -> dict:
    """Gradio's JSON schema of a file, with other descriptions of its path and address, and ``more`` of its own."""
    properties = info["properties"] | {
        name: info["properties"][name] | {"description": text} for name, text in (("path", path), ("url", url))
    }
    return info | {"properties": properties} | more


class UnopenedPhoto(PhotoInput):
    """A photo whose documentation names what is accepted, with an example photo of this app.

    It is opened when the handler's turn has come: many open ones could fill the memory.
    """

    def preprocess(self, payload):
        return functools.partial(super().preprocess, payload)

    def get_block_name(self):
        return "image"  # which the browser knows

    def get_block_class(self):
        return "image"  # as which clients list it

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
        address = f"{_ROOT}{_API}/file={path}"
        return {
            "path": address,
            "url": address,
            "orig_name": EXAMPLES[0].name,
            "meta": {"_type": "gradio.FileData"},
        }

    def example_value(self):
        return self.example_payload()["url"]


class OwnAddress:
    """ASGI middleware: in the API's documentation, the app's own address as the one who asks knows it."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "").rstrip("/")
        documents = ("/info", "/openapi.json", "/mcp/schema")
        if scope["type"] != "http" or not path.endswith(documents) or _API not in path:
            return await self.app(scope, receive, send)
        start, content, app, asked = None, b"", scope["app"], Request(dict(scope))

        async def send_whole(message):
            nonlocal start, content
            if message["type"] == "http.response.start":
                start = message
                return
            content += message.get("body", b"")
            if message.get("more_body"):
                return
            if "json" in Headers(raw=start["headers"]).get("content-type", ""):
                root = get_root_url(asked, path[path.index(_API) :], app.root_path)
                content = content.replace(_ROOT.encode(), root.encode())
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(content))
            await send(start)
            await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, send_whole)


def as_address(text: str) -> str:
    """The address of a photo that a language model sent as text; base64 becomes a data URL.

    Raises:
        ValueError: it is neither.
    """
    if text.startswith(("data:", "http://", "https://")):
        return text
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        text = ""
    if len(text) < 64:  # such as a path made of letters alone
        raise ValueError(
            "This is no photo that can be read here: send its content as a data: URL, data:image/jpeg;base64,... A path"
            " or link on your side is not opened."
        )
    return f"data:image/jpeg;base64,{text}"
