"""/compare through HTTP, as a program uses it."""

import base64
import io
import json
import re
import subprocess
import sys
import urllib.request
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from seg.evaluation.metrics import class_shares, confusion_matrix, scores
from seg.images.photos import open_photo
from seg.inference.comparison import Networks
from seg.inference.numbers import NUMBERS_SCHEMA
from seg.ui.compare.differences import COLOURS, numbered_pairs

import odd_files
from repository import EXAMPLES, ROOT, example_photo, example_truth, run_async
from visitor import Visitor

UNLOADED = SimpleNamespace(networks=SimpleNamespace(skips={}))
"""A service without networks."""


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
    assert [parameter["parameter_name"] for parameter in endpoint["parameters"]] == ["image", "without"]
    assert endpoint["parameters"][1]["parameter_has_default"]
    assert [result["python_type"]["type"] for result in endpoint["returns"][1:]] == ["filepath"] * 4
    text = client.view_api(return_format="str")
    assert "agreement: float | None" in text and "0 pet, 1 background, 2 outline" in text


@pytest.fixture(scope="module")
def documented(app_url):
    """What the API's documentation says of the endpoint."""
    with urllib.request.urlopen(f"{app_url}/gradio_api/info") as answer:
        return json.load(answer)["named_endpoints"]["/compare"]


def test_the_documentation_names_what_is_accepted(client, documented, app_url):
    photo, _ = documented["parameters"]
    described = " ".join([photo["python_type"]["description"], *(str(v) for v in photo["type"]["properties"].values())])
    for text in (described, client.view_api(return_format="str")):
        assert "handle_file(" in text and "data: URL" in text and "not opened" in text
        assert "publicly available" not in text.lower() and "local filepath" not in text
    for path in ("info", "info/", "openapi.json", "mcp/schema"):
        with urllib.request.urlopen(f"{app_url}/gradio_api/{path}") as answer:
            text = answer.read().decode()
        json.loads(text)
        assert "raw.githubusercontent.com" not in text and ".invalid" not in text and "publicly available" not in text


def test_the_documented_example_is_a_photo_of_this_app(documented, app_url):
    example = documented["parameters"][0]["example_input"]
    assert example["url"].startswith(f"{app_url}/gradio_api/file=")
    with urllib.request.urlopen(example["url"]) as answer:
        assert answer.read() == EXAMPLES.joinpath(example["orig_name"]).read_bytes()


def test_the_documented_address_is_the_one_by_which_it_was_asked(app_url):
    proxied = urllib.request.Request(
        f"{app_url}/gradio_api/info",
        headers={"X-Forwarded-Host": "pets.example.org", "X-Forwarded-Proto": "https"},
    )
    with urllib.request.urlopen(proxied) as answer:
        example = json.load(answer)["named_endpoints"]["/compare"]["parameters"][0]["example_input"]
    assert example["url"].startswith("https://pets.example.org/gradio_api/file=")


def test_the_documented_snippet_runs(documented, tmp_path):
    snippet = documented["code_snippets"]["python"]
    printed = subprocess.run([sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert printed.returncode == 0 and "'agreement'" in printed.stdout, printed.stderr


def test_the_documented_example_is_accepted_as_it_stands(documented, app_url):
    example = documented["parameters"][0]["example_input"]
    for value in (example, {"path": example["path"], "meta": example["meta"]}, {"url": example["url"]}):
        assert Visitor(app_url).compare(value).results, value


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
    shown = np.asarray(numbered_pairs(fcn8, unet))
    for number, pair in enumerate(COLOURS, 1):
        assert ((shown == number) == ((fcn8 == pair[0]) & (unet == pair[1]))).all()


def test_a_skip_connection_can_be_silenced(client, networks):
    path = EXAMPLES / "boxer_26.jpg"
    (whole, fcn8, *_), (numbers, *masks) = (
        client.predict(image=handle_file(path), without=without, api_name="/compare")
        for without in ([], ["unet.1", "unet.2"])
    )
    jsonschema.validate(numbers, NUMBERS_SCHEMA)
    assert [network["without"] for network in numbers["networks"]] == [[], ["1", "2"]]
    assert [network["confidence"]["calibrated"] for network in numbers["networks"]] == [True, False]
    expected = networks.disturbed(path, ["unet.1", "unet.2"])
    assert list(expected) == ["unet"]
    assert (np.asarray(Image.open(masks[0])) == np.asarray(Image.open(fcn8))).all()
    assert (np.asarray(Image.open(masks[1])) == expected["unet"].class_map).all()
    assert numbers["networks"][1]["mean_iou"] < whole["networks"][1]["mean_iou"] - 0.02


@pytest.mark.parametrize(
    "without, told",
    [
        (["unet.9"], "There is no skip connection 'unet.9'; there are fcn8.pool3, fcn8.pool4, unet.1, unet.2"),
        ("unet.4", "named by a list of text"),
        ([4], "named by a list of text"),
    ],
)
def test_what_is_no_skip_connection_is_refused_in_a_sentence(client, without, told):
    with pytest.raises(AppError, match=re.escape(told)):
        client.predict(image=handle_file(EXAMPLES / "boxer_26.jpg"), without=without, api_name="/compare")


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
    async def call(image, **more):
        async with (
            streamable_http_client(f"{app_url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return (await session.list_tools()).tools, await session.call_tool("compare", {"image": image, **more})

    def sent(content):
        return "data:image/jpeg;base64," + base64.b64encode(content).decode()

    path = EXAMPLES / "boxer_26.jpg"
    (tool,), answer = run_async(call(sent(path.read_bytes())))
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
    assert tool.inputSchema["properties"]["without"]["items"] == {"type": "string"}
    assert tool.inputSchema["required"] == ["image"]
    disturbed = run_async(call(sent(path.read_bytes()), without=["fcn8.pool4"]))[1]
    assert json.loads(disturbed.content[0].text)["networks"][0]["without"] == ["pool4"]
    unknown = run_async(call(sent(path.read_bytes()), without=["pool4"]))[1]
    assert unknown.isError and "There is no skip connection 'pool4'" in unknown.content[0].text
    bare = run_async(call(base64.b64encode(path.read_bytes()).decode()))[1]
    assert not bare.isError and json.loads(bare.content[0].text)["agreement"] == pytest.approx(expected.agreement)
    for given, told in (
        (sent(b"no photo"), "This file is not a photo"),
        ("/home/me/cat.jpg", "send its content as a data: URL"),
        ("cat.jpg", "send its content as a data: URL"),
        ("", "send its content as a data: URL"),
        ("https://example.com/cat.jpg", "send it as a data: URL"),
    ):
        refused = run_async(call(given))[1]
        assert refused.isError and told in refused.content[0].text, given
        assert "provide a url" not in refused.content[0].text


def test_what_the_mcp_tool_is_called_on_a_space(monkeypatch):
    import gradio as gr
    import gradio.mcp

    from seg.ui.server import compare_api

    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "me/pets")
    with gr.Blocks() as page:
        compare_api.register(UNLOADED)
    (tool,) = gradio.mcp.GradioMCPServer(page).tool_to_endpoint
    assert tool == "pets_compare" and f"`{tool}`" in (ROOT / ".github/DEPLOY.md").read_text()


def test_the_mcp_tool_is_described_without_docstrings_too():
    """As under ``python -OO``, which leaves them out."""
    import gradio as gr
    import gradio.mcp

    path = ROOT / "seg/ui/server/compare_api.py"
    stripped = {"__name__": "seg.ui.server.compare_api"}
    exec(compile(path.read_text(), path, "exec", optimize=2), stripped)
    assert stripped["register"].__doc__ is None
    with gr.Blocks() as page:
        stripped["register"](UNLOADED)
    (tool,) = page.fns.values()
    description, arguments = gradio.mcp.GradioMCPServer(page).get_fn_description(tool, "compare")
    assert "0 pet, 1 background, 2 outline" in description and "cat or dog" in arguments["image"]
    assert arguments["without"] and "\n" not in "".join(arguments.values())


def test_photo_without_a_pet(client, tmp_path):
    Image.new("RGB", (640, 480), (120, 170, 230)).save(tmp_path / "sky.png")
    numbers = compare(client, tmp_path / "sky.png")[0]
    assert all(network["shares"]["background"] > 0.5 for network in numbers["networks"])
