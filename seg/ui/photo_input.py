"""The component through which a photo comes in."""

import base64
import binascii
import html
from pathlib import Path

import gradio as gr

from seg.errors import UserError
from seg.photos import Photo, convert_for_browser, open_photo


class PhotoInput(gr.Image):
    """An image input that opens files with `seg.photos`.

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


def replacement(photo: Photo | UserError | None):
    """What to show in place of a photo that browsers cannot show.

    Returns:
        Path of a JPEG, or `gradio.skip` where there is no need of one.
    """
    if not isinstance(photo, Photo) or photo.shown_by_browsers or not isinstance(photo.source, str):
        return gr.skip()
    jpeg = Path(photo.source).with_suffix(".shown.jpg")  # not the source, whatever its name
    try:
        convert_for_browser(photo.source, jpeg)
    except UserError:  # as for what JPEG cannot hold; the comparison does without
        return gr.skip()
    return str(jpeg)


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
