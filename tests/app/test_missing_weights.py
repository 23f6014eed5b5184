"""The app where weights are missing or damaged."""

import shutil

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from seg.errors import UserError
from seg.images.photos import open_photo
from seg.inference.comparison import Networks

from repository import EXAMPLES, ROOT


@pytest.fixture
def photo():
    return open_photo(EXAMPLES / "boxer_26.jpg")


def test_no_weights_at_all(tmp_path, photo):
    networks = Networks(tmp_path, "nowhere")
    assert set(networks.problems) == {"fcn8", "unet"}
    with pytest.raises(
        UserError, match="FCN-8 of nowhere cannot be used: fcn8/config.json is missing; .* U-Net of nowhere"
    ):
        networks.compare(photo)


@pytest.mark.slow
def test_one_network_is_better_than_none(tmp_path, photo):
    shutil.copytree(ROOT / "weights/unet", tmp_path / "unet")
    networks = Networks(tmp_path, "here")
    assert list(networks.problems) == ["fcn8"]
    comparison = networks.compare(photo)
    assert list(comparison.segmentations) == ["unet"] and comparison.agreement is None


def test_a_network_in_the_wrong_folder_does_not_run(tmp_path):
    shutil.copytree(ROOT / "weights/unet", tmp_path / "fcn8")
    assert "the folder fcn8 holds U-Net" in Networks(tmp_path, "here").problems["fcn8"]


def test_numbers_that_are_none_do_not_run(tmp_path):
    from safetensors.numpy import load_file, save_file

    shutil.copytree(ROOT / "weights/unet", tmp_path / "unet")
    tensors = load_file(tmp_path / "unet/model.safetensors")
    tensors["score/bias"][0] = np.nan
    save_file(tensors, tmp_path / "unet/model.safetensors")
    assert "score/bias holds numbers that are not finite" in Networks(tmp_path, "here").problems["unet"]


def test_the_page_says_what_is_damaged_and_runs_the_other(tmp_path, running_app, browser):
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "seg").symlink_to(ROOT / "seg")
    shutil.copy(ROOT / "app.py", clone)
    shutil.copytree(ROOT / "weights", clone / "weights")
    damaged = clone / "weights/fcn8/model.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    with running_app(tmp_path, clone=clone) as (url, _):
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("#weights li", timeout=60_000)
        assert (
            "FCN-8 of the weights that come with this app cannot be used: fcn8/model.safetensors is damaged"
            in page.inner_text("#weights")
        )
        page.set_input_files("#photo input[type=file]", EXAMPLES / "boxer_26.jpg")
        page.wait_for_selector("#views .views:not(.example, .pending) #view-unet img.photo")
        assert page.locator("#view-fcn8").count() == 0
        page.close()
        shutil.rmtree(clone / "weights")  # what runs is in memory
        client = Client(url, verbose=False, download_files=tmp_path)
        try:
            numbers = client.predict(image=handle_file(EXAMPLES / "boxer_26.jpg"), api_name="/compare")[0]
        except AppError as error:
            pytest.fail(str(error))
        assert [network["name"] for network in numbers["networks"]] == ["unet"]
