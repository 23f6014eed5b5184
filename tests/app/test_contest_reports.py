"""The contest tab on a whole report, on none, on another's and on half of one, in a real browser."""

import json
import shutil
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from seg.errors import UserError
from seg.networks.weights import tensors_digest

from repository import PATIENCE, ROOT

NAMES = ("fcn8", "unet")
SMALL = {"fcn8": "fc_filters", "unet": "base_filters"}


class NoNetworks:
    """What the page asks of its networks, of such as compare nothing."""

    def __init__(self, segmenters):
        self.segmenters = self.compared = segmenters
        self.problems = self.skips = {}
        self.origins = dict.fromkeys(segmenters, "someone/pets")

    def compare(self, photo, **_):
        raise UserError("These networks compare nothing.")


class NoService:
    """What the page asks of its service."""

    notice = None
    flip_averaging = False

    def __init__(self, bundled_folder, networks):
        self.bundled_folder, self.networks = bundled_folder, networks

    def is_complete(self):
        return False


@pytest.fixture
def contest(browser, tmp_path):
    """A context manager: the page on a copy of the weights' reports, changed by a function, in the tab of the contest."""

    @contextmanager
    def opened(change):
        from seg.networks import build_network
        from seg.networks.anatomy import anatomy_of
        from seg.ui.page import build_page, launch

        weights = tmp_path / "weights"
        shutil.copytree(ROOT / "weights", weights, ignore=shutil.ignore_patterns("*.safetensors"))
        segmenters = {
            name: SimpleNamespace(
                name=name,
                folder=weights / name,
                image_size=128,
                anatomy=anatomy_of(build_network(name, {SMALL[name]: 4}), 128),
                config=json.loads((weights / name / "config.json").read_text()),
                metrics=json.loads((weights / name / "metrics.json").read_text()),
                digest=tensors_digest(ROOT / "weights" / name),
            )
            for name in NAMES
        }
        networks = NoNetworks(segmenters)
        change(weights, segmenters)
        page = build_page(NoService(weights, networks))
        _, url, _ = launch(page, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        try:
            tab = browser.new_page()
            tab.set_default_timeout(1000 * PATIENCE)
            faults = []
            tab.on("pageerror", lambda error: faults.append(str(error)))
            tab.goto(f"{url}?tab=contest")
            # The last of what the page is told, whichever it is: each component comes when it can.
            tab.wait_for_selector("#contest-notice:visible, #contest-chapters summary")
            tab.wait_for_selector("#contest-notice:visible, #contest-figures table")
            yield tab
            assert not faults
            assert tab.locator("[data-testid=toast-body]").count() == 0, "something went wrong"
            assert tab.locator(".error:visible").count() == 0
            tab.close()
        finally:
            page.close()

    return opened


def without_a_report(weights, segmenters):
    shutil.rmtree(weights / "report")


def with_anothers(weights, segmenters):
    for segmenter in segmenters.values():
        segmenter.digest = "of others"


@pytest.mark.parametrize(
    "change, told",
    [
        (without_a_report, "There is no saved report of this contest yet"),
        (with_anothers, "This page runs someone/pets, of which there is no saved report"),
    ],
)
def test_one_sentence_and_the_command_that_makes_one(contest, change, told):
    with contest(change) as page:
        said = page.inner_text("#contest-notice")
        assert told in said and "python -m seg.report" in said
        assert not page.is_visible("#contest-verdict") and not page.is_visible("#most-different")


def as_it_is(weights, segmenters):
    pass


def half_of_one(weights, segmenters):
    path = weights / "report/report.json"
    report = json.loads(path.read_text())
    for part in ("native", "twins", "trials", "two_by_two"):
        del report[part]
    for part in ("breeds", "surer", "larger_copies"):
        del report["contest"][part]
    del report["networks"]["unet"]["confusion_matrix"]
    path.write_text(json.dumps(report))
    shutil.rmtree(weights / "report/gallery")


def unreadable(weights, segmenters):
    path = weights / "report/report.json"
    report = json.loads(path.read_text())
    del report["contest"]["mean_iou"]
    path.write_text(json.dumps(report))


def test_a_report_that_cannot_be_read_is_a_sentence(contest):
    with contest(unreadable) as page:
        assert "python -m seg.report" in page.inner_text("#contest-notice")
        assert not page.is_visible("#contest-verdict")


def test_what_half_a_report_lacks_is_named_and_the_rest_is_told(contest):
    with contest(half_of_one) as page:
        assert "was not measured" in page.inner_text("#contest-verdict")
        assert page.locator("#contest-figures tbody tr").count() == 4
        missing = page.inner_text("#contest-missing")
        for title in (
            "what is taken for what",
            "networks that never had",
            "breed by breed",
            "photos at their own size",
        ):
            assert title in missing
        assert page.locator("#contest-skips, #contest-results").count() == 2
        assert page.locator("#contest-twins, #contest-confusion, #contest-breeds, #contest-native").count() == 0
        assert not page.is_visible("#contest-photos")


def captions(page, first):
    """What stands below the strips, once the first one says so."""
    page.wait_for_function(
        "told => document.querySelector('#most-different .caption-label')?.textContent.includes(told)", arg=first
    )
    return page.locator("#most-different .caption-label").all_inner_texts()


def test_photos_are_explored_by_score_by_a_cell_and_by_breed(contest):
    photos = json.loads((ROOT / "weights/report/gallery/photos.json").read_text())["photos"]
    by_difference = sorted(photos, key=lambda photo: -abs(photo["mean_iou"]["fcn8"] - photo["mean_iou"]["unet"]))
    with contest(as_it_is) as page:
        told = captions(page, spoken(by_difference[0]))
        winner = max(by_difference[0]["mean_iou"], key=by_difference[0]["mean_iou"].get)
        assert f"{'FCN-8' if winner == 'fcn8' else 'U-Net'} wins" in told[0] and len(told) == 24
        page.get_by_role("combobox", name="Order").click()
        page.get_by_role("option", name="lowest mean IoU of U-Net first").click()
        captions(page, spoken(min(photos, key=lambda photo: photo["mean_iou"]["unet"])))

        page.locator("summary", has_text="What is taken for what").click()
        page.get_by_title("Photos with most outline seen as pet").last.click()  # of U-Net, the second table
        most = max(photos, key=lambda photo: photo["confusions"]["unet"][6])
        share = 100 * most["confusions"]["unet"][6] / sum(most["confusions"]["unet"])
        told = captions(page, spoken(most))
        assert f"{share:.1f} % of it is outline seen as pet by U-Net" in told[0]
        page.wait_for_function(
            "document.getElementById('contest-photos').getBoundingClientRect().top < innerHeight / 2"
        )
        assert "outline seen as pet by U-Net" in page.get_by_role("combobox", name="Order").input_value()

        page.locator("summary", has_text="Breed by breed").click()
        page.locator("#contest-breeds text", has_text="great pyrenees").click()
        of_breed = [photo for photo in by_difference if photo["breed"] == "great_pyrenees"]
        told = captions(page, spoken(of_breed[0]))
        assert [text.split(":")[0] for text in told] == [spoken(photo)[:-1] for photo in of_breed]
        page.get_by_role("combobox", name="Breed").click()
        page.get_by_role("option", name="all", exact=True).click()
        assert len(captions(page, spoken(by_difference[0]))) == 24


def spoken(photo):
    return f"{photo['name'].replace('_', ' ')}:"


def test_the_whole_story(contest):
    report = json.loads((ROOT / "weights/report/report.json").read_text())
    networks = report["networks"].values()
    with contest(as_it_is) as page:
        page.set_viewport_size({"width": 390, "height": 900})
        told = page.inner_text("#contest-verdict")
        for word in ("pretrained", "ImageNet", "Skip connections", "Training time", "95 % interval"):
            assert word in told
        assert not page.is_visible("#contest-notice") and not page.is_visible("#contest-results")
        for chapter in page.locator("summary").all():
            chapter.click()
        rows = {
            row.locator("th").inner_text(): [text.replace("\n", "") for text in row.locator("td").all_inner_texts()]
            for row in page.locator("#contest-results tbody tr").all()
        }
        assert rows["Mean IoU"] == [f"{n['mean_iou']:.3f}" for n in networks]
        assert rows["IoU of outline"] == [f"{n['iou']['outline']:.3f}" for n in networks]
        assert rows["Parameters, million"] == [f"{n['cost']['parameters'] / 1e6:.1f}" for n in networks]
        best = max(networks, key=lambda n: n["mean_iou"])
        row = page.locator("#contest-results tbody tr").filter(has=page.get_by_text("Mean IoU", exact=True))
        assert row.locator("b").all_inner_texts() == [f"{best['mean_iou']:.3f}"]
        silenced = page.locator("#contest-skips tbody td:nth-child(2)").all_inner_texts()
        variants = [list(n["silenced_skips"].values()) for n in networks]
        assert silenced == [
            f"{v['mean_iou'] - whole['mean_iou']:+.3f}".replace("-", "−") for whole, *rest in variants for v in rest
        ]
        assert page.locator("#contest-twins tbody tr").count() == len(report["twins"]) // 2
        assert page.locator("#contest-curves svg[role=img]").count() == 3
        charts = page.locator("#contest-breeds svg[role=img]")
        alternatives = " ".join(chart.get_attribute("aria-label") for chart in charts.all())
        for breed, score in report["contest"]["breeds"].items():
            assert f"{breed.replace('_', ' ')} {score['fcn8']:.2f} and {score['unet']:.2f}" in alternatives
        for drawing in page.locator(".contest-charts svg").all():
            size = drawing.evaluate("svg => 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
            assert size >= 12, "too small to read on a phone"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 900})
        for table in page.locator(".contest-table:visible").all():
            assert table.bounding_box()["width"] <= 720
