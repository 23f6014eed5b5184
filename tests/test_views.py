"""The views of a comparison in a real browser: what is shown is what was computed, and what was pointed at."""

import io

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from compare_page import CLASSES, NETWORKS, pictures, shown_classes, upload, wait_for_results
from repository import EXAMPLES, example_truth
from PIL import Image

from seg.classes import PALETTE
from seg.layers import ERRORS, error_map

WIDE = pytest.mark.parametrize("view", [(1280, "light")], indirect=True)


def choose(page, name):
    page.check(f"#view input[value={name}]")


def compare(page, name="boxer_26"):
    upload(page, EXAMPLES / f"{name}.jpg")
    wait_for_results(page)


def pixels(page, network):
    """What a person sees of a network's picture, RGB, at the size of the page."""
    page.wait_for_function(
        "name => [...document.querySelectorAll(`#view-${name} img`)].every(image => image.complete)", arg=network
    )
    page.wait_for_timeout(250)  # the layers fade
    shot = page.locator(f"#view-{network} .stack").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def ids_at(page, network, shape):
    """Class ids of the layers at the size of a screenshot, -1 near a border between classes, where colours blend."""
    ids = Image.fromarray(shown_classes(page, network).astype(np.uint8)).resize(shape[1::-1], Image.Resampling.NEAREST)
    ids = np.asarray(ids).astype(int)
    steady = np.ones(ids.shape, bool)
    for axis, step in ((0, 3), (0, -3), (1, 3), (1, -3)):
        steady &= np.roll(ids, step, axis) == ids
    steady[:4] = steady[-4:] = steady[:, :4] = steady[:, -4:] = False  # round corners
    return np.where(steady, ids, -1)


def largest(differences):
    """But for a hundredth: details finer than a pixel of the screen."""
    return np.percentile(differences, 99)


def test_mask_shows_each_class_in_its_colour(page, view):
    compare(page)
    choose(page, "mask")
    for network in NETWORKS:
        seen = pixels(page, network)
        ids = ids_at(page, network, seen.shape)
        for class_id, colour in enumerate(PALETTE):
            assert largest(np.abs(seen[ids == class_id] - colour)) <= 3, (network, class_id)
    assert not page.faults


@WIDE
class TestOnce:
    def test_strength_mixes_photo_and_colour_in_the_browser(self, page):
        compare(page)
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
        assert not requests, "the server was asked"

    @pytest.mark.parametrize("by", ["pointer", "keyboard", "click"])
    def test_a_class_is_highlighted_in_both_networks(self, page, by):
        compare(page)
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
                f"#view-{network} .layer", "layers => layers.map(layer => getComputedStyle(layer).opacity)"
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
            assert said.startswith(f"{title} is ") and said in page.inner_text(f"#view-{network}")
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
            assert page.locator(f"#view-{network} .stack .classes").is_hidden()
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
        page.click("#photo button[aria-label='Remove Image']")
        page.wait_for_selector("#view-fcn8", state="detached")
        compare(page, "Bengal_93")
        page.mouse.move(5, 5)
        assert page.locator("#views .class[aria-pressed=true]").all_inner_texts() == ["outline"]
        page.wait_for_function(
            "[...document.querySelectorAll('#view-unet .layer')].map(layer => getComputedStyle(layer).opacity).join() === '0,0,0.75'"
        )

    def test_differences_are_numbered_and_said(self, page):
        compare(page)
        choose(page, "differences")
        assert (
            page.locator("#differences img.base-image").is_visible()
            and not page.locator("#views .figures").is_visible()
        )
        first, second = (shown_classes(page, network) for network in NETWORKS)
        said = page.inner_text("#regions")
        assert f"agree on {100 * (first == second).mean():.1f} % of the pixels" in said
        for class_id, name in enumerate(CLASSES):
            both, either = (
                ((first == class_id) & (second == class_id)).sum(),
                ((first == class_id) | (second == class_id)).sum(),
            )
            assert f"{name} {both / either:.3f}" in said
        regions = page.locator("#regions ol li").all_inner_texts()
        assert 1 <= len(regions) <= 3 and all("FCN-8 says" in region for region in regions)

    def test_slider_wipes_by_pointer_and_by_keyboard(self, page):
        compare(page)
        choose(page, "slider")
        page.wait_for_selector("#slider img")
        left, right = pictures(page, "#slider img")
        for shown, network in ((left, "fcn8"), (right, "unet")):
            assert (np.asarray(shown) == shown_classes(page, network)).all()

        def cut(least, most):
            page.wait_for_function(
                "([least, most]) => { const cut = parseFloat(document.querySelectorAll('#slider img')[1].style.clipPath.split(' ')[3]); return least < cut && cut < most; }",
                arg=[least, most],
            )

        cut(49, 51)
        page.locator("#position input[type=range]").focus()
        page.keyboard.press("Home")
        cut(-1, 15)
        box = page.locator("#slider .wrap:has(> .content)").bounding_box()
        handle = page.locator("#slider [data-testid=slider]").bounding_box()
        page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 50, steps=5)
        page.mouse.up()
        cut(70, 80)
        page.check("#pair input[value=unet]")
        page.wait_for_function("document.querySelector('#slider img').src.endsWith('.jpeg')")
        photo, mask = pictures(page, "#slider img")
        assert photo.size == mask.size and (np.asarray(mask) == shown_classes(page, "unet")).all()
        assert "Left of the line: the photo. Right of it: U-Net (" in page.inner_text("#slider-said")

    def test_verdict_with_and_without_truth(self, page, tmp_path):
        compare(page)
        said = page.inner_text("#verdict")
        assert all(
            question in said for question in ("What they see", "Where they differ", "How sure", "Which to trust")
        )
        assert "closer to the truth of this photo, mean IoU" in said
        Image.open(EXAMPLES / "boxer_26.jpg").save(tmp_path / "own.png")
        page.click("#photo button[aria-label='Remove Image']")
        page.wait_for_selector("#view-fcn8", state="detached")
        upload(page, tmp_path / "own.png")
        wait_for_results(page)
        page.wait_for_function("document.querySelector('#verdict').innerText.includes('test photos')")
        choose(page, "errors")
        assert page.inner_text("#truth button").splitlines()[0] in page.inner_text("#views .legend.of-errors")
        assert not page.locator("#views .figures").is_visible(), "pictures that say nothing"

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
        page.wait_for_selector("#view-truth .layer")
        assert (shown_classes(page, "truth") == example_truth("boxer_26")).all()
        assert page.locator("#shares tr.score").count() == 3
        # Another photo: the mask goes with the old one.
        page.click("#photo button[aria-label='Remove Image']")
        page.wait_for_selector("#view-unet", state="detached")
        Image.open(EXAMPLES / "Bengal_93.jpg").save(tmp_path / "other.png")
        upload(page, tmp_path / "other.png")
        wait_for_results(page)
        assert page.locator("#view-truth").count() == 0
        assert page.locator("#trimap input[type=file]").count() == 1

    def test_a_new_photo_wins_over_one_still_at_work(self, page, tmp_path):
        Image.effect_noise((6000, 4500), 60).convert("RGB").save(tmp_path / "slow.jpg", quality=80)
        upload(page, tmp_path / "slow.jpg")
        page.wait_for_selector("#photo button[aria-label='Remove Image']")
        page.click("#photo button[aria-label='Remove Image']")
        upload(page, EXAMPLES / "boxer_26.jpg")
        page.wait_for_selector("#view-truth")
        page.wait_for_timeout(1500)  # time for a late answer to do harm
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
                assert page.get_by_role("img", name=f"{title}: {share:.1f} % pet").is_visible()

    def test_differences_and_slider_have_text(self, page):
        def texts(selector):
            return page.eval_on_selector_all(selector, "images => images.map(image => image.alt)")

        for name in ("boxer_26", "Bengal_93"):
            compare(page, name)
            choose(page, "differences")
            page.get_by_role("img", name="The photo with the places where the networks differ in colour").wait_for()
            labels = page.locator("#differences .legend-item").all_inner_texts()
            assert len(labels) > 1 and texts("#differences img.mask") == labels
            choose(page, "slider")
            for pair, left, right in (
                ("networks", "FCN-8 (", "U-Net ("),
                ("unet", "the photo", "U-Net ("),
                ("networks", "FCN-8 (", "U-Net ("),
            ):
                page.check(f"#pair input[value={pair}]")
                page.wait_for_function("left => document.querySelector('#slider img')?.alt.startsWith(left)", arg=left)
                first, second = texts("#slider img")
                assert f"Left of the line: {first}. Right of it: {second}." == page.inner_text(
                    "#slider-said"
                ).strip() and second.startswith(right)
            choose(page, "overlay")
            page.click("#photo button[aria-label='Remove Image']")
            page.wait_for_selector("#view-fcn8", state="detached")

    def test_a_tall_photo_fits_the_screen(self, page, tmp_path):
        Image.open(EXAMPLES / "boxer_26.jpg").resize((120, 1200)).save(tmp_path / "tall.png")
        upload(page, tmp_path / "tall.png")
        wait_for_results(page)
        for network in NETWORKS:
            box, layer = (page.locator(f"#view-{network} {part}").first.bounding_box() for part in (".stack", ".layer"))
            assert (
                box == layer
                and box["height"] <= 0.7 * 900 + 1
                and box["width"] == pytest.approx(box["height"] / 10, abs=1)
            )
        choose(page, "differences")
        page.wait_for_selector("#differences img.base-image")
        boxes = [image.bounding_box() for image in page.locator("#differences .image-container img").all()]
        assert boxes[0]["height"] <= 0.7 * 900 + 1 and all(box == boxes[0] for box in boxes)

    def test_labels_of_the_difference_map_have_its_colours(self, page):
        compare(page)
        choose(page, "differences")
        for place, label in enumerate(page.locator("#differences .legend-item").all()):
            layer = np.asarray(pictures(page, "#differences img.mask")[place].convert("RGBA"))
            (colour,) = np.unique(layer[layer[..., 3] > 0], axis=0)
            assert (
                colour[3] == 255
                and label.evaluate("e => getComputedStyle(e).backgroundColor")
                == f"rgb({colour[0]}, {colour[1]}, {colour[2]})"
            )


@pytest.mark.parametrize("view", [(390, "light"), (1280, "light")], ids=str, indirect=True)
def test_empty_views_say_what_to_do(page, view):
    for name in ("overlay", "mask", "sure", "errors", "differences", "slider"):
        choose(page, name)
        assert page.get_by_text("Choose a photo, and what each network sees appears here.").is_visible(), name
        assert not any(
            page.locator(part).is_visible() for part in ("#strength", "#pair", "#position", "#differences", "#slider")
        ), name


@pytest.mark.parametrize("view", [(390, "light"), (1280, "light")], ids=str, indirect=True)
def test_results_come_into_view_on_a_phone(page, view):
    compare(page)
    if view[0] == 390:
        page.wait_for_function("scrollY > 0 && document.querySelector('#view').getBoundingClientRect().top < 60")
        page.wait_for_timeout(600)  # scrolling is smooth
        assert page.locator("#view-unet").bounding_box()["y"] < 900
    page.evaluate("scrollTo(0, 0)")
    page.click("#photo button[aria-label='Remove Image']")
    page.wait_for_selector("#view-fcn8", state="detached")
    page.wait_for_timeout(700)
    assert page.evaluate("scrollY") == 0, "nothing to scroll to"


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
    for name in ("overlay", "mask", "sure", "errors", "differences", "slider"):
        choose(page, name)
        page.wait_for_timeout(400)
        assert not faults(), name
        assert page.evaluate("document.documentElement.scrollWidth") <= view[0], name
    assert not page.faults
