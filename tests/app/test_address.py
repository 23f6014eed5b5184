"""Where one is on the page is in its address, and Back and Forward go through it without leaving the page."""

import base64

import pytest

from compare_page import choose, remove_photo, shown_classes, upload, wait_for_results
from repository import EXAMPLES, example_photo

pytestmark = pytest.mark.parametrize("view", [(1280, "light")], indirect=True)


def is_at(page, query, tab, view, photo):
    """Waits until the page shows what its address says."""
    page.wait_for_function("query => location.search === query", arg=query)
    page.wait_for_function(
        """([tab, view, photo]) => document.querySelector("[role=tab][aria-selected=true]").textContent.trim() === tab
            && document.querySelector("#view input:checked").value === view
            && (document.querySelector("#photo img")?.src ?? "").endsWith(photo)""",
        arg=[tab, view, photo],
    )
    assert page.evaluate("window.stayed"), "the page was left"


def test_back_and_forward_go_through_the_page(page, tmp_path):
    page.evaluate("window.stayed = true")
    page.locator("button.gallery-item").first.click()
    is_at(page, "?example=Bengal_93", "Compare", "side", "Bengal_93.jpg")
    choose(page, "mask")
    is_at(page, "?example=Bengal_93&show=mask", "Compare", "mask", "Bengal_93.jpg")
    page.get_by_role("tab", name="How it works").click()
    is_at(page, "?example=Bengal_93&show=mask&tab=about", "How it works", "mask", "Bengal_93.jpg")
    page.go_back()
    is_at(page, "?example=Bengal_93&show=mask", "Compare", "mask", "Bengal_93.jpg")
    example_photo("boxer_26").save(tmp_path / "own.png")
    upload(page, tmp_path / "own.png")
    is_at(page, "?show=mask", "Compare", "mask", "own.png")
    choose(page, "skips")
    page.get_by_role("link", name="Twins in the contest").click()
    is_at(page, "?tab=contest&place=contest-twins", "The contest", "side", "own.png")
    page.locator("#contest-twins").wait_for()
    page.go_back()
    is_at(page, "?show=skips", "Compare", "skips", "own.png")
    page.go_back()
    page.go_back()
    is_at(page, "?example=Bengal_93&show=mask", "Compare", "mask", "Bengal_93.jpg")
    wait_for_results(page)
    page.go_forward()
    is_at(page, "?show=mask", "Compare", "mask", "own.png")
    assert not page.faults


def test_a_photo_of_ones_own_is_there_again_after_leaving_the_page(page, tmp_path):
    example_photo("boxer_26").save(tmp_path / "own.png")
    upload(page, tmp_path / "own.png")
    page.wait_for_function("history.state?.photo")
    seen = shown_classes(page, "unet")
    page.goto("about:blank")
    page.go_back()
    wait_for_results(page)
    assert (shown_classes(page, "unet") == seen).all()
    assert page.locator("#photo img").get_attribute("src").endswith("own.png")


def test_a_photo_chosen_before_gradio_has_run_the_pages_scripts_is_there_again_too(page, tmp_path):
    """Here in the very moment in which its field is there."""
    example_photo("boxer_26").resize((64, 48)).save(tmp_path / "own.png")
    photo = base64.b64encode((tmp_path / "own.png").read_bytes()).decode()
    page.add_init_script(
        f"""if (location.protocol === "http:" && !history.state) new MutationObserver((_, observer) => {{
            const field = document.querySelector("#photo input[type=file]");
            if (!field) return;
            observer.disconnect();
            const chosen = new DataTransfer();
            const bytes = Uint8Array.from(atob("{photo}"), byte => byte.charCodeAt(0));
            chosen.items.add(new File([bytes], "own.png", {{type: "image/png"}}));
            field.files = chosen.files;
            field.dispatchEvent(new Event("change", {{bubbles: true}}));
        }}).observe(document, {{childList: true, subtree: true}});"""
    )
    page.goto(page.url)
    page.wait_for_function("history.state?.photo")
    wait_for_results(page)
    page.goto("about:blank")
    page.go_back()
    wait_for_results(page)
    assert page.locator("#photo img").get_attribute("src").endswith("own.png") and not page.faults


def test_a_photo_taken_away_leaves_the_address_too(page):
    upload(page, EXAMPLES / "boxer_26.jpg")  # an example, known by its content
    page.wait_for_function("location.search === '?example=boxer_26'")
    remove_photo(page)
    page.wait_for_function("location.search === ''")
