"""Where more than two networks are trained, the page lets a visitor choose which two are compared."""

import pytest
from PIL import Image
from tiny import NETWORK

from seg.networks import NETWORKS, TITLES

from compare_page import RESULTS, choose, open_page, shown_classes, upload, wait_for_results
from repository import EXAMPLES, PATIENCE, save_tiny_networks

TINY = {"fcn8": {"fc_filters": 2}, "unet": {"base_filters": 2}, "tiny": {"tiny_filters": 2}}


@pytest.fixture
def three_networks(tmp_path, browser):
    """The page on three tiny networks, in this process, and the networks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
        patch.setitem(NETWORKS, NETWORK.name, NETWORK)
        patch.setitem(TITLES, NETWORK.name, NETWORK.title)
        save_tiny_networks(tmp_path / "weights", TINY)
        from seg.ui import page as ui
        from seg.ui.server.serving import Service

        service = Service(tmp_path / "weights")
        blocks = ui.build_page(service)
        _, url, _ = ui.launch(blocks, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(1000 * PATIENCE)
        open_page(page, url)
        yield page, service.networks
        page.close()
        blocks.close()


def titles(page):
    return [caption.strip() for caption in page.locator("#views .figures figcaption").all_inner_texts()]


def choose_pair(page, name):
    page.get_by_role("combobox", name="Compare").click()
    page.get_by_role("option", name=name).click()


def test_another_pair_is_compared_and_stays_chosen(three_networks):
    page, networks = three_networks
    assert page.get_by_role("combobox", name="Compare").input_value() == "FCN-8 and U-Net"
    # The example of the first screen.
    choose_pair(page, "U-Net and TinyNet")
    page.wait_for_selector("#views .views:not(.pending) #view-tiny .over .layer", state="attached")
    assert [title.split("\n")[0] for title in titles(page)] == ["U-Net", "TinyNet", "Truth"]
    # A photo of one's own, and another pair for it.
    upload(page, EXAMPLES / "Bengal_93.jpg")
    # What the example left may stand there until then.
    shown, height = f"{RESULTS} #view-tiny .over img.photo", Image.open(EXAMPLES / "Bengal_93.jpg").height
    page.wait_for_function(f"document.querySelector('{shown}')?.naturalHeight === {height}")
    wait_for_results(page, ("unet", "tiny"))
    expected = networks.compare(EXAMPLES / "Bengal_93.jpg", pair=("unet", "tiny"))
    assert (shown_classes(page, "tiny") == expected.segmentations["tiny"].class_map).mean() > 0.999
    choose_pair(page, "FCN-8 and TinyNet")
    page.wait_for_selector("#views .views:not(.pending) #view-fcn8 .over .layer", state="attached")
    assert page.locator("#view-unet").count() == 0
    assert "TinyNet" in page.inner_text("#verdict") and "U-Net" not in page.inner_text("#verdict")
    choose(page, "skips")
    assert page.get_by_role("switch").count() == 3, "two of FCN-8 and one of TinyNet"
