"""A photo of the contest opens in Compare, in a real browser."""

import io
import json

import numpy as np
from PIL import Image

from compare_page import wait_for_results
from repository import ROOT


def test_a_photo_of_the_report_opens_as_it_was_measured_under_an_address_of_its_own(browser, app_url):
    gallery = json.loads((ROOT / "weights/report/gallery/photos.json").read_text())
    photos = sorted(gallery["photos"], key=lambda photo: -abs(photo["mean_iou"]["fcn8"] - photo["mean_iou"]["unet"]))
    photo = photos[2]
    name = photo["name"]
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{app_url}/?tab=contest")
    page.wait_for_selector("#most-different img >> nth=9", state="attached")
    strip = page.locator("#most-different .thumbnail-item").nth(2)
    assert strip.locator("img").get_attribute("alt").startswith(f"{name.replace('_', ' ')}: ")
    strip.click()
    wait_for_results(page)
    assert page.get_by_role("tab", name="Compare").get_attribute("aria-selected") == "true"
    content = page.request.get(page.get_attribute("#photo img", "src")).body()
    saved = Image.open(ROOT / f"weights/report/gallery/{name}.photo.jpg")
    assert (np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) == np.asarray(saved)).all()
    page.wait_for_function("document.querySelector('#link input')?.value.startsWith('http')")
    assert page.input_value("#link input").endswith(f"?example=tested-{name}")
    page.close()
