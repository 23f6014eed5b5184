"""The whole handler of /compare, from the photo's file to the finished files."""

import asyncio
import os
import tempfile
from functools import partial
from pathlib import Path

from pictures import ROOT, save_photo, squares
from timing import at_most


def rows():
    from seg.networks import TITLES
    from seg.ui.server.serving import Service

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        service = Service(ROOT / "weights")
        segmenters = service.networks.segmenters
        photos = {name: squares(1, segmenter.image_size)[0] for name, segmenter in segmenters.items()}
        compare = handler(service)

        def forward_passes():
            for name in TITLES:
                segmenters[name].logits(photos[name])

        for what, target, width, height in (("12 megapixels", 2.5, 4000, 3000), ("500 x 375 pixels", 1.5, 500, 375)):
            photo = save_photo(Path(folder) / f"{width}.jpg", width, height)
            yield at_most(
                f"/compare, JPEG of {what} to files",
                "the two forward passes",
                target,
                partial(compare, photo),
                forward_passes,
            )


def handler(service):
    """A function that has the page's endpoint compare a photo, with all that Gradio does before and after."""
    from gradio.state_holder import SessionState

    from seg.ui.page import build_page

    page = build_page(service)
    endpoint = next(function for function in page.fns.values() if function.api_name == "compare")
    loop = asyncio.new_event_loop()

    def compare(path):
        inputs = [{"path": str(path), "meta": {"_type": "gradio.FileData"}}]
        return loop.run_until_complete(page.process_api(endpoint, inputs, state=SessionState(page)))["data"]

    return compare
