"""The views of a comparison in a real browser: what is shown is what was computed, and what was pointed at."""

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gradio_client import Client, handle_file
from PIL import Image, ImageColor

from seg.classes import PALETTE
from seg.images.doubt_and_errors import ERRORS, error_map
from seg.ui.compare.differences import COLOURS

from compare_page import (
    CLASSES,
    NETWORKS,
    choose,
    pictures,
    remove_photo,
    settled,
    shown_classes,
    upload,
    wait_for_results,
)
from repository import EXAMPLES, example_truth

WIDE = pytest.mark.parametrize("view", [(1280, "light")], indirect=True)


VIEWS = ("side", "overlay", "mask", "sure", "errors", "differences", "slider", "skips")


def compare(page, photo="boxer_26"):
    upload(page, photo if isinstance(photo, Path) else EXAMPLES / f"{photo}.jpg")
    wait_for_results(page)


def pixels(page, network):
    """What a person sees of a network's picture, RGB, at the size of the page."""
    page.wait_for_function(
        "name => [...document.querySelectorAll(`#view-${name} img`)].every(image => image.complete)", arg=network
    )
    settled(page)
    shot = page.locator(f"#view-{network} .stack:visible").first.screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def ids_at(page, network, shape):
    """Class ids of the layers at the size of a screenshot, -1 near a border between classes, where colours blend."""
    ids = Image.fromarray(shown_classes(page, network).astype(np.uint8)).resize(shape[1::-1], Image.Resampling.NEAREST)
    ids = np.asarray(ids).astype(int)
    steady = np.ones(ids.shape, bool)
    for axis, step in itertools.product((0, 1), (-3, -2, -1, 1, 2, 3)):
        steady &= np.roll(ids, step, axis) == ids
    steady[:4] = steady[-4:] = steady[:, :4] = steady[:, -4:] = False  # round corners
    return np.where(steady, ids, -1)


def largest(differences):
    """But for a hundredth: details finer than a pixel of the screen."""
    return np.percentile(differences, 99)


WHERE = """() => Object.fromEntries([...document.querySelectorAll(".figures figure")].map(figure => [
    figure.id.replace("view-", ""),
    Object.fromEntries([".over", ".flat", ".bar", ".shares"].map(part =>
        [part, figure.querySelector(part).getBoundingClientRect().toJSON()])),
]))"""


@WIDE
@pytest.mark.parametrize("size", [(640, 480), (480, 640), (900, 300)], ids=["landscape", "portrait", "panorama"])
def test_pictures_and_bars_of_both_are_within_the_first_screen(page, size, tmp_path):
    Image.open(EXAMPLES / "boxer_26.jpg").resize(size).save(tmp_path / "own.png")
    compare(page, tmp_path / "own.png")
    where = page.evaluate(WHERE)
    assert list(where) == list(NETWORKS) and page.evaluate("scrollY") == 0
    for network in NETWORKS:
        for part, box in where[network].items():
            assert box["y"] >= 0 and box["y"] + box["height"] <= 900, (network, part)
        assert where[network][".over"]["width"] == pytest.approx(where[network][".flat"]["width"], abs=1)
        ratio = where[network][".over"]["width"] / where[network][".over"]["height"]
        assert ratio == pytest.approx(size[0] / size[1], rel=0.02)
    # The mask is below the overlay, or beside it where that makes both larger.
    if size[0] > size[1]:
        assert where["fcn8"][".flat"]["y"] >= where["fcn8"][".over"]["bottom"]
    else:
        assert where["fcn8"][".flat"]["x"] >= where["fcn8"][".over"]["right"]
    assert page.locator("#views .of-classes, #views .zoom, #views .readout").count() == 3
    for tool in ("of-classes", "zoom", "readout"):
        box = page.locator(f"#views .{tool}").bounding_box()
        assert box["y"] + box["height"] <= 900, tool
    # The results are in the middle of the page, near one another, and as large as its width or the screen's height lets them.
    left, right = where["fcn8"][".bar"]["x"], where["unet"][".bar"]["right"]
    assert left == pytest.approx(1280 - right, abs=12)
    assert where["unet"][".bar"]["x"] - where["fcn8"][".bar"]["right"] <= 48
    below = page.locator("#views .readout").bounding_box()
    assert right - left > 1200 or below["y"] + below["height"] > 870
    assert page.locator("#photo").bounding_box()["height"] < 70


@WIDE
def test_bars_and_masks_say_what_was_computed(page):
    compare(page)
    for network in (*NETWORKS, "truth"):
        ids = shown_classes(page, network)
        (mask,) = pictures(page, f"#view-{network} .flat .mask")
        assert mask.mode == "P" and (np.asarray(mask) == ids).all()
        widths = page.eval_on_selector_all(
            f"#view-{network} .bar span", "parts => parts.map(part => part.getBoundingClientRect().width)"
        )
        said = page.locator(f"#view-{network} .shares li").all_inner_texts()
        for class_id, name in enumerate(CLASSES):
            share = (ids == class_id).mean()
            assert widths[class_id] / sum(widths) == pytest.approx(share, abs=0.01)
            assert said[class_id] == f"{name} {100 * share:.1f}\xa0%"


@WIDE
def test_the_answer_stands_above_with_a_badge_on_the_picture_it_names(page, tmp_path):
    compare(page)
    answer = page.inner_text("#views .answer")
    scores = [iou(shown_classes(page, network), example_truth("boxer_26")) for network in NETWORKS]
    better, title = max(zip(scores, (("fcn8", "FCN-8"), ("unet", "U-Net"))))[1]
    assert answer == f"{title} is closer here: IoU {max(scores):.2f} against {min(scores):.2f}."
    assert page.inner_text(f"#view-{better} .badge") == "closer here" and page.locator("#views .badge").count() == 1
    assert page.locator("#views .answer").bounding_box()["y"] < page.locator("#view-fcn8").bounding_box()["y"]


def iou(seen, truth):
    return np.mean([((seen == c) & (truth == c)).sum() / ((seen == c) | (truth == c)).sum() for c in range(3)])


@WIDE
@pytest.mark.parametrize("size", [(640, 480), (480, 640), (900, 300), (40, 30)], ids=str)
def test_all_views_have_one_stage_of_one_height(page, size, tmp_path):
    Image.open(EXAMPLES / "boxer_26.jpg").resize(size).save(tmp_path / "own.png")
    compare(page, tmp_path / "own.png")
    heights = {}
    for name in VIEWS:
        choose(page, name)
        heights[name] = page.locator("#views .stage").bounding_box()["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert max(heights.values()) - min(heights.values()) <= 24, heights
    assert not page.faults


@WIDE
def test_zoom_is_one_for_all_pictures_and_crisp(page):
    compare(page)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    stack = page.locator("#view-unet .over")
    box = stack.bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    for _ in range(8):
        page.mouse.wheel(0, -120)
    page.wait_for_function(
        "document.querySelector('#view-unet .mask').getBoundingClientRect().width > 8 * innerWidth / 4"
    )
    transforms = page.eval_on_selector_all(".zoomed", "parts => parts.map(part => getComputedStyle(part).transform)")
    scales = {float(re.match(r"matrix\(([\d.]+)", transform)[1]) for transform in transforms if transform != "none"}
    assert len(scales) == 1 and 8 < scales.pop() <= 16
    assert page.eval_on_selector("#view-unet .mask", "e => getComputedStyle(e).imageRendering") == "pixelated"
    # What was under the pointer is still there, at the same place of every frame.
    shown = {}
    for network in NETWORKS:
        photo, frame = (
            page.locator(f"#view-{network} .mask").bounding_box(),
            page.locator(f"#view-{network} .flat").bounding_box(),
        )
        shown[network] = [
            (frame["x"] + 0.7 * frame["width"] - photo["x"]) / photo["width"],
            photo["width"] / frame["width"],
        ]
    assert shown["fcn8"] == pytest.approx(shown["unet"], abs=0.01) and shown["unet"][0] == pytest.approx(0.7, abs=0.01)
    before = page.locator("#view-fcn8 .mask").bounding_box()["x"]
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()
    assert page.locator("#view-fcn8 .mask").bounding_box()["x"] == pytest.approx(before - 0.2 * box["width"], abs=3)
    page.locator("#views .stage").focus()
    page.keyboard.press("0")
    assert page.locator("#view-fcn8 .mask").bounding_box() == pytest.approx(
        page.locator("#view-fcn8 .flat").bounding_box(), abs=1
    )
    page.keyboard.press("+")
    assert page.locator("#view-fcn8 .mask").bounding_box()["width"] == pytest.approx(1.5 * box["width"], rel=0.01)
    page.get_by_role("button", name="Whole photo").click()
    stack.dblclick()
    assert page.locator("#view-fcn8 .mask").bounding_box()["width"] == pytest.approx(2 * box["width"], rel=0.01)
    assert not requests and not page.faults


@WIDE
def test_a_picture_opens_large_with_a_click(page):
    compare(page)
    mask = page.locator("#view-unet .flat")
    before = mask.bounding_box()
    mask.hover()
    mask.get_by_role("button", name="Open this picture large").click()
    large = mask.bounding_box()
    assert large["height"] == pytest.approx(0.94 * 900, rel=0.1) and large["width"] > 3 * before["width"]
    assert large["x"] + large["width"] / 2 == pytest.approx(640, abs=12)
    page.keyboard.press("+")
    assert mask.locator(".mask").bounding_box()["width"] == pytest.approx(1.5 * large["width"], rel=0.01)
    page.keyboard.press("0")
    page.keyboard.press("Escape")
    page.wait_for_selector("#view-unet .flat:not([popover])")
    assert mask.bounding_box() == pytest.approx(before, abs=1)
    assert mask.get_by_role("button", name="Open this picture large").is_visible()
    assert not page.faults


@WIDE
def test_a_place_is_marked_everywhere_and_told_for_both_networks(page):
    compare(page)
    maps = {network: shown_classes(page, network) for network in (*NETWORKS, "truth")}
    box = page.locator("#view-fcn8 .over").bounding_box()
    told = "['FCN-8: ', 'U-Net: ', 'In truth: '].every(w => document.querySelector('#views .readout p').textContent.includes(w))"
    while not page.evaluate(told):  # the browser reads the pictures first
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.move(box["x"] + 20, box["y"] + 10)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    for x, y in ((0.5, 0.4), (0.1, 0.1), (0.9, 0.8)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        said = page.inner_text("#views .readout p").replace("\xa0", " ")
        marks = page.locator("#views .mark:visible")
        assert marks.count() == 6
        for mark, frame in zip(marks.all(), page.locator("#views .figures .stack:visible").all()):
            at, of = mark.bounding_box(), frame.bounding_box()
            assert (at["x"] + 7 - of["x"]) / of["width"] == pytest.approx(x, abs=0.03)
        for network, title in zip(NETWORKS, ("FCN-8", "U-Net")):
            rows, columns = maps[network].shape
            seen = CLASSES[maps[network][int(y * rows), int(x * columns)]]
            told = re.search(rf"{title}: (\w+) \((.*?)\)\.", said)
            assert told[1] == seen
            shares = dict(part.split(" ", 1) for part in told[2].split(", "))
            value = {name: int(re.search(r"\d+", share)[0]) for name, share in shares.items()}
            assert list(value) == list(CLASSES) and max(value, key=value.get) == seen
            assert sum(value.values()) == pytest.approx(100, abs=3)
        rows, columns = maps["truth"].shape
        assert f"In truth: {CLASSES[maps['truth'][int(y * rows), int(x * columns)]]}." in said
    page.locator("#views .stage").focus()
    before = page.locator("#views .mark:visible").first.bounding_box()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    after = page.locator("#views .mark:visible").first.bounding_box()
    assert after["x"] == pytest.approx(before["x"] - 0.2 * box["width"], abs=2)
    assert page.inner_text("#views .readout p").replace("\xa0", " ") != said
    assert not requests, "the server was asked"


@WIDE
def test_the_first_screen_has_an_example_that_no_network_was_run_for(page):
    assert page.inner_text("#views .sample") == "Example: boxer"
    for network in (*NETWORKS, "truth"):
        assert page.locator(f"#view-{network} .over img.photo").is_visible()
    assert (shown_classes(page, "truth") == example_truth("boxer_26")).all()
    first = page.inner_text("#views .figures")
    for name in VIEWS:
        choose(page, name)
        assert page.locator("#views .stage").is_visible()
    choose(page, "side")
    assert not page.is_visible("#another") and not page.is_visible("#download-zip")
    # Whoever chooses it gets the same.
    compare(page)
    assert page.inner_text("#views .figures") == first and page.locator("#views .sample").count() == 0
    assert page.is_visible("#another")


def test_mask_shows_each_class_in_its_colour(page, view):
    compare(page)
    choose(page, "mask")
    for network in NETWORKS:
        seen = pixels(page, network)
        ids = ids_at(page, network, seen.shape)
        assert page.locator(f"#view-{network} .flat").is_visible()
        for class_id, colour in enumerate(PALETTE):
            assert largest(np.abs(seen[ids == class_id] - colour)) <= 3, (network, class_id)
    assert not page.faults


@WIDE
class TestOnce:
    def test_strength_mixes_photo_and_colour_in_the_browser(self, page):
        compare(page)
        choose(page, "overlay")
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        slider = page.locator("#strength input[type=range]")
        shown = {}
        for key in ("Home", "End"):
            slider.focus()
            page.keyboard.press(key)
            shown[key] = pixels(page, "unet")
        for _ in range(10):
            page.keyboard.press("ArrowLeft")
        half = pixels(page, "unet")
        ids = ids_at(page, "unet", half.shape)
        assert largest(np.abs(shown["End"][ids == 0] - PALETTE[0])) <= 3
        assert shown["Home"][ids == 0].std() > 20  # the bare photo
        assert largest(np.abs(half - (shown["Home"] + shown["End"]) / 2)[ids >= 0]) <= 4
        # The stream of an event that came before may still open; what asks the server is an event that joins the queue.
        assert not [url for url in requests if "/queue/join" in url], "the server was asked"

    @pytest.mark.parametrize("by", ["pointer", "keyboard", "click"])
    def test_a_class_is_highlighted_in_both_networks(self, page, by):
        page.set_viewport_size({"width": 1280, "height": 1300})  # pictures and buttons at once: nothing scrolls
        compare(page)
        choose(page, "overlay")
        plain = {network: pixels(page, network) for network in NETWORKS}
        button = page.get_by_role("button", name="outline")
        assert page.locator("#views .class").all_inner_texts() == list(CLASSES)
        if by == "pointer":
            button.hover()
        elif by == "keyboard":
            page.get_by_role("button", name="background", exact=True).focus()
            page.keyboard.press("Tab")
        else:
            button.click()
            page.mouse.move(5, 5)
            assert button.get_attribute("aria-pressed") == "true"
        page.locator("#strength input[type=range]").evaluate("e => e.blur()")
        for network in NETWORKS:
            lit = pixels(page, network)
            ids = ids_at(page, network, lit.shape)
            colour = np.abs(lit - PALETTE[2]).sum(-1)
            # Nearer to the class colour than before, the others bare.
            assert colour[ids == 2].mean() < 0.6 * np.abs(plain[network] - PALETTE[2]).sum(-1)[ids == 2].mean()
            opacity = page.eval_on_selector_all(
                f"#view-{network} .over .layer", "layers => layers.map(layer => getComputedStyle(layer).opacity)"
            )
            assert opacity == ["0", "0", "0.75"]
        if by == "click":
            button.click()
            page.mouse.move(5, 5)
            page.evaluate("document.activeElement.blur()")
            assert button.get_attribute("aria-pressed") == "false"
            assert np.abs(pixels(page, "fcn8") - plain["fcn8"]).max() <= 2

    def test_how_sure(self, page):
        compare(page)
        choose(page, "sure")
        for network, title in zip(NETWORKS, ("FCN-8", "U-Net")):
            picture = page.locator(f"#view-{network} img.sure")
            assert picture.is_visible() and not page.locator(f"#view-{network} .classes").is_visible()
            said = picture.get_attribute("alt")
            assert said.startswith(f"{title} is ")
            assert said in page.inner_text(f"#view-{network}").replace("\xa0", " ")
            unsure = np.asarray(pictures(page, f"#view-{network} img.sure")[0].convert("RGBA"))[..., 3]
            # Sure in the middle of a class, a guess where two meet.
            ids = np.asarray(
                Image.fromarray(shown_classes(page, network).astype(np.uint8)).resize(
                    unsure.shape[::-1], Image.Resampling.NEAREST
                )
            )
            border = np.zeros(ids.shape, bool)
            border[1:] |= ids[1:] != ids[:-1]
            border[:, 1:] |= ids[:, 1:] != ids[:, :-1]
            assert unsure[border].mean() > 3 * unsure[~border].mean()
        assert "calibrated" in page.inner_text("#views .legend.of-sureness")

    def test_errors_against_the_truth(self, page):
        compare(page)
        choose(page, "errors")
        truth = example_truth("boxer_26")
        for network in NETWORKS:
            seen = shown_classes(page, network)
            shown = np.asarray(pictures(page, f"#view-{network} img.wrong")[0].convert("RGBA"))
            expected = error_map(truth, seen)
            assert ((shown[..., 3] > 0) == (expected > 0)).all()
            for kind, colour in enumerate(ERRORS.values(), 1):
                assert (shown[expected == kind][:, :3] == colour).all()
            said = page.get_attribute(f"#view-{network} img.wrong", "alt")
            assert page.locator(f"#view-{network} .over .classes").is_hidden()
            assert (
                f"is wrong on {100 * (truth != seen).mean():.1f} % of the pixels: {100 * (expected == 1).mean():.1f} % missed pet"
                in said
            )

        assert page.get_by_role("img", name=f"Truth: {100 * (truth == 0).mean():.1f} % pet").is_visible()
        seen = pixels(page, "truth")
        choose(page, "overlay")
        assert np.abs(seen - pixels(page, "truth")).max() <= 2

    def test_a_chosen_class_remains_with_the_next_photo(self, page):
        compare(page)
        page.get_by_role("button", name="outline").click()
        remove_photo(page)
        compare(page, "Bengal_93")
        page.mouse.move(5, 5)
        assert page.locator("#views .class[aria-pressed=true]").all_inner_texts() == ["outline"]
        page.wait_for_function(
            "[...document.querySelectorAll('#view-unet .over .layer')].map(layer => getComputedStyle(layer).opacity).join() === '0,0,0.75'"
        )

    def test_differences_are_coloured_numbered_and_said(self, page):
        compare(page)
        choose(page, "differences")
        assert page.locator(".differences .stack .photo").is_visible()
        assert not page.locator("#views .figures").is_visible()
        first, second = (shown_classes(page, network) for network in NETWORKS)
        said = page.inner_text(".differences .told").replace("\xa0", " ")
        assert f"agree on {100 * (first == second).mean():.1f} % of the pixels" in said
        for class_id, name in enumerate(CLASSES):
            both, either = (
                ((first == class_id) & (second == class_id)).sum(),
                ((first == class_id) | (second == class_id)).sum(),
            )
            assert f"{name} {both / either:.3f}" in said
        only = ((first == 0) & (second != 0)).mean(), ((first != 0) & (second == 0)).mean()
        assert (
            f"Only FCN-8 sees pet {100 * only[0]:.1f} %" in said
            and f"Only U-Net sees pet {100 * only[1]:.1f} %" in said
        )
        occurring = [pair for pair in COLOURS if ((first == pair[0]) & (second == pair[1])).any()]
        for number, pair in enumerate(occurring):
            colour = COLOURS[pair]
            expected = (first == pair[0]) & (second == pair[1])
            layer = np.asarray(pictures(page, ".differences .pair")[number].convert("RGBA"))
            assert ((layer[..., 3] > 0) == expected).all()
            assert (layer[expected][:, :3] == ImageColor.getrgb(colour)).all()
            swatch = page.locator(".differences .group.one .swatch").nth(number)
            assert swatch.evaluate("e => getComputedStyle(e).backgroundColor") == f"rgb{ImageColor.getrgb(colour)}"
        # The biggest question alone, in the picture.
        page.click("text=Only FCN-8 sees pet")
        page.mouse.move(5, 5)
        page.evaluate("document.activeElement.blur()")
        opacities = ",".join("1" if pair[0] == 0 else "0" for pair in occurring)
        page.wait_for_function(
            """expected => [...document.querySelectorAll(".differences .pair")]
                .map(e => getComputedStyle(e).opacity).join() === expected""",
            arg=opacities,
        )

    def test_a_numbered_difference_is_flown_to(self, page):
        compare(page)
        choose(page, "differences")
        regions = page.locator(".differences .fly")
        assert 1 <= regions.count() <= 3 and regions.count() == page.locator(".differences .frame").count()
        frame = page.locator(".differences .stack").bounding_box()
        small = page.locator(".differences .frame").last.bounding_box()
        regions.last.click()
        large = page.locator(".differences .frame").last.bounding_box()
        assert large["width"] > 1.1 * small["width"]
        assert large["x"] + large["width"] / 2 == pytest.approx(
            frame["x"] + frame["width"] / 2, abs=0.4 * frame["width"]
        )
        for said in regions.all_inner_texts():
            total, *shares = (float(share) for share in re.findall(r"([\d.]+)\s%", said))
            assert not shares or sum(shares) == pytest.approx(total, abs=0.2), "the pairs make up the region"

    def test_slider_wipes_by_pointer_and_by_keyboard(self, page):
        compare(page)
        choose(page, "slider")
        handle, frame = page.locator(".slider .handle"), page.locator(".slider .stack").bounding_box()

        def cut():
            line = page.locator(".slider .line").bounding_box()
            return 100 * (line["x"] + line["width"] / 2 - frame["x"]) / frame["width"]

        assert cut() == pytest.approx(50, abs=1)
        handle.focus()
        page.keyboard.press("Home")
        assert cut() == pytest.approx(0, abs=1) and handle.get_attribute("aria-valuenow") == "0"
        page.keyboard.press("ArrowRight")
        page.keyboard.press("PageUp")
        assert handle.get_attribute("aria-valuenow") == "11"
        box = handle.bounding_box()
        page.mouse.move(box["x"] + 18, box["y"] + 18)
        page.mouse.down()
        page.mouse.move(frame["x"] + 0.75 * frame["width"], frame["y"] + 50, steps=5)
        page.mouse.up()
        assert cut() == pytest.approx(75, abs=1) and handle.get_attribute("aria-valuenow") == "75"
        for pair, left, right in (
            ("fcn8 unet", "FCN-8", "U-Net"),
            ("photo unet", "Photo", "U-Net"),
            ("unet truth", "U-Net", "Truth"),
        ):
            page.check(f".partners input[value='{pair}']")
            assert page.locator(".side .corner").all_inner_texts() == [right, left]
            label = page.get_attribute(".side.right .zoomed", "aria-label")
            assert label.startswith(f"Right of the line: {right}: ")
            visible = page.eval_on_selector_all(
                ".side.right .source",
                "all => all.filter(e => getComputedStyle(e).visibility === 'visible').map(e => e.className)",
            )
            assert visible == [f"source of-{pair.split()[1]}"]
        # Drawn over the photo, with no letterbox.
        assert page.locator(".slider .side.left .photo").bounding_box() == page.locator(".slider .stack").bounding_box()

    def test_verdict_with_and_without_truth(self, page, tmp_path):
        compare(page)
        said = page.inner_text("#verdict")
        assert all(
            question in said for question in ("What they see", "Where they differ", "How sure", "Which to trust")
        )
        assert "closer to the truth of this photo, mean IoU" in said
        Image.open(EXAMPLES / "boxer_26.jpg").save(tmp_path / "own.png")
        remove_photo(page)
        upload(page, tmp_path / "own.png")
        wait_for_results(page)
        page.wait_for_function("document.querySelector('#verdict').innerText.includes('test photos')")
        choose(page, "errors")
        assert "Nobody has told this page the truth" in page.inner_text("#views .untold")
        assert page.locator("#view-unet .over .classes").is_visible()
        with page.expect_file_chooser() as chooser:
            page.click("#views .add-mask")
        chooser.value.set_files(EXAMPLES / "boxer_26.png")
        page.wait_for_selector("#view-truth .over .layer")
        assert page.locator("#view-unet img.wrong").is_visible()

    def test_own_trimap(self, page, tmp_path):
        """With one's own photo: a wrong mask is refused in a sentence and takes nothing away, a right one is compared."""
        Image.open(EXAMPLES / "boxer_26.jpg").save(tmp_path / "own.png")
        upload(page, tmp_path / "own.png")
        wait_for_results(page)
        page.click("#truth button")
        page.set_input_files("#trimap input[type=file]", EXAMPLES / "Bengal_93.png")
        toast = page.wait_for_selector("[data-testid=toast-body]")
        assert "choose the trimap of this photo" in toast.inner_text()
        assert page.locator("#view-unet").is_visible()
        page.wait_for_selector("#trimap input[type=file]", state="attached")
        page.set_input_files("#trimap input[type=file]", EXAMPLES / "boxer_26.png")
        page.wait_for_selector("#view-truth .over .layer")
        assert (shown_classes(page, "truth") == example_truth("boxer_26")).all()
        page.wait_for_selector("#shares tr.score >> nth=2")
        # Another photo: the mask goes with the old one.
        remove_photo(page)
        Image.open(EXAMPLES / "Bengal_93.jpg").save(tmp_path / "other.png")
        upload(page, tmp_path / "other.png")
        wait_for_results(page)
        assert page.locator("#view-truth").count() == 0
        assert page.locator("#trimap input[type=file]").count() == 1

    def test_a_new_photo_wins_over_one_still_at_work(self, page, app_url, tmp_path):
        Image.effect_noise((6000, 4500), 60).convert("RGB").save(tmp_path / "slow.jpg", quality=80)
        upload(page, tmp_path / "slow.jpg")
        page.wait_for_selector("#photo button[aria-label='Remove Image']")
        page.click("#photo button[aria-label='Remove Image']")
        upload(page, EXAMPLES / "boxer_26.jpg")
        wait_for_results(page)
        # As long as a late answer about the slow photo would take, and longer.
        Client(app_url, verbose=False, download_files=tmp_path).predict(
            image=handle_file(tmp_path / "slow.jpg"), api_name="/compare"
        )
        assert (shown_classes(page, "truth") == example_truth("boxer_26")).all()
        assert shown_classes(page, "unet").shape == example_truth("boxer_26").shape

    def test_examples_have_names(self, page):
        page.wait_for_selector("#examples button[aria-label]")
        page.get_by_role("button", name="Example: Bengal").click()
        wait_for_results(page)

    def test_images_have_text(self, page):
        compare(page)
        for name in ("overlay", "mask"):
            choose(page, name)
            for network, title in zip((*NETWORKS, "truth"), ("FCN-8", "U-Net", "Truth")):
                share = 100 * (shown_classes(page, network) == 0).mean()
                assert (
                    page.locator(f"#view-{network}").get_by_role("img", name=f"{title}: {share:.1f} % pet").is_visible()
                )

    def test_differences_have_text(self, page):
        compare(page)
        choose(page, "differences")
        name = "The photo with the places where the networks differ in colour. The networks agree on"
        assert page.get_by_role("img", name=name).is_visible()

    def test_a_tall_photo_fits_the_screen(self, page, tmp_path):
        Image.open(EXAMPLES / "boxer_26.jpg").resize((120, 1200)).save(tmp_path / "tall.png")
        upload(page, tmp_path / "tall.png")
        wait_for_results(page)
        for name in VIEWS:
            choose(page, name)
            for stack in page.locator("#views .stack:visible").all():
                box, photo = stack.bounding_box(), stack.locator("img").first.bounding_box()
                assert box["height"] <= 0.7 * 900 and box["width"] == pytest.approx(box["height"] / 10, abs=1)
                assert photo == box


@pytest.mark.parametrize("view", [(390, "light"), (1280, "light")], ids=str, indirect=True)
def test_two_columns_stay_two_columns(page, view):
    assert page.get_by_role("tab").all_inner_texts() == ["Compare", "Several photos", "The contest", "How it works"]
    compare(page)
    where = page.evaluate(WHERE)
    for part in (".over", ".flat", ".bar"):
        assert where["fcn8"][part]["y"] == pytest.approx(where["unet"][part]["y"], abs=2)
        assert where["fcn8"][part]["right"] < where["unet"][part]["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= view[0]


@pytest.mark.parametrize("view", [(390, "light"), (1280, "light")], ids=str, indirect=True)
def test_results_come_into_view_on_a_phone(page, view):
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(
        """() => {
            const scroll = Element.prototype.scrollIntoView;
            Element.prototype.scrollIntoView = function (options) {
                scroll.call(this, options);
                if (this.id === "view") this.dataset.scrolled = "";
            };
        }"""
    )
    compare(page)
    if view[0] == 390:
        page.wait_for_selector("#view[data-scrolled]")
        page.wait_for_function("scrollY > 0 && document.querySelector('#view').getBoundingClientRect().top < 60")
        page.wait_for_function("document.querySelector('#view-unet').getBoundingClientRect().top < 900")
    page.evaluate("scrollTo(0, 0)")
    remove_photo(page)
    # The page scrolls 200 ms after an event: a later timer of the same length ends after that one.
    page.evaluate("() => new Promise((done) => setTimeout(done, 400))")
    assert page.evaluate("scrollY") < 60, "nothing to scroll to"


@pytest.mark.parametrize("view", [(1280, "light"), (1280, "dark"), (390, "dark")], indirect=True)
def test_axe_finds_no_serious_fault(page, view):
    def faults():
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            (fault["id"], [node["html"][:150] for node in fault["nodes"][:3]])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]

    page.wait_for_selector("#examples button[aria-label]")
    assert not faults(), "before a comparison"
    compare(page)
    page.click("#truth button")
    for name in VIEWS:
        choose(page, name)
        settled(page)
        assert not faults(), name
        assert page.evaluate("document.documentElement.scrollWidth") <= view[0], name
    assert not page.faults
