"""How long a visitor waits until both networks' pictures stand in the browser: from a photo's choice, and from the end of its upload.

python tests/benchmarks/page.py [--photos 15]
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from load import app
from pictures import save_photo

SIZES = ((500, 375), (4000, 3000))
"""Width and height of the photos, pixels."""

_WATCH = """() => {
    window.chosen = null;
    performance.clearResourceTimings();  // its list is finite
    document.querySelector("#photo input[type=file]").addEventListener("change", () => window.chosen = performance.now(), {capture: true, once: true});
}"""
_WAITED = """() => {
    const pictures = [...document.querySelectorAll("#views .views:not(.example, .pending) figure img")];
    if (!pictures.length || !pictures.every(picture => picture.complete && picture.naturalWidth)) return false;
    const uploaded = performance.getEntriesByType("resource").findLast(entry => entry.name.includes("/gradio_api/upload?")).responseEnd;
    return [window.chosen, uploaded].map(start => performance.now() - start);
}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=15, help="of each size (%(default)s)")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, app(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        for width, height in SIZES:
            waits = []
            for number in range(options.photos):
                photo = save_photo(Path(folder) / f"{width}-{number}.jpg", width, height, number)
                page.wait_for_selector("#photo input[type=file]", state="attached")
                page.wait_for_timeout(500)
                page.evaluate(_WATCH)
                page.set_input_files("#photo input[type=file]", photo)
                waits.append(page.wait_for_function(_WAITED, polling="raf").json_value())
                page.wait_for_timeout(500)
                page.click("#photo button[aria-label='Remove Image']")
                page.wait_for_selector("#views .example")
            for since, times in zip(("choice", "upload"), zip(*waits)):
                print(
                    f"{width} x {height}, since the {since}: first {times[0]:.0f} ms, median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms of {len(times)} photos",
                    flush=True,
                )
        browser.close()


if __name__ == "__main__":
    main()
