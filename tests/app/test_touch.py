"""Fingers on the pictures: two zoom all of them in step, one moves them or scrolls the page."""

import re

import pytest

from compare_page import wait_for_results
from repository import PATIENCE


@pytest.fixture
def phone(browser, app_url):
    """The page on a phone, with an example compared; `fingers` puts fingers on the screen, or takes them away."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{app_url}/?example=boxer_26")
    wait_for_results(page)
    page.locator("#view-unet .flat").scroll_into_view_if_needed()
    session = context.new_cdp_session(page)

    def fingers(kind, *places):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    page.fingers = fingers
    yield page
    context.close()


def middle(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def scales(page):
    transforms = page.eval_on_selector_all(
        ".figures .zoomed", "parts => parts.map(part => getComputedStyle(part).transform)"
    )
    return [float(re.match(r"matrix\(([\d.]+)", transform)[1]) for transform in transforms]


def pinch(page, first, second, to_first, to_second):
    page.fingers("touchStart", first)
    page.fingers("touchStart", first, second)
    for step in (0.25, 0.5, 0.75, 1):
        between = [
            tuple(a + step * (b - a) for a, b in zip(start, end))
            for start, end in ((first, to_first), (second, to_second))
        ]
        page.fingers("touchMove", *between)
    page.fingers("touchEnd")


def test_two_fingers_zoom_every_picture_in_step(phone):
    x, y = middle(phone, "#view-unet .over")
    pinch(phone, (x - 15, y), (x + 15, y), (x - 45, y), (x + 45, y))
    assert scales(phone) == pytest.approx([3] * 6, rel=0.02)
    # What was between the fingers still is; the page itself is neither zoomed nor moved.
    assert middle(phone, "#view-unet .over .photo") == pytest.approx((x, y), abs=6)
    assert phone.evaluate("visualViewport.scale") == 1
    # One finger moves what is enlarged.
    before = middle(phone, "#view-fcn8 .mask")
    for kind, place in (("touchStart", (x, y)), ("touchMove", (x - 20, y + 10)), ("touchMove", (x - 30, y + 15))):
        phone.fingers(kind, place)
    phone.fingers("touchEnd")
    assert middle(phone, "#view-fcn8 .mask") == pytest.approx((before[0] - 30, before[1] + 15), abs=2)
    pinch(phone, (x - 45, y), (x + 45, y), (x - 5, y), (x + 5, y))
    assert scales(phone) == [1] * 6


def test_fingers_may_be_on_two_pictures(phone):
    (left, y), (right, _) = middle(phone, "#view-fcn8 .over"), middle(phone, "#view-unet .over")
    pinch(phone, (left + 40, y), (right - 40, y), (left, y), (right, y))
    assert scales(phone) == pytest.approx([(right - left) / (right - left - 80)] * 6, rel=0.02)
