"""Skip connections switched off on the page: what the networks see then, beside what the whole ones saw."""

import numpy as np
import pytest

from seg.evaluation.metrics import confusion_matrix, scores
from seg.inference.comparison import Networks

from compare_page import CLASSES, choose, pictures, shown_classes, upload, wait_for_results
from repository import EXAMPLES, ROOT, example_truth

WIDE = pytest.mark.parametrize("view", [(1280, "light")], indirect=True)


@pytest.fixture(scope="module")
def networks():
    return Networks(ROOT / "weights", "here")


def lost_classes(page, network):
    layers = pictures(page, f".skips .of-{network} .lost .layer")
    return np.argmax([np.asarray(layer.convert("RGBA"))[..., 3] > 0 for layer in layers], axis=0)


def switch(page, network, name):
    return page.get_by_role("group", name=f"Skip connections of {network}").get_by_role("switch", name=name)


@WIDE
def test_what_a_network_sees_without_a_skip_connection(page, networks):
    upload(page, EXAMPLES / "boxer_26.jpg")
    wait_for_results(page)
    choose(page, "skips")
    whole = shown_classes(page, "unet")
    section = page.locator(".skips .of-unet")
    assert switch(page, "U-Net", "1").is_checked() and section.locator(".lost .classes").count() == 0
    switch(page, "U-Net", "1").uncheck()
    switch(page, "U-Net", "2").uncheck()
    section.get_by_text("Without skip 1, skip 2").wait_for()
    expected = networks.disturbed(EXAMPLES / "boxer_26.jpg", ["unet.1", "unet.2"])["unet"]
    seen = lost_classes(page, "unet")
    assert (seen == expected.class_map).mean() > 0.999 and (seen != whole).mean() > 0.005
    said = section.locator(".lost").inner_text().replace("\xa0", " ")
    assert f"pet {100 * expected.shares['pet']:.1f} %" in said
    assert f"{100 * (seen != whole).mean():.1f} % of the pixels changed" in said
    for side, ids in ((".whole", whole), (".lost", seen)):
        iou = scores(confusion_matrix(example_truth("boxer_26"), ids))["mean_iou"]
        assert f"IoU {iou:.2f}" in section.locator(side).inner_text()
    assert page.locator(".skips .of-fcn8 .invite").is_visible(), "the other network lost nothing"
    # All pictures zoom in step, and the place stays when the answer comes.
    page.locator("#views .stage").focus()
    page.keyboard.press("+")
    switch(page, "FCN-8", "pool3").focus()
    page.keyboard.press("Space")
    page.get_by_text("Without pool3").wait_for()
    widths = page.eval_on_selector_all(
        ".skips .stack", "all => all.map(e => e.querySelector('.photo').getBoundingClientRect().width / e.offsetWidth)"
    )
    assert widths == pytest.approx([1.5] * 4, rel=0.02)
    # A place is told of both, where they say different things too.
    page.locator("#views .stage").focus()
    page.keyboard.press("0")
    box = section.locator(".lost .stack").bounding_box()
    both = 3 * whole + seen
    steady = [np.roll(both, (y, x), (0, 1)) == both for y in range(-2, 3) for x in range(-2, 3)]
    row, column = np.argwhere(np.all(steady, axis=0) & (seen != whole))[0]
    page.mouse.move(
        box["x"] + (column + 0.5) / seen.shape[1] * box["width"], box["y"] + (row + 0.5) / seen.shape[0] * box["height"]
    )
    told = page.inner_text("#views .readout p")
    assert f"U-Net: {CLASSES[whole[row, column]]} (" in told
    assert f"U-Net without skip 1, skip 2: {CLASSES[seen[row, column]]}." in told
    assert "FCN-8 without pool3: " in told
    # Switched on again, it is gone without asking the server; so it is with another photo.
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    switch(page, "FCN-8", "pool3").check()
    assert page.locator(".skips .of-fcn8 .invite").is_visible() and not requests
    assert "FCN-8 without" not in page.inner_text("#views .readout p")
    assert "not how good one would be that was trained without it" in page.inner_text(".skips .meaning")
    with page.expect_file_chooser() as chooser:
        page.click("#another")
    chooser.value.set_files(EXAMPLES / "Bengal_93.jpg")
    page.wait_for_function("document.querySelectorAll('[data-skip]:checked').length === 6")
    assert not page.faults


@WIDE
def test_the_example_before_any_photo_can_be_tried(page, networks):
    choose(page, "skips")
    switch(page, "U-Net", "4").uncheck()
    page.get_by_text("Without skip 4").wait_for()
    expected = networks.disturbed(EXAMPLES / "boxer_26.jpg", ["unet.4"])["unet"].class_map
    assert (lost_classes(page, "unet") == expected).mean() > 0.999
