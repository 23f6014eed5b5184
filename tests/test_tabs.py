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
from repository import EXAMPLES, ROOT, example_photo, example_truth

from seg.classes import CLASS_NAMES
from seg.metrics import confusion_matrix, scores
from seg.ui.several_tab import MAX_PHOTOS

REPORT = json.loads((ROOT / "weights/report/report.json").read_text())


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
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{app_url}/{query}")
        page.wait_for_selector("#photo input[type=file]", state="attached")
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
        page.wait_for_selector("#shares tr.score")
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
        assert (
            f"{largest['place']}, {100 * largest['share']:.1f} % of the photo: FCN-8 says {largest['fcn8']}, U-Net {largest['unet']}"
            in answers
        )
        assert (np.asarray(opened(files["boxer_26-truth-mask.png"])) == truth).all()

    def test_single_files_of_an_own_large_photo(self, open_page, tmp_path):
        example_photo("boxer_26").resize((2000, 1328)).save(tmp_path / "Mein Hund (1).jpg")
        page = open_page()
        assert not page.is_visible("#download-zip")
        page.set_input_files("#photo input[type=file]", tmp_path / "Mein Hund (1).jpg")
        page.wait_for_selector("#shares table")
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
        again.wait_for_selector("#shares table")
        assert link_of(again) == link
        page.check("#view input[value=differences]")
        page.wait_for_function("document.querySelector('#link input').value.endsWith('&show=differences')")
        same_view = open_page(query + "&show=differences")
        same_view.wait_for_selector("#differences img.base-image", state="visible")
        assert (
            same_view.is_checked("#view input[value=differences]") and link_of(same_view) == f"{link}&show=differences"
        )

    @pytest.mark.parametrize(
        "tab, selector",
        [("several", "#several-start"), ("contest", "#contest-results table"), ("about", "#unet-drawing svg")],
    )
    def test_address_of_a_tab(self, open_page, tab, selector):
        open_page(f"?tab={tab}").wait_for_selector(selector, state="visible")

    def test_unknown_example_and_tab(self, open_page):
        page = open_page("?example=%3Cimg%20src=x%3E&tab=nowhere&show=nothing")
        page.wait_for_selector("#link-notice p")
        first, second, third = page.locator("#link-notice p").all_inner_texts()
        assert "asks for the example “<img src=x>”, which is not here" in first
        assert "asks for the tab “nowhere”, which is not here" in second
        assert "asks for the view “nothing”, which is not here; there are overlay, mask" in third
        page.locator("button.gallery-item").first.click()
        page.wait_for_selector("#shares table")


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
        assert page.is_disabled("#several-stop")
        assert page.inner_text("#several-refused").startswith("broken.jpg: This file is not a photo")
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
        page.goto(page.url.partition("?")[0] + "?example=boxer_26")
        page.wait_for_selector("#shares table")
        assert f"{100 * float(rows[0]['fcn8_pet']):.1f} %" in page.inner_text("#shares").replace("\xa0", " ")

    def test_limit_is_told_and_stop_keeps_what_is_done(self, open_page, tmp_path):
        paths = [tmp_path / f"{number}.jpg" for number in range(MAX_PHOTOS + 1)]
        for path in paths:
            path.write_bytes((EXAMPLES / "Bengal_93.jpg").read_bytes())
        page = open_page("?tab=several")
        page.wait_for_selector("#several-stop:disabled")
        assert f"Up to {MAX_PHOTOS} photos" in page.inner_text("#several-photos")
        page.set_input_files("#several-photos input[type=file]", paths)
        page.wait_for_selector(f"#several-photos a >> nth={MAX_PHOTOS}")
        page.click("#several-start")
        page.wait_for_selector(f"#several-status >> text=/[2-9] of {MAX_PHOTOS} photos done/")
        assert f"Only the first {MAX_PHOTOS} of {MAX_PHOTOS + 1} photos were taken" in page.inner_text(
            "#several-refused"
        )
        page.click("#several-stop")
        page.wait_for_selector("#several-stop:disabled")
        page.wait_for_timeout(1000)
        done = page.inner_text("#several-status")
        page.wait_for_timeout(1500)
        assert page.inner_text("#several-status") == done and int(done.split()[0]) < MAX_PHOTOS
        rows = list(csv.DictReader(io.StringIO(downloaded(page, "#several-csv")[1].decode("utf-8-sig"))))
        assert len(rows) == int(done.split()[0]) == page.locator("#several-results .thumbnail-item").count()

    def test_nothing_chosen(self, open_page):
        page = open_page("?tab=several")
        page.click("#several-start")
        assert "Choose photos first." in page.wait_for_selector("[data-testid=toast-body]").inner_text()


class TestContest:
    def test_tables_and_charts_are_the_report(self, open_page):
        page = open_page("?tab=contest")
        page.wait_for_selector("#contest-results table")
        assert not page.is_visible("#contest-notice")
        assert f"{abs(REPORT['contest']['mean_iou']['difference']):.3f} mean IoU" in page.inner_text("#contest-verdict")
        rows = {
            row.locator("th").inner_text().split("\n")[0]: row.locator("td").all_inner_texts()
            for row in page.locator("#contest-results tbody tr").all()
        }
        networks = REPORT["networks"].values()
        assert rows["Mean IoU"] == [f"{n['mean_iou']:.3f}" for n in networks]
        assert rows["IoU of outline"] == [f"{n['iou']['outline']:.3f}" for n in networks]
        assert rows["Parameters"] == [f"{n['cost']['parameters'] / 1e6:.1f} million" for n in networks]
        best = max(networks, key=lambda n: n["mean_iou"])
        assert page.locator("#contest-results tr", has_text="Mean IoU").locator("b").all_inner_texts() == [
            f"{best['mean_iou']:.3f}"
        ]
        skips = [
            text.split()[0] for text in page.locator("#contest-skips tbody td:not(#contest-twins td)").all_inner_texts()
        ]
        assert skips == [f"{score['mean_iou']:.3f}" for n in networks for score in n["silenced_skips"].values()]
        twins = [text.split()[0] for text in page.locator("#contest-twins tbody td").all_inner_texts()]
        assert sorted(twins) == sorted(f"{twin['mean_iou']:.3f}" for twin in REPORT["twins"])
        assert page.locator("#contest-curves svg[role=img]").count() == 3
        told = " ".join(
            chart.get_attribute("aria-label") for chart in page.locator("#contest-breeds svg[role=img]").all()
        )
        for breed, score in REPORT["contest"]["breeds"].items():
            assert f"{breed.replace('_', ' ')} {score['fcn8']:.2f} and {score['unet']:.2f}" in told
        assert (
            page.locator("#contest-breeds circle").count() == 2 * len(REPORT["contest"]["breeds"]) + 2
        )  # the key has two

    def test_a_most_different_photo_opens_in_compare(self, open_page):
        page = open_page("?tab=contest")
        page.wait_for_selector("#most-different img >> nth=9")
        photo = REPORT["contest"]["most_different"][2]
        name = photo["file_name"].removesuffix(".jpg")
        strip = page.locator("#most-different .thumbnail-item").nth(2)
        assert (
            strip.locator("img").get_attribute("alt")
            == f"{name.replace('_', ' ')}: FCN-8 {photo['mean_iou']['fcn8']:.2f}, U-Net {photo['mean_iou']['unet']:.2f}"
        )
        strip.click()
        page.wait_for_selector("#shares tr.score")
        assert page.get_by_role("tab", name="Compare").get_attribute("aria-selected") == "true"
        shown = opened(page.request.get(page.get_attribute("#photo img", "src")).body())
        saved = Image.open(ROOT / f"weights/report/most-different/{name}.photo.png")
        assert (np.asarray(shown.convert("RGB")) == np.asarray(saved)).all()
        assert link_of(page).endswith(f"?example={name}")
        _, content = downloaded(page, "#download-zip")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            numbers = json.loads(archive.read(f"{name}-numbers.json"))
        for network in numbers["networks"]:
            assert np.mean(list(network["iou"].values())) == pytest.approx(photo["mean_iou"][network["name"]], abs=0.03)


def test_drawings_say_what_they_show(open_page):
    page = open_page("?tab=about")
    page.wait_for_selector("#unet-drawing svg")
    arguments = {
        name: json.loads((ROOT / f"weights/{name}/config.json").read_text())["arguments"] for name in ("fcn8", "unet")
    }
    bottom = {"fcn8": arguments["fcn8"]["fc_filters"], "unet": 16 * arguments["unet"]["base_filters"]}
    for name, features in bottom.items():
        drawing = page.locator(f"#{name}-drawing svg[role=img]")
        assert f"{features} features" in drawing.locator("text").all_text_contents()
        assert "The encoder on the left" in drawing.get_attribute("aria-label")
    for link in (
        "arxiv.org/abs/1411.4038",
        "arxiv.org/abs/1505.04597",
        "robots.ox.ac.uk/~vgg/data/pets",
        "creativecommons.org",
    ):
        assert page.locator(f"a[href*='{link}']:visible").count() > 0


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (1280, "dark"), (390, "light")])
def test_accessible_and_never_wider_than_the_screen(open_page, width, scheme, tmp_path):
    page = open_page("?tab=several", width, scheme)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    page.set_input_files("#several-photos input[type=file]", [EXAMPLES / "boxer_26.jpg", tmp_path / "broken.jpg"])
    page.wait_for_selector("#several-photos a >> nth=1")
    page.click("#several-start")
    page.wait_for_selector("#several-csv")
    page.wait_for_selector("#several-stop:disabled")  # who leaves a page at work is told so in the console
    check(page, width)
    for tab, selector in (("contest", "#contest-breeds svg"), ("about", "#unet-drawing svg")):
        page.goto(page.url.partition("?")[0] + f"?tab={tab}&example=nope")
        page.wait_for_selector(selector)
        check(page, width)
        for drawing in page.locator(".drawing svg:visible").all():
            box = drawing.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
    page.goto(page.url.partition("?")[0] + "?example=boxer_26")
    page.wait_for_selector("#link")
    page.click("#download-list")
    page.wait_for_selector("#download-files a")
    check(page, width, "#download-zip, #download-list, #download-files, #link")


def check(page, width, parts=None):
    page.wait_for_timeout(500)  # fading in changes colours
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
