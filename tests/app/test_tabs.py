"""Downloads, links and the tabs beside Compare, in a real browser."""

import csv
import io
import json
import re
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gradio_client import Client, handle_file
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.evaluation.metrics import confusion_matrix, scores
from seg.ui.several.tab import MAX_PHOTOS

import compare_page
from compare_page import settled, wait_for_results
from repository import EXAMPLES, PATIENCE, example_photo, example_truth


@pytest.fixture
def open_page(browser, app_url):
    """Opens the page at an address; at the end no error may be in the console."""
    with contextmanager(_opened)(browser, app_url) as open_page:
        yield open_page


def _opened(browser, app_url):
    contexts, faults = [], []

    def open_page(query="", width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        compare_page.open_page(page, f"{app_url}/{query}")
        return page

    yield open_page
    seen = list(faults)  # what a page says of requests that its own closing breaks off is no fault
    for context in contexts:
        context.close()
    assert not seen


def downloaded(page, selector):
    with page.expect_download() as download:
        page.click(selector)
    return download.value.suggested_filename, download.value.path().read_bytes()


def opened(content):
    return Image.open(io.BytesIO(content))


def link_of(page):
    page.wait_for_function("document.querySelector('#link input')?.value.startsWith('http')")
    return page.input_value("#link input")


class TestDownloads:
    def test_zip_is_what_the_page_shows(self, open_page, app_url, tmp_path):
        page = open_page("?example=boxer_26")
        wait_for_results(page)
        name, content = downloaded(page, "#download-zip")
        assert name == "boxer_26-comparison.zip"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        numbers = json.loads(files["boxer_26-numbers.json"])
        photo, truth = example_photo("boxer_26"), example_truth("boxer_26")
        _, *masks, _, _ = Client(app_url, verbose=False, download_files=tmp_path).predict(
            image=handle_file(EXAMPLES / "boxer_26.jpg"), api_name="/compare"
        )
        table = page.inner_text("#shares").replace("\xa0", " ")
        answers = page.inner_text("#verdict").replace("\xa0", " ")
        assert f"agree on {100 * numbers['agreement']:.1f} %" in table
        for mask_path, network in zip(masks, numbers["networks"]):
            mask = opened(files[f"boxer_26-{network['name']}-mask.png"])
            ids = np.asarray(mask)
            assert mask.mode == "P" and (ids == np.asarray(Image.open(mask_path))).all()
            assert sum(network["shares"].values()) == pytest.approx(1)
            by_hand = scores(confusion_matrix(truth, ids))
            for class_id, class_name in enumerate(CLASS_NAMES):
                assert network["shares"][class_name] == pytest.approx((ids == class_id).mean())
                assert f"{100 * network['shares'][class_name]:.1f} %" in table
                assert f"{by_hand['iou'][class_name]:.3f}, {by_hand['dice'][class_name]:.3f}" in table
            assert network["iou"] == pytest.approx(by_hand["iou"])
            assert sum(network["errors"].values()) == pytest.approx((truth != ids).mean())
            assert f"{100 * network['errors']['missed pet']:.1f} % missed pet" in page.get_attribute(
                f"#view-{network['name']} img.wrong", "alt"
            )
            assert f"{1000 * network['seconds']:.0f} ms" in table
            assert f"{100 * network['confidence']['photo']:.0f} %" in answers
            assert opened(files[f"boxer_26-{network['name']}-overlay.jpg"]).size == photo.size
            cutout = np.asarray(opened(files[f"boxer_26-{network['name']}-cutout.png"]))
            assert (cutout[..., 3] == np.array([255, 0, 128])[ids]).all()
            assert (cutout[ids == 0][:, :3] == np.asarray(photo)[ids == 0]).all()
        largest = numbers["largest_differences"][0]
        assert f"{largest['place']}, {100 * largest['share']:.1f} % of the photo: FCN-8 " in answers
        assert sum(pair["share"] for pair in largest["pairs"]) == pytest.approx(largest["share"])
        told = [pair for pair in largest["pairs"][:3] if pair["share"] >= 0.0005]
        for pair in told:
            words = f"FCN-8 {pair['fcn8']} and U-Net {pair['unet']} on {100 * pair['share']:.1f} %"
            if len(told) == 1:
                words = f"FCN-8 says {pair['fcn8']}, U-Net {pair['unet']}"
            assert words in answers
        assert (np.asarray(opened(files["boxer_26-truth-mask.png"])) == truth).all()

    def test_single_files_of_an_own_large_photo(self, open_page, tmp_path):
        example_photo("boxer_26").resize((2000, 1328)).save(tmp_path / "Mein Hund (1).jpg")
        page = open_page()
        assert not page.is_visible("#download-zip")
        page.set_input_files("#photo input[type=file]", tmp_path / "Mein Hund (1).jpg")
        page.wait_for_selector("#download-list")
        page.click("#download-list")
        page.wait_for_selector("#download-files a")
        names = [link.get_attribute("download") for link in page.locator("#download-files a").all()]
        assert len(names) == 7 and all(re.fullmatch(r"Mein-Hund-1-[\w-]+\.(json|png|jpg)", name) for name in names)
        _, overlay = downloaded(page, "#download-files a[download$='unet-overlay.jpg']")
        assert opened(overlay).size == (2000, 1328)
        assert not page.is_visible("#link")
        # Another photo takes the old files away.
        page.click("#photo button[aria-label='Remove Image']")
        page.wait_for_selector("#download-files", state="hidden")
        page.wait_for_selector("#download-zip", state="hidden")


class TestLinks:
    def test_address_of_an_example_can_be_copied_and_shows_it_again(self, open_page):
        page = open_page()
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("button.gallery-item").nth(1).click()
        link = link_of(page)
        page.click("#link button[aria-label=Copy]")
        page.wait_for_function("async link => await navigator.clipboard.readText() === link", arg=link)
        query = link[link.index("?") :]
        assert query == f"?example={sorted(path.stem for path in EXAMPLES.glob('*.jpg'))[1]}"
        again = open_page(query)
        assert link_of(again) == link
        page.check("#view input[value=differences]")
        page.wait_for_function("document.querySelector('#link input').value.endsWith('&show=differences')")
        same_view = open_page(query + "&show=differences")
        same_view.wait_for_selector(".differences .photo", state="visible")
        assert (
            same_view.is_checked("#view input[value=differences]") and link_of(same_view) == f"{link}&show=differences"
        )

    @pytest.mark.parametrize(
        "tab, selector",
        [("several", "#several-start"), ("contest", "#contest-figures table"), ("about", "#unet-drawing svg")],
    )
    def test_address_of_a_tab(self, open_page, tab, selector):
        open_page(f"?tab={tab}").wait_for_selector(selector, state="visible")

    def test_unknown_example_and_tab(self, open_page):
        page = open_page("?example=%3Cimg%20src=x%3E&tab=nowhere&show=nothing")
        page.wait_for_selector("#link-notice p")
        first, second, third = page.locator("#link-notice p").all_inner_texts()
        assert "asks for the example “<img src=x>”, which is not here" in first
        assert "asks for the tab “nowhere”, which is not here" in second
        assert "asks for the view “nothing”, which is not here; there are side, overlay, mask" in third
        page.locator("button.gallery-item").first.click()
        wait_for_results(page)


class TestSeveralPhotos:
    def test_gallery_table_and_bad_file(self, open_page, tmp_path):
        (tmp_path / "broken.jpg").write_bytes(b"no photo")
        names = ["boxer_26", "Bengal_93", "shiba_inu_61"]
        page = open_page("?tab=several")
        page.set_input_files(
            "#several-photos input[type=file]",
            [EXAMPLES / f"{names[0]}.jpg", tmp_path / "broken.jpg", *(EXAMPLES / f"{n}.jpg" for n in names[1:])],
        )
        page.wait_for_selector("#several-photos a >> nth=3")
        page.click("#several-start")
        page.wait_for_selector("#several-status >> text=3 of 4 photos done, 1 refused.")
        page.wait_for_selector("#several-stop:disabled")
        page.wait_for_selector("#several-refused >> text=/^broken.jpg: This file is not a photo/")
        page.wait_for_selector("#several-results img >> nth=2")
        captions = [image.get_attribute("alt") for image in page.locator("#several-results .thumbnail-item img").all()]
        name, content = downloaded(page, "#several-csv")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert name == "comparison.csv" and [row["photo"] for row in rows] == [f"{n}.jpg" for n in names]
        for row, caption in zip(rows, captions):
            assert (int(row["width"]), int(row["height"])) == example_photo(row["photo"][:-4]).size
            for network, title in (("fcn8", "FCN-8"), ("unet", "U-Net")):
                assert sum(float(row[f"{network}_{c}"]) for c in CLASS_NAMES) == pytest.approx(1, abs=1e-5)
                assert float(row[f"{network}_seconds"]) > 0
                assert f"{title} {100 * float(row[f'{network}_pet']):.1f} % pet" in caption
            assert caption.startswith(row["photo"]) and f"agree on {100 * float(row['agreement']):.1f} %" in caption
        strip = page.request.get(page.locator("#several-results .thumbnail-item img").first.get_attribute("src")).body()
        width, height = opened(strip).size
        assert width / height == pytest.approx(2 * 500 / 332, rel=0.03)
        # The same numbers as for one photo at a time.
        page = open_page("?example=boxer_26")
        wait_for_results(page)
        assert f"{100 * float(rows[0]['fcn8_pet']):.1f} %" in page.inner_text("#shares").replace("\xa0", " ")

    def test_limit_is_told_and_stop_keeps_what_is_done(self, open_page, app_url, tmp_path):
        paths = [tmp_path / f"{number}.jpg" for number in range(MAX_PHOTOS + 1)]
        large = io.BytesIO()
        example_photo("Bengal_93").resize((1500, 1000)).save(large, "JPEG")
        for path in paths:
            path.write_bytes(large.getvalue())
        page = open_page("?tab=several")
        page.wait_for_selector("#several-stop:disabled")
        assert f"Up to {MAX_PHOTOS} photos" in page.inner_text("#several-photos")
        page.set_input_files("#several-photos input[type=file]", paths)
        page.wait_for_selector(f"#several-photos a >> nth={MAX_PHOTOS}")
        # Stopped by the page itself at the moment it tells of a photo, however busy the machine is.
        page.evaluate(
            """() => new MutationObserver((_, observer) => {
                if (!/^[2-9] of/.test(document.querySelector("#several-status").innerText.trim())) return;
                observer.disconnect();
                document.querySelector("#several-stop").click();
            }).observe(document.body, {subtree: true, childList: true, characterData: true})"""
        )
        page.click("#several-start")
        page.wait_for_selector(f"#several-status >> text=/[2-9] of {MAX_PHOTOS} photos done/")
        page.wait_for_selector(
            f"#several-refused >> text=Only the first {MAX_PHOTOS} of {MAX_PHOTOS + 1} photos were taken"
        )
        page.wait_for_selector("#several-stop:disabled")
        client = Client(app_url, verbose=False, download_files=tmp_path)
        rest = iter(paths)

        def compare_three():
            """As long as three photos of the gallery would take, however busy the machine is."""
            for _ in range(3):
                client.predict(image=handle_file(next(rest)), api_name="/compare")

        compare_three()
        done = page.inner_text("#several-status")
        compare_three()
        assert page.inner_text("#several-status") == done and int(done.split()[0]) < MAX_PHOTOS
        rows = list(csv.DictReader(io.StringIO(downloaded(page, "#several-csv")[1].decode("utf-8-sig"))))
        page.wait_for_selector(f"#several-results .thumbnail-item >> nth={len(rows) - 1}")
        assert len(rows) == int(done.split()[0]) == page.locator("#several-results .thumbnail-item").count()

    def test_nothing_chosen(self, open_page):
        page = open_page("?tab=several")
        page.click("#several-start")
        assert "Choose photos first." in page.wait_for_selector("[data-testid=toast-body]").inner_text()


@pytest.mark.parametrize("width, scheme", [(1280, "dark"), (390, "light")])
def test_accessible_and_never_wider_than_the_screen(open_page, width, scheme, tmp_path):
    page = open_page("?tab=several", width, scheme)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    page.set_input_files("#several-photos input[type=file]", [EXAMPLES / "boxer_26.jpg", tmp_path / "broken.jpg"])
    page.wait_for_selector("#several-photos a >> nth=1")
    page.click("#several-start")
    page.wait_for_selector("#several-csv")
    page.wait_for_selector("#several-stop:disabled")  # who leaves a page at work is told so in the console
    check(page, width)
    for tab, selector in (("contest", "#contest-figures table"), ("about", "#unet-drawing svg")):
        page = open_page(f"?tab={tab}&example=nope", width, scheme)
        page.wait_for_selector(selector)
        check(page, width)
        for drawing in page.locator(".drawing svg:visible").all():
            box = drawing.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
    page = open_page("?example=boxer_26", width, scheme)
    page.wait_for_selector("#link")
    page.click("#download-list")
    page.wait_for_selector("#download-files a")
    check(page, width, "#download-zip, #download-list, #download-files, #link")


def check(page, width, parts=None):
    settled(page)  # fading in changes colours
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context = {"include": [[part.strip()] for part in parts.split(",")]} if parts else None
    faults = [
        fault
        for fault in Axe().run(page, context=context).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert not faults, "\n".join(
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}" for fault in faults for node in fault["nodes"]
    )
