"""`app.py` on weights of a Hub of our own, looked at in the page."""

import time

import pytest
from gradio_client import Client as ApiClient
from gradio_client import handle_file

from hub_samples import ROOT, clean_environment, config_of, contents

PHOTO = ROOT / "seg/ui/examples/boxer_26.jpg"


@pytest.fixture
def status(browser):
    """What the page at an address says about its weights."""

    def status(url):
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("#weights li", timeout=60_000)
        text = page.inner_text("#weights")
        page.close()
        return text

    return status


def wait_for(log, text):
    deadline = time.monotonic() + 120
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def test_bundled_weights_while_the_hub_is_slow_then_the_hubs_then_the_cache(hub, call, status, running_app, tmp_path):
    """A repository with U-Net alone, of another width and image size than ours."""
    call("client_calls:train", tmp_path / "trained", {"unet": config_of("unet", 3) | {"image_size": 96}})
    hub.add("me/pets", contents(tmp_path / "trained"))
    commit = hub.repos["model", "me/pets"].branches["main"]
    hub.inject("GET", "/api/models/me/pets", "stall", times=2)
    settings = clean_environment(hub.url, tmp_path / "home") | {"WEIGHTS_REPO": "me/pets"}
    bundled = "the weights that come with this app"

    def networks_that_run(url):
        client = ApiClient(url, verbose=False, download_files=tmp_path)
        return [
            network["name"] for network in client.predict(image=handle_file(PHOTO), api_name="/compare")[0]["networks"]
        ]

    with running_app(tmp_path, settings | {"HF_TOKEN": "hf_wrong"}) as (url, log):
        assert f"Fetching me/pets from the Hugging Face Hub. Meanwhile this page runs {bundled}." in status(url)
        assert networks_that_run(url) == ["fcn8", "unet"]
        wait_for(log, "Running me/pets")
        late = status(url)
        assert f"me/pets, commit {commit[:7]}" in late
        assert "The token for the Hub is invalid or expired; me/pets was asked for without it." in late
        assert "FCN-8 is missing in me/pets" in late and bundled in late
        assert networks_that_run(url) == ["fcn8", "unet"]

    hub.inject("GET", "/api/models/me/pets", "status", status=404)
    with running_app(tmp_path, settings) as (url, log):
        wait_for(log, "Running me/pets")
        cached = status(url)
        assert "The cached copy of me/pets is used: me/pets does not exist" in cached
        assert f"me/pets, commit {commit[:7]}" in cached
        assert str(tmp_path) not in cached
