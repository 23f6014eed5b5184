"""/compare through HTTP, as a program uses it."""

import re

import numpy as np
import odd_files
import pytest
from repository import EXAMPLES, ROOT, example_photo, example_truth
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.comparison import Networks
from seg.metrics import confusion_matrix, scores
from seg.photos import open_photo
from seg.rendering import disagreements


@pytest.fixture(scope="module")
def client(app_url, tmp_path_factory):
    return Client(app_url, verbose=False, download_files=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def networks():
    return Networks(ROOT / "weights", "here")


def compare(client, path):
    return client.predict(image=handle_file(path), api_name="/compare")


def test_documented_endpoint(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert list(endpoints) == ["/compare"]
    assert [parameter["parameter_name"] for parameter in endpoints["/compare"]["parameters"]] == ["image"]


@pytest.mark.parametrize("name", ["boxer_26", "Bengal_93"])
def test_masks_are_the_networks_own_to_the_pixel(client, networks, name):
    *images, numbers, differences, truth = compare(client, EXAMPLES / f"{name}.jpg")
    expected = networks.compare(open_photo(EXAMPLES / f"{name}.jpg"))
    fcn8_overlay, unet_overlay, fcn8_mask, unet_mask = map(Image.open, images)
    for network, mask in (("fcn8", fcn8_mask), ("unet", unet_mask)):
        assert mask.format == "PNG" and mask.mode == "P"
        assert (np.asarray(mask) == expected.segmentations[network].class_map).all()
    for overlay in (fcn8_overlay, unet_overlay):
        assert overlay.size == fcn8_mask.size == example_photo(name).size
    assert numbers["agreement"] == pytest.approx(expected.agreement)
    assert [network["name"] for network in numbers["networks"]] == ["fcn8", "unet"]
    for network, mask in zip(numbers["networks"], (fcn8_mask, unet_mask)):
        assert sum(network["shares"].values()) == pytest.approx(1)
        assert network["shares"]["pet"] == pytest.approx((np.asarray(mask) == 0).mean())
    assert (np.asarray(Image.open(truth)) == example_truth(name)).all()
    for network, mask in zip(numbers["networks"], (fcn8_mask, unet_mask)):
        by_hand = scores(confusion_matrix(example_truth(name), np.asarray(mask)))
        assert network["iou"] == pytest.approx(by_hand["iou"]) and network["dice"] == pytest.approx(by_hand["dice"])
    fcn8, unet = (s.class_map for s in expected.segmentations.values())
    for region in differences["annotations"]:
        says = [part.split()[-1] for part in region["label"].split(", ")]
        where = np.asarray(Image.open(region["image"]))[..., 3] > 0
        assert (where == ((fcn8 == CLASS_NAMES.index(says[0])) & (unet == CLASS_NAMES.index(says[1])))).all()
    assert len(differences["annotations"]) == len(disagreements(fcn8, unet))


def test_phone_photo_is_upright(client, tmp_path):
    boxer = example_photo("boxer_26")
    (tmp_path / "phone.jpg").write_bytes(odd_files.sideways(boxer))
    *images, _, _, _ = compare(client, tmp_path / "phone.jpg")
    upright = np.asarray(Image.open(compare(client, EXAMPLES / "boxer_26.jpg")[2]))
    mask = np.asarray(Image.open(images[2]))
    assert mask.shape == upright.shape
    assert (mask == upright).mean() > 0.97  # another JPEG of the same photo


@pytest.mark.parametrize("name", odd_files.GOOD)
def test_odd_file_becomes_a_mask(client, tmp_path, name):
    (tmp_path / name).write_bytes(odd_files.make(name, example_photo("boxer_26")))
    *images, numbers, _, truth = compare(client, tmp_path / name)
    photo = open_photo(tmp_path / name)
    for mask in images[2:]:
        assert Image.open(mask).size == (photo.width, photo.height)
    for overlay in images[:2]:
        assert max(Image.open(overlay).size) <= 1600
    assert len(numbers["networks"]) == 2
    assert truth is None and numbers["truth"] is None


@pytest.mark.parametrize("name, part", odd_files.BAD.items())
def test_bad_file_is_one_sentence_and_the_server_goes_on(client, tmp_path, name, part):
    (tmp_path / name).write_bytes(odd_files.make(name, example_photo("boxer_26")))
    with pytest.raises(AppError, match=part) as error:
        compare(client, tmp_path / name)
    assert "Traceback" not in str(error.value) and not re.search(r"/\w+/", str(error.value))
    assert compare(client, EXAMPLES / "boxer_26.jpg")[4]["agreement"] > 0


def test_photo_without_a_pet(client, tmp_path):
    Image.new("RGB", (640, 480), (120, 170, 230)).save(tmp_path / "sky.png")
    numbers = compare(client, tmp_path / "sky.png")[4]
    assert all(network["shares"]["background"] > 0.5 for network in numbers["networks"])
