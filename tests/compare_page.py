"""The tab Compare as tests of it use it."""

import io

import numpy as np
from PIL import Image

NETWORKS = ("fcn8", "unet")
CLASSES = ("pet", "background", "outline")


def upload(page, path):
    page.set_input_files("#photo input[type=file]", path)


def wait_for_results(page):
    for network in NETWORKS:
        page.wait_for_selector(f"#view-{network} img.photo")
    page.wait_for_selector("#shares table")


def pictures(page, selector):
    """What the images show that match the selector, all at one moment."""
    sources = page.eval_on_selector_all(selector, "images => images.map(image => image.src)")
    return [Image.open(io.BytesIO(page.request.get(source).body())) for source in sources]


def shown_classes(page, name):
    """Class ids of the layers that a figure shows; every pixel must be in exactly one."""
    layers = [np.asarray(layer.convert("RGBA"))[..., 3] > 0 for layer in pictures(page, f"#view-{name} .layer")]
    assert (np.sum(layers, axis=0) == 1).all()
    return np.argmax(layers, axis=0)
