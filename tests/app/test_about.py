"""The tab that says how it works, in a real browser."""

import json

from repository import ROOT


def test_drawings_words_and_a_photo_on_its_way(browser, app_url):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(60_000)
    page.goto(f"{app_url}/?tab=about")
    page.wait_for_selector("#unet-drawing svg")
    arguments = {
        name: json.loads((ROOT / f"weights/{name}/config.json").read_text())["arguments"] for name in ("fcn8", "unet")
    }
    bottom = {"fcn8": arguments["fcn8"]["fc_filters"], "unet": 16 * arguments["unet"]["base_filters"]}
    for name, features in bottom.items():
        drawing = page.locator(f"#{name}-drawing svg[role=img]")
        assert f"{features} features" in drawing.locator("text").all_text_contents()
        assert "goes down on the left" in drawing.get_attribute("aria-label")
        size = drawing.evaluate(
            "svg => parseFloat(getComputedStyle(svg.querySelector('text')).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
        )
        assert size >= 12, "too small to read on a phone"
    for link in (
        "arxiv.org/abs/1411.4038",
        "arxiv.org/abs/1505.04597",
        "robots.ox.ac.uk/~vgg/data/pets",
        "creativecommons.org",
    ):
        assert page.locator(f"a[href*='{link}']:visible").count() > 0

    word = page.locator(".term", has_text="outline").first
    assert not word.locator("[role=tooltip]").is_visible()
    word.focus()
    assert word.locator("[role=tooltip]").is_visible()

    page.get_by_role("radio", name="Bombay").check()
    page.wait_for_selector("#through section >> nth=1")
    for name, skips in (("FCN-8", ["pool3", "pool4"]), ("U-Net", [f"skip {level}" for level in (1, 2, 3, 4)])):
        section = page.locator("#through section", has=page.get_by_role("heading", name=name))
        assert [told.rstrip(" →") for told in section.locator("figcaption b").all_inner_texts()] == skips
        natural = section.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
        assert len(natural) > 8 and min(natural) > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not faults
    page.close()
