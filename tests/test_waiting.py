"""What a visitor sees while the networks work, and that a changed photo stops them."""

import threading
import time

import pytest
from compare_page import upload, wait_for_results
from repository import EXAMPLES, example_photo

from seg.classes import CLASS_NAMES
from seg.networks import build_network, tensors_of
from seg.ui.newest import Replaced
from seg.weights import save_network_folder

TINY = {"fcn8": {"fc_filters": 2}, "unet": {"base_filters": 2}}


class SlowNetworks:
    """Real networks, between which a comparison waits for as long as `held` is set."""

    def __init__(self, networks):
        self._networks = networks
        self.held = threading.Event()
        self.begun, self.stopped = [], []

    def __getattr__(self, name):
        return getattr(self._networks, name)

    def compare(self, photo, before_each):
        self.begun.append(photo.image.size)
        try:
            while self.held.is_set():
                before_each()
                time.sleep(0.05)
            return self._networks.compare(photo, before_each)
        except Replaced:
            self.stopped.append(photo.image.size)
            raise


@pytest.fixture(scope="module")
def slow_app(tmp_path_factory):
    """The page on tiny networks, in this process: its address and the networks."""
    folder = tmp_path_factory.mktemp("slow")
    for name, arguments in TINY.items():
        config = {
            "network": name,
            "arguments": arguments,
            "image_size": 32,
            "classes": list(CLASS_NAMES),
            "parameters": None,
            "training": {},
        }
        save_network_folder(folder / "weights" / name, config, tensors_of(build_network(name, arguments)), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        from seg.serving import Service
        from seg.ui import page

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
    page.set_default_timeout(60_000)
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.goto(url)
    page.wait_for_selector("#photo input[type=file]", state="attached")
    yield page, networks
    networks.held.clear()
    page.close()
    assert not page.faults


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_work_shows_where_the_results_will_be_and_goes_with_them(waiting):
    page, networks = waiting
    upload(page, EXAMPLES / "boxer_26.jpg")
    for place in ("#views", "#shares"):
        page.wait_for_selector(f"{place} [data-testid=status-tracker] >> text=/processing|\\d s|\\d\\.\\d/")
    networks.held.clear()
    wait_for_results(page)
    for place in ("#views", "#shares"):
        page.wait_for_selector(
            f"{place} [data-testid=status-tracker] >> text=/processing|\\d s|\\d\\.\\d/", state="hidden"
        )


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
        "size => document.querySelector('#view-unet img.photo').naturalWidth === size[0]", arg=list(new)
    )


def test_a_removed_photo_stops_its_run(waiting):
    page, networks = waiting
    upload(page, EXAMPLES / "boxer_26.jpg")
    until(lambda: networks.begun)
    page.click("#photo button[aria-label='Remove Image']")
    until(lambda: networks.stopped)
    page.wait_for_timeout(500)
    assert page.locator("#view-unet").count() == 0


def test_one_visitor_does_not_stop_another(waiting, slow_app, browser):
    page, networks = waiting
    upload(page, EXAMPLES / "boxer_26.jpg")
    until(lambda: networks.begun)
    other = browser.new_page()
    other.goto(slow_app[0])
    other.wait_for_selector("#photo input[type=file]", state="attached")
    upload(other, EXAMPLES / "keeshond_71.jpg")
    other.wait_for_selector("#photo button[aria-label='Remove Image']")
    networks.held.clear()
    for visitor in (page, other):
        wait_for_results(visitor)
    assert not networks.stopped
    other.close()
