"""The page in a real browser, used as a person uses it."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from seg.evaluation.metrics import confusion_matrix, scores

import odd_files
from compare_page import (
    CLASSES,
    NETWORKS,
    RESULTS,
    open_page,
    pictures,
    remove_photo,
    shown_classes,
    upload,
    wait_for_results,
)
from repository import EXAMPLES, example_photo, example_truth


def shares(page):
    """Percentages by class, one for each network."""
    rows = page.locator("#shares tbody tr").all()[:3]
    return {
        row.locator("th").inner_text(): [
            float(re.sub(r"[^\d.]", "", t)) for t in row.locator(".number").all_inner_texts()
        ]
        for row in rows
    }


def test_upload_shows_both_networks(page, view):
    upload(page, EXAMPLES / "boxer_26.jpg")
    wait_for_results(page)
    table = shares(page)
    assert list(table) == ["pet", "background", "outline"]
    for column, network in enumerate(NETWORKS):
        ids = shown_classes(page, network)
        assert ids.shape[::-1] == example_photo("boxer_26").size
        for class_id, name in enumerate(table):
            assert table[name][column] == pytest.approx(100 * (ids == class_id).mean(), abs=0.06)
        assert sum(values[column] for values in table.values()) == pytest.approx(100, abs=0.2)
        # Side by side at every width: the same height on the page.
    # In one breath: on a phone the page may still be scrolling there.
    boxes = page.evaluate(
        "names => names.map(name => document.querySelector(`#view-${name}`).getBoundingClientRect().toJSON())", NETWORKS
    )
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=2) and boxes[0]["x"] < boxes[1]["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= view[0]
    assert not page.faults


@pytest.mark.parametrize("view", [(1280, "light")], indirect=True)
class TestOnce:
    def test_weights_and_scores_are_named(self, page):
        page.wait_for_selector("#weights li")
        text = page.inner_text("#weights")
        assert re.search(r"FCN-8: test pixel accuracy 0\.\d{3}, mean IoU 0\.\d{3} \(3,669 photos\)", text)
        assert re.search(r"U-Net: test pixel accuracy 0\.\d{3}, mean IoU 0\.\d{3} \(3,669 photos\)", text)

    def test_example(self, page):
        page.locator("button.gallery-item").first.click()
        wait_for_results(page)
        name = sorted(p.stem for p in EXAMPLES.glob("*.jpg"))[0]
        truth, seen = example_truth(name), shown_classes(page, "unet")
        assert (shown_classes(page, "truth") == truth).all()
        score = scores(confusion_matrix(truth, seen))
        for row, c in zip(page.locator("#shares tr.score").all(), CLASSES):
            assert row.locator("td").nth(1).inner_text() == f"{score['iou'][c]:.3f}, {score['dice'][c]:.3f}"

    def test_a_photo_is_compared_though_the_stream_before_ends_late(self, page, app_url):
        late = []

        def hold_the_first(route):
            if late:
                return route.continue_()
            late.append(route)
            late.append(route.fetch())  # all of it, as far as its end

        page.goto("about:blank")
        page.faults.clear()
        page.route("**/queue/data?*", hold_the_first)
        page.goto(app_url)
        while len(late) < 2:
            page.wait_for_timeout(50)
        with page.expect_response(lambda response: "/queue/join" in response.url and response.ok):
            upload(page, EXAMPLES / "boxer_26.jpg")
        route, response = late
        route.fulfill(response=response)
        wait_for_results(page)
        assert not page.faults

    def test_new_photo_replaces_the_old_results(self, page):
        upload(page, EXAMPLES / "boxer_26.jpg")
        wait_for_results(page)
        old = page.get_attribute("#view-fcn8 .over .layer.pet", "src")
        with page.expect_file_chooser() as chooser:
            page.click("#another")
        chooser.value.set_files(EXAMPLES / "Bengal_93.jpg")
        page.wait_for_function(
            "old => { const now = document.querySelector('#view-fcn8 .over .layer.pet'); return now && now.src !== old; }",
            arg=old,
        )
        wait_for_results(page)
        assert shown_classes(page, "fcn8").shape[::-1] == example_photo("Bengal_93").size

    def test_own_photo_has_no_truth(self, page, tmp_path):
        example_photo("boxer_26").save(tmp_path / "own.png")
        upload(page, tmp_path / "own.png")
        wait_for_results(page)
        assert page.locator("#view-truth").count() == 0 and page.locator("#shares tr.score").count() == 0

    def test_bad_photo_says_why_and_leaves_no_old_result(self, page, tmp_path):
        upload(page, EXAMPLES / "boxer_26.jpg")
        wait_for_results(page)
        remove_photo(page)
        (tmp_path / "half.jpg").write_bytes(odd_files.make("truncated.jpg", example_photo("boxer_26")))
        upload(page, tmp_path / "half.jpg")
        toast = page.wait_for_selector("[data-testid=toast-body]")
        assert "This photo is damaged or incomplete; choose another file." in toast.inner_text()
        page.wait_for_selector("#views .views.example")
        page.wait_for_selector("#photo img", state="detached")
        assert page.locator(RESULTS).count() == 0 and page.locator("#photo [aria-label*=Drop]").is_visible()
        page.wait_for_function("[...document.images].every(image => image.complete)")
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), "a broken picture"

    def test_heic_from_a_phone_is_shown_and_segmented(self, page, tmp_path):
        (tmp_path / "phone.heic").write_bytes(odd_files.make("iphone.heic", example_photo("boxer_26")))
        upload(page, tmp_path / "phone.heic")
        wait_for_results(page)
        page.wait_for_function("document.querySelector('#photo img')?.naturalWidth === 500")
        assert shown_classes(page, "unet").shape == (332, 500)

    def test_photo_pasted_with_the_keyboard(self, page):
        """Ctrl+V anywhere in the tab, with a photo in the clipboard."""
        page.evaluate(
            """async url => {
                const carried = new DataTransfer();
                const photo = await (await fetch(url)).blob();
                carried.items.add(new File([photo], "pasted.jpg", {type: "image/jpeg"}));
                document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));
            }""",
            page.locator("button.gallery-item img").first.get_attribute("src"),
        )
        wait_for_results(page)
        assert shown_classes(page, "unet").shape[::-1] == example_photo("Bengal_93").size

    def test_views_are_one_stop_of_the_keyboard(self, page):
        page.focus("#view input[value=side]")
        for name in ("overlay", "mask"):
            page.keyboard.press("ArrowRight")
            page.wait_for_selector(f"#view input[value={name}]:checked")
        assert page.is_checked("#view input[value=mask]") and page.locator("#view-unet .flat").is_visible()
        assert page.locator("#view-unet .over").is_hidden()
        label = page.locator("#view label", has=page.locator("input[value=mask]"))
        assert label.evaluate("e => getComputedStyle(e).outlineStyle") == "solid", "no ring around where the focus is"
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.matches('#view input')")

    def test_pasted_photo(self, page):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate(
            """async url => {
                const image = await createImageBitmap(await (await fetch(url)).blob());
                const canvas = new OffscreenCanvas(image.width, image.height);
                canvas.getContext("2d").drawImage(image, 0, 0);
                const png = await canvas.convertToBlob({type: "image/png"});
                await navigator.clipboard.write([new ClipboardItem({"image/png": png})]);
            }""",
            page.locator("button.gallery-item img").first.get_attribute("src"),
        )
        page.click("#photo button[aria-label*='lipboard']")
        wait_for_results(page)

    def test_dragged_link_then_photo(self, page):
        """A picture of another page may come as a link alone."""
        link = page.evaluate_handle(
            """() => {
                const carried = new DataTransfer();
                carried.setData("text/uri-list", "https://example.org/cat.jpg");
                return carried;
            }"""
        )
        page.dispatch_event("#photo button[aria-label*='Drop']", "drop", {"dataTransfer": link})
        assert "Save the picture and drop its file" in page.inner_text("#link-refused[role=alert]")
        photo = base64.b64encode((EXAMPLES / "keeshond_71.jpg").read_bytes()).decode()
        carried = page.evaluate_handle(
            """photo => {
                const carried = new DataTransfer();
                const bytes = Uint8Array.from(atob(photo), letter => letter.charCodeAt(0));
                carried.items.add(new File([bytes], "dragged.jpg", {type: "image/jpeg"}));
                return carried;
            }""",
            photo,
        )
        page.dispatch_event("#photo button[aria-label*='Drop']", "drop", {"dataTransfer": carried})
        wait_for_results(page)
        assert shown_classes(page, "unet").shape[::-1] == example_photo("keeshond_71").size
        assert page.locator("#link-refused").count() == 0

    def test_a_refused_camera_is_told(self, page):
        page.add_init_script(
            """navigator.mediaDevices.getUserMedia = () =>
                Promise.reject(new DOMException("Permission denied", "NotAllowedError"));"""
        )
        open_page(page, page.url)
        page.click("#photo button[aria-label='Capture from camera']")
        page.get_by_text("Click to Access Webcam").click()
        assert "The camera was refused" in page.wait_for_selector("#camera-refused").inner_text()
        assert page.locator("#photo").bounding_box()["height"] > 200
        page.locator("button.gallery-item").first.click()
        wait_for_results(page)
        assert page.locator("#camera-refused").count() == 0

    def test_a_slow_upload_is_seen_and_what_belongs_to_the_photo_before_is_dimmed(self, page):
        upload(page, EXAMPLES / "boxer_26.jpg")
        wait_for_results(page)
        held = []
        page.route(re.compile(r"/upload\?"), lambda route: held.append(route))
        with page.expect_file_chooser() as chooser:
            page.click("#another")
        chooser.value.set_files(EXAMPLES / "Bengal_93.jpg")
        page.get_by_text("Uploading 1 file").wait_for()
        assert page.locator("#results").evaluate("e => Number(getComputedStyle(e).opacity)") < 0.6
        assert page.locator("#photo").bounding_box()["height"] < 70, "the page does not jump meanwhile"
        while not held:  # the browser tells of the request a little after the page tells of the upload
            page.wait_for_timeout(50)
        held[0].continue_()
        page.wait_for_function("document.querySelector('#photo img')?.src.endsWith('Bengal_93.jpg')")
        wait_for_results(page)
        assert page.locator("#results").evaluate("e => getComputedStyle(e).opacity") == "1"

    def test_how_far_a_slow_upload_is_shows_wherever_one_is(self, page, rng, tmp_path):
        Image.fromarray(rng.integers(0, 256, (400, 500, 3), np.uint8)).save(tmp_path / "own.png")  # 600 kB
        upload(page, EXAMPLES / "boxer_26.jpg")
        wait_for_results(page)
        page.locator("#verdict").scroll_into_view_if_needed()

        def done():
            """Share of the screen's upper edge that is deep green."""
            edge = page.screenshot(clip={"x": 0, "y": 1, "width": 1280, "height": 2})
            red, green, _ = np.asarray(Image.open(io.BytesIO(edge)).convert("RGB")).T.astype(int)
            return (green - red > 100).mean()

        line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
        upload(page, tmp_path / "own.png")
        shares = []
        while page.locator("#photo progress").count() or not shares:
            shares.append(done())
        assert len({round(share, 1) for share in shares}) > 3 and max(shares) > 0.5
        wait_for_results(page)
        assert done() == 0

    def test_webcam(self, page):
        """Chromium's pretended camera films a test picture."""
        page.click("#photo button[aria-label='Capture from camera']")
        page.get_by_text("Click to Access Webcam").click()
        page.wait_for_function("document.querySelector('#photo video')?.videoWidth > 0")
        page.click("#photo button[aria-label='capture photo']")
        wait_for_results(page)
        (taken,) = pictures(page, "#view-fcn8 .over img.photo")
        red, green, blue = np.asarray(taken.convert("RGB")).mean(axis=(0, 1))
        assert green > 50 > max(red, blue)
        assert shown_classes(page, "fcn8").shape[::-1] == taken.size
        assert not page.faults
