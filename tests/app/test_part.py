"""A part of the photo, drawn on the page, is compared as a photo of its own."""

import numpy as np
import pytest
from PIL import Image

from seg.images.photos import open_photo
from seg.inference.comparison import Networks

from compare_page import shown_classes, upload, wait_for_results
from repository import EXAMPLES, ROOT, example_photo, example_truth

WIDE = pytest.mark.parametrize("view", [(1280, "light")], indirect=True)


@WIDE
def test_a_part_of_the_photo_is_compared_alone_and_taken_back(page, tmp_path):
    upload(page, EXAMPLES / "boxer_26.jpg")
    wait_for_results(page)
    whole = shown_classes(page, "unet")
    page.get_by_role("button", name="Part of the photo").click()
    box = page.locator("#view-unet .over").bounding_box()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.1 * box["height"], steps=4)
    page.mouse.up()
    page.get_by_text("A part of the photo").wait_for()
    seen, truth = shown_classes(page, "unet"), shown_classes(page, "truth")
    rows, columns = whole.shape
    assert seen.shape == pytest.approx((0.6 * rows, 0.5 * columns), abs=3)
    # Where it lies: there the truth is that of the whole.
    height, width = truth.shape
    full = example_truth("boxer_26")
    cuts = {
        (y, x): (full[y : y + height, x : x + width] == truth).mean()
        for y in range(round(0.1 * rows) - 3, round(0.1 * rows) + 4)
        for x in range(round(0.3 * columns) - 3, round(0.3 * columns) + 4)
    }
    y, x = max(cuts, key=cuts.get)
    assert cuts[y, x] == 1
    example_photo("boxer_26").crop((x, y, x + width, y + height)).save(tmp_path / "part.png")
    expected = Networks(ROOT / "weights", "here").compare(open_photo(tmp_path / "part.png"))
    assert (seen == expected.segmentations["unet"].class_map).mean() > 0.999
    # A mask of one's own stands in for the truth until it is taken away.
    Image.fromarray(np.full_like(truth, 2, np.uint8)).save(tmp_path / "own.png")
    page.click("#truth button")
    page.set_input_files("#trimap input[type=file]", tmp_path / "own.png")
    page.get_by_role("img", name="Truth: 0.0 % pet").first.wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("img", name="Truth: 0.0 % pet").first.wait_for(state="detached")
    assert np.array_equal(shown_classes(page, "truth"), truth)
    page.set_input_files("#trimap input[type=file]", tmp_path / "own.png")
    page.get_by_role("img", name="Truth: 0.0 % pet").first.wait_for()
    # One click takes it back; what is in view of a picture can be compared too, without a pointer.
    page.get_by_role("button", name="Show the whole photo").click()
    page.locator("#views .take-back").wait_for(state="detached")
    assert np.array_equal(shown_classes(page, "unet"), whole) and np.array_equal(shown_classes(page, "truth"), full)
    page.locator("#trimap input[type=file]").wait_for(state="attached")  # there again: no mask is listed
    page.locator("#views .stage").focus()
    page.keyboard.press("+")
    page.get_by_role("button", name="Compare what is in view").press("Enter")
    page.get_by_text("A part of the photo").wait_for()
    assert shown_classes(page, "unet").shape == pytest.approx((rows / 1.5, columns / 1.5), abs=3)
    assert not page.faults
