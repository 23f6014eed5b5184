"""The component through which a photo comes in."""

import base64
import binascii
import html

import gradio as gr

from seg.errors import UserError
from seg.images.photos import Photo, open_photo


class PhotoInput(gr.Image):
    """An image input that opens files with `seg.images.photos`.

    `gr.Image` would open them with Pillow's defaults before any handler runs,
    and show just "Error" for what Pillow refuses.
    """

    # Lets the browser use Gradio's image component.
    is_template = True

    def preprocess(self, payload) -> Photo | UserError | None:
        """The uploaded photo, or what is wrong with it, for the handler to say."""
        if payload is None:
            return None
        try:
            return open_photo(payload.path)
        except UserError as error:
            return error


def shown(error: UserError) -> gr.Error:
    """The error as the page shows it: no HTML of a stranger, no traceback in the log."""
    return gr.Error(
        html.escape(str(error), quote=False), duration=None, title="That did not work", print_exception=False
    )


def decode_data_url(url: str) -> bytes:
    """What a data URL holds.

    Raises:
        UserError: it is not base64.
    """
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise UserError("The photo's data URL is not valid base64; send the file itself.") from error
