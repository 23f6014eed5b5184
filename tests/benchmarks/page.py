"""How long a visitor waits from a photo's choice until both networks' pictures stand in the browser, its upload included."""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from load import app
from pictures import ROOT, save_photo
from timing import Seconds, at_most

SIZES = (("500 x 375 pixels", 3.0, 500, 375), ("12 megapixels", 4.0, 4000, 3000))
"""What it is called, the target, width and height of the photos, pixels."""

_WATCH = """() => {
    window.chosen = null;
    document.querySelector("#photo input[type=file]").addEventListener("change", () => window.chosen = performance.now(), {capture: true, once: true});
}"""
_SHOWN = """() => {
    const pictures = [...document.querySelectorAll("#views .views:not(.example, .pending) figure img")];
    return window.chosen !== null && pictures.length > 0 && pictures.every(picture => picture.complete && picture.naturalWidth)
        && performance.now() - window.chosen;
}"""


def rows():
    from handler import handler
    from playwright.sync_api import sync_playwright

    from seg.ui.server.serving import Service

    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, app(folder) as url, sync_playwright() as playwright:
        os.environ["GRADIO_TEMP_DIR"] = folder
        compare = handler(Service(ROOT / "weights"))
        beside = ThreadPoolExecutor(1)  # Playwright has an event loop in this thread
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        for what, target, width, height in SIZES:
            photos = [save_photo(Path(folder) / f"{width}-{number}.jpg", width, height, number) for number in range(8)]
            visit = _visits(page, photos)
            yield at_most(
                f"JPEG of {what}, from its choice to both networks' pictures in the browser",
                "/compare, the same photo",
                target,
                visit,
                lambda photo=photos[0]: beside.submit(compare, photo).result(),
            )
        browser.close()


def _visits(page, photos):
    """A function that chooses the next photo and returns the seconds until all of it is shown; the page is empty before."""
    numbers = iter(range(10**6))

    def visit():
        remove = page.locator("#photo button[aria-label='Remove Image']")
        if remove.count():
            remove.click()
        page.wait_for_selector("#views .views.example")
        page.wait_for_timeout(500)  # what follows it
        page.wait_for_selector("#photo input[type=file]", state="attached")
        page.evaluate(_WATCH)
        page.set_input_files("#photo input[type=file]", photos[next(numbers) % len(photos)])
        return Seconds(page.wait_for_function(_SHOWN, polling="raf").json_value() / 1000)

    return visit
