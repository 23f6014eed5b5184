"""The tab Compare as tests of it use it."""

import io

import numpy as np
from PIL import Image

NETWORKS = ("fcn8", "unet")
CLASSES = ("pet", "background", "outline")

RESULTS = "#views .views:not(.example, .pending)"
"""Selects what is shown of a chosen photo, not of the example before nor while the networks work."""


def open_page(page, url):
    """Opens the page, and waits until its own scripts have begun."""
    page.goto(url)
    page.wait_for_selector("#examples .hard", state="attached")


def upload(page, path):
    page.set_input_files("#photo input[type=file]", path)


def wait_for_results(page, networks=NETWORKS):
    for network in networks:
        page.wait_for_selector(f"{RESULTS} #view-{network} .over img.photo", state="attached")
    page.wait_for_selector("#shares table")
    page.wait_for_selector("#photo progress", state="detached")  # its bar lies over what is at the screen's upper edge


def remove_photo(page):
    """Takes the photo away and waits for the first screen, with its example."""
    page.click("#photo button[aria-label='Remove Image']")
    page.wait_for_selector("#views .views.example")


def choose(page, name):
    page.check(f"#view input[value={name}]")


def settled(page):
    """Waits until nothing fades or moves any more; what turns for ever, such as a sign of work, may go on."""
    page.evaluate(
        """async () => {
            const frame = () => new Promise(requestAnimationFrame);
            for (await frame(), await frame(); ; await frame()) {
                const moving = document.getAnimations().filter(
                    (animation) => animation.playState === "running" && isFinite(animation.effect.getComputedTiming().endTime)
                );
                if (!moving.length) return;
                await Promise.allSettled(moving.map((animation) => animation.finished));
            }
        }"""
    )


def pictures(page, selector):
    """What the images show that match the selector, all at one moment."""
    contents = page.eval_on_selector_all(
        selector,
        """images => Promise.all(images.map(async image => {
            const content = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
            return Array.from(content, byte => String.fromCharCode(byte)).join("");
        }))""",
    )
    return [Image.open(io.BytesIO(content.encode("latin-1"))) for content in contents]


def shown_classes(page, name):
    """Class ids of the layers that a figure shows; every pixel must be in exactly one."""
    layers = [np.asarray(layer.convert("RGBA"))[..., 3] > 0 for layer in pictures(page, f"#view-{name} .over .layer")]
    assert (np.sum(layers, axis=0) == 1).all()
    return np.argmax(layers, axis=0)
