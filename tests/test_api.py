"""/compare through HTTP, as a program uses it."""

import asyncio
import base64
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import numpy as np
import odd_files
import pytest
from repository import EXAMPLES, ROOT, example_photo, example_truth
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.comparison import Networks
from seg.metrics import class_shares, confusion_matrix, scores
from seg.photos import open_photo
from seg.rendering import disagreements
from seg.ui.compare_api import NUMBERS_SCHEMA
from seg.ui.difference_map import annotated


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
    endpoint = endpoints["/compare"]
    assert [parameter["parameter_name"] for parameter in endpoint["parameters"]] == ["image"]
    assert [result["python_type"]["type"] for result in endpoint["returns"][1:]] == ["filepath"] * 4
    text = client.view_api(return_format="str")
    assert "agreement: float | None" in text and "0 pet, 1 background, 2 outline" in text


def test_numbers_are_as_documented(client):
    numbers = compare(client, EXAMPLES / "boxer_26.jpg")[0]
    jsonschema.validate(numbers, NUMBERS_SCHEMA)
    assert list(numbers) == list(NUMBERS_SCHEMA["properties"])
    assert list(numbers["networks"][0]) == list(NUMBERS_SCHEMA["properties"]["networks"]["items"]["properties"])


@pytest.mark.parametrize("name", ["boxer_26", "Bengal_93"])
def test_masks_are_the_networks_own_to_the_pixel(client, networks, name):
    numbers, *images = compare(client, EXAMPLES / f"{name}.jpg")
    photo = open_photo(EXAMPLES / f"{name}.jpg")
    expected = networks.compare(photo)
    fcn8_mask, unet_mask, fcn8_overlay, unet_overlay = map(Image.open, images)
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
    assert numbers["truth"] == pytest.approx(class_shares(example_truth(name)))
    for network, mask in zip(numbers["networks"], (fcn8_mask, unet_mask)):
        by_hand = scores(confusion_matrix(example_truth(name), np.asarray(mask)))
        assert network["iou"] == pytest.approx(by_hand["iou"]) and network["dice"] == pytest.approx(by_hand["dice"])
    fcn8, unet = (s.class_map for s in expected.segmentations.values())
    regions = annotated(photo, expected)[1]
    for where, label in regions:
        says = [part.split()[-1] for part in label.split(", ")]
        assert (where == ((fcn8 == CLASS_NAMES.index(says[0])) & (unet == CLASS_NAMES.index(says[1])))).all()
    assert len(regions) == len(disagreements(fcn8, unet))


def test_phone_photo_is_upright(client, tmp_path):
    boxer = example_photo("boxer_26")
    (tmp_path / "phone.jpg").write_bytes(odd_files.sideways(boxer))
    upright = np.asarray(Image.open(compare(client, EXAMPLES / "boxer_26.jpg")[1]))
    mask = np.asarray(Image.open(compare(client, tmp_path / "phone.jpg")[1]))
    assert mask.shape == upright.shape
    assert (mask == upright).mean() > 0.97  # another JPEG of the same photo


@pytest.mark.parametrize("name", odd_files.GOOD)
def test_odd_file_becomes_a_mask(client, tmp_path, name):
    (tmp_path / name).write_bytes(odd_files.make(name, example_photo("boxer_26")))
    numbers, *images = compare(client, tmp_path / name)
    photo = open_photo(tmp_path / name)
    for mask in images[:2]:
        assert Image.open(mask).size == (photo.width, photo.height)
    for overlay in images[2:]:
        assert max(Image.open(overlay).size) <= 1600
    assert len(numbers["networks"]) == 2
    assert numbers["truth"] is None


@pytest.mark.parametrize("name, part", odd_files.BAD.items())
def test_bad_file_is_one_sentence_and_the_server_goes_on(client, tmp_path, name, part):
    (tmp_path / name).write_bytes(odd_files.make(name, example_photo("boxer_26")))
    with pytest.raises(AppError, match=part) as error:
        compare(client, tmp_path / name)
    assert "Traceback" not in str(error.value) and not re.search(r"/\w+/", str(error.value))
    assert compare(client, EXAMPLES / "boxer_26.jpg")[0]["agreement"] > 0


def test_mcp_tool(app_url, networks):
    async def call(image):
        async with (
            streamable_http_client(f"{app_url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return (await session.list_tools()).tools, await session.call_tool("compare", {"image": image})

    def sent(content):
        return "data:image/jpeg;base64," + base64.b64encode(content).decode()

    path = EXAMPLES / "boxer_26.jpg"
    (tool,), answer = _run(call(sent(path.read_bytes())))
    assert tool.name == "compare" and "0 pet, 1 background, 2 outline" in tool.description
    assert "cat or dog" in tool.inputSchema["properties"]["image"]["description"]
    numbers = json.loads(answer.content[0].text)
    jsonschema.validate(numbers, NUMBERS_SCHEMA)
    expected = networks.compare(open_photo(path))
    assert numbers["agreement"] == pytest.approx(expected.agreement)
    images = [Image.open(io.BytesIO(base64.b64decode(part.data))) for part in answer.content if part.type == "image"]
    for mask, network in zip(images[:2], ("fcn8", "unet")):
        assert (np.asarray(mask) == expected.segmentations[network].class_map).all()
    assert [image.size for image in images[2:]] == [example_photo("boxer_26").size] * 2
    refused = _run(call(sent(b"no photo")))[1]
    assert refused.isError and "This file is not a photo" in refused.content[0].text


def _run(coroutine):
    """In a thread of its own: Playwright keeps a loop running in that of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_photo_without_a_pet(client, tmp_path):
    Image.new("RGB", (640, 480), (120, 170, 230)).save(tmp_path / "sky.png")
    numbers = compare(client, tmp_path / "sky.png")[0]
    assert all(network["shares"]["background"] > 0.5 for network in numbers["networks"])
