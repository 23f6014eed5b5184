"""The page in Firefox and in WebKitGTK, the nearest to Safari: a photo, every view and a download."""

import time
import zipfile

import pytest

from other_browsers import firefox, webkit
from repository import EXAMPLES, PATIENCE

VIEWS = {
    "side": "#view-unet .flat .mask",
    "overlay": "#view-unet .over .layer",
    "mask": "#view-unet .flat .mask",
    "sure": "#view-unet img.sure",
    "errors": "#view-unet img.wrong",
    "differences": ".differences .stack .photo",
    "slider": ".slider .handle",
    "skips": ".skips .of-unet .whole .layer",
}
"""What shows in each view alone, or first."""


@pytest.mark.browsers
@pytest.mark.parametrize("start", [firefox, webkit], ids=["firefox", "webkit"])
def test_a_photo_every_view_and_a_download(app_url, start, tmp_path):
    with start(tmp_path) as page:
        if page is None:
            pytest.skip("not installed: apt-get install firefox-esr webkit2gtk-driver xvfb")
        page.open(app_url)
        page.wait("document.querySelector('#photo input[type=file]')")
        page.run("window.faults = []; addEventListener('error', event => faults.push(event.message));")
        page.choose_file("#photo input[type=file]", EXAMPLES / "boxer_26.jpg")
        page.wait("document.querySelector('#views .views:not(.example, .pending) #view-truth')")
        for name, selector in VIEWS.items():
            page.click(f"#view label:has(input[value={name}])")
            page.wait(f"document.querySelector('#view input[value={name}]').checked")
            page.wait(f"document.querySelector('{selector}').checkVisibility()")
            page.wait(f"(image => !image.src || image.naturalWidth > 0)(document.querySelector('{selector}'))")
            assert page.run("return document.documentElement.scrollWidth <= innerWidth")
        page.click("[data-skip='unet.1']")
        page.wait("document.querySelector('.skips .of-unet .lost .layer')")
        page.click("#view label:has(input[value=side])")
        page.click("[data-zoom='+']")
        widths = "[...document.querySelectorAll('.figures .zoomed')].map(e => e.getBoundingClientRect().width)"
        frames = "[...document.querySelectorAll('.figures .stack')].map(e => e.getBoundingClientRect().width)"
        for shown, frame in zip(page.run(f"return {widths}"), page.run(f"return {frames}")):
            assert shown == pytest.approx(1.5 * frame, rel=0.02)
        assert page.run("return location.search") == "?example=boxer_26"
        page.click("#download-zip")
        archive = tmp_path / "boxer_26-comparison.zip"
        deadline = time.monotonic() + PATIENCE
        while not (archive.is_file() and zipfile.is_zipfile(archive)):
            assert time.monotonic() < deadline, "no download"
            time.sleep(0.1)
        assert "boxer_26-numbers.json" in zipfile.ZipFile(archive).namelist()
        assert page.run("return faults") == []
