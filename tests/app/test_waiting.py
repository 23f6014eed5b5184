"""What a visitor sees while the networks work, and that a changed photo stops them."""

import threading
import time

import pytest

from seg.images.photos import open_photo
from seg.ui import photo_input
from seg.ui.compare.stage import VIEWS
from seg.ui.server.newest import Replaced
from seg.ui.server.uploads import sweep

from compare_page import RESULTS, open_page, settled, upload, wait_for_results
from repository import EXAMPLES, PATIENCE, example_photo, save_tiny_networks

WORKING = r"#views [data-testid=status-tracker] >> text=/processing|\d s|\d\.\d/"
"""What the page shows in the place of results to come."""

TINY = {"fcn8": {"fc_filters": 2}, "unet": {"base_filters": 2}}


class SlowNetworks:
    """Real networks, between which a comparison waits for as long as `held` is set."""

    def __init__(self, networks):
        self._networks = networks
        self.held = threading.Event()
        self.begun, self.stopped = [], []

    def __getattr__(self, name):
        return getattr(self._networks, name)

    def compare(self, photo, before_each=lambda: None, **options):
        self.begun.append(photo.image.size)
        try:
            while self.held.is_set():
                before_each()
                time.sleep(0.05)
            return self._networks.compare(photo, before_each, **options)
        except Replaced:
            self.stopped.append(photo.image.size)
            raise


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def slow_app(tmp_path_factory, uploads):
    """The page on tiny networks, in this process: its address and the networks."""
    folder = tmp_path_factory.mktemp("slow")
    save_tiny_networks(folder / "weights", TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        from seg.ui import page
        from seg.ui.server.serving import Service

        service = Service(folder / "weights")
        service.networks = SlowNetworks(service.networks)
        blocks = page.build_page(service)
        _, url, _ = page.launch(blocks, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        yield url, service.networks
        blocks.close()


@pytest.fixture
def waiting(slow_app, browser):
    """A page whose networks wait, and the networks."""
    url, networks = slow_app
    networks.held.set()
    networks.begun.clear()
    networks.stopped.clear()
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    open_page(page, url)
    yield page, networks
    networks.held.clear()
    page.close()
    assert not page.faults


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


FRAMES = "boxes => boxes.filter(box => box.checkVisibility()).map(box => Object.values(box.getBoundingClientRect().toJSON()))"
SEEN = """box => {
    let opacity = 1;
    for (let each = box; each; each = each.parentElement) opacity *= getComputedStyle(each).opacity;
    return opacity;
}"""
"""The share of it that shows, 0..1; what is behind shows through the rest."""


def test_work_shows_where_the_results_will_be_and_goes_with_them(waiting, tmp_path):
    page, networks = waiting
    example_photo("boxer_26").resize((500, 400)).save(tmp_path / "own.png")  # its truth is not known
    upload(page, tmp_path / "own.png")
    page.wait_for_selector(WORKING)
    # The photo stands in both frames at once, and what was said of another is dimmed.
    page.wait_for_function(
        "[...document.querySelectorAll('.pending .waiting img')].filter(image => image.naturalWidth === 500).length === 2"
    )
    assert page.locator(".pending .looking").all_inner_texts() == ["FCN-8 is looking…", "U-Net is looking…"]
    assert page.locator("#verdict").evaluate("e => getComputedStyle(e).opacity") < "0.5"
    assert page.evaluate("document.getAnimations().length") >= 2, "nothing moves"
    settled(page)
    assert page.locator(".pending .waiting").first.evaluate(SEEN) == 1
    frames = page.eval_on_selector_all(".pending .waiting", FRAMES)
    networks.held.clear()
    wait_for_results(page)
    assert page.eval_on_selector_all(".figures .stack", FRAMES) == [pytest.approx(frame, abs=1) for frame in frames]
    page.wait_for_selector(WORKING, state="hidden")
    assert page.locator(".pending").count() == 0
    assert page.locator("#verdict").evaluate("e => getComputedStyle(e).opacity") == "1"


def test_a_changed_photo_stops_the_run_of_the_old_one(waiting):
    page, networks = waiting
    old, new = example_photo("boxer_26").size, example_photo("keeshond_71").size
    assert old != new
    upload(page, EXAMPLES / "boxer_26.jpg")
    until(lambda: networks.begun)
    page.click("#photo button[aria-label='Remove Image']")
    upload(page, EXAMPLES / "keeshond_71.jpg")
    until(lambda: networks.stopped)
    assert networks.stopped == [old]
    until(lambda: len(networks.begun) > 1)
    networks.held.clear()
    wait_for_results(page)
    assert networks.begun[-1] == new and networks.stopped == [old]
    page.wait_for_function(
        "size => document.querySelector('#view-unet .over img.photo').naturalWidth === size[0]", arg=list(new)
    )


def test_a_removed_photo_stops_its_run(waiting):
    page, networks = waiting
    upload(page, EXAMPLES / "boxer_26.jpg")
    until(lambda: networks.begun)
    page.click("#photo button[aria-label='Remove Image']")
    until(lambda: networks.stopped)
    page.wait_for_selector(WORKING, state="hidden")
    page.wait_for_selector("#views .views.example")
    assert page.locator(RESULTS).count() == 0


def test_one_visitor_does_not_stop_another(waiting, slow_app, browser):
    page, networks = waiting
    upload(page, EXAMPLES / "boxer_26.jpg")
    until(lambda: networks.begun)
    other = browser.new_page()
    open_page(other, slow_app[0])
    upload(other, EXAMPLES / "keeshond_71.jpg")
    other.wait_for_selector("#photo button[aria-label='Remove Image']")
    networks.held.clear()
    for visitor in (page, other):
        wait_for_results(visitor)
    assert not networks.stopped
    other.close()


def test_every_view_works_when_the_server_has_deleted_the_photo(waiting, slow_app, uploads, tmp_path):
    """As after the hour for which files are kept."""
    page, networks = waiting
    networks.held.clear()
    before = {str(path) for path in uploads.rglob("*")}  # of the page itself, which stay
    own = tmp_path / "own.jpg"  # an example would lie where the page's own copy of it does, and stay
    own.write_bytes((EXAMPLES / "boxer_26.jpg").read_bytes() + b"!")
    upload(page, own)
    wait_for_results(page)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.wait_for_selector("#download-zip")
    sweep(uploads, before, -1)
    assert not [path for path in uploads.rglob("*") if path.is_file() and str(path) not in before]
    for _, name in VIEWS:
        page.check(f"#view input[value={name}]")
        assert page.locator("#views .stage").is_visible()
        assert page.evaluate("[...document.querySelectorAll('#views img')].every(image => image.naturalWidth > 0)")
    assert page.locator("[data-testid=toast-body]").count() == 0
    page.click("#download-zip")
    toast = page.wait_for_selector("[data-testid=toast-body]")
    assert "no longer on the server; choose it again" in toast.inner_text()


def test_a_jpeg_is_decoded_once(waiting, monkeypatch):
    page, networks = waiting
    networks.held.clear()
    opened = []
    monkeypatch.setattr(photo_input, "open_photo", lambda path: opened.append(path) or open_photo(path))
    upload(page, EXAMPLES / "keeshond_71.jpg")
    wait_for_results(page)
    assert len(opened) == 1


def test_few_pictures_are_fetched_between_choice_and_results(waiting):
    """The chosen photo, for its frame and for the stage; of each network how sure it is, its probabilities and errors."""
    page, networks = waiting
    networks.held.clear()
    page.wait_for_function("[...document.images].every(image => image.naturalWidth > 0)")  # those of the examples
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if "/file=" in request.url else None)
    upload(page, EXAMPLES / "boxer_26.jpg")
    wait_for_results(page)
    page.wait_for_function("[...document.querySelectorAll('#views img')].every(image => image.naturalWidth > 0)")
    assert len(fetched) == len(set(fetched)) <= 8
