"""What visitors leave on the server is deleted after the stated time; here that time ends when the test says so."""

import socket
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from gradio_client import Client, handle_file

from seg.classes import CLASS_NAMES
from seg.networks import build_network, tensors_of
from seg.networks.weights import save_network_folder
from seg.ui.server import uploads

from repository import EXAMPLES, PATIENCE


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page on a tiny network, in this process: its address and the folder of its uploads."""
    folder = tmp_path_factory.mktemp("page")
    arguments = {"base_filters": 2}
    config = {
        "network": "unet",
        "arguments": arguments,
        "image_size": 32,
        "classes": list(CLASS_NAMES),
        "parameters": None,
        "training": {},
    }
    save_network_folder(folder / "weights/unet", config, tensors_of(build_network("unet", arguments)), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        patch.setattr("seg.ui.server.uploads.SWEEP_SECONDS", 0.2)
        from seg.ui import page
        from seg.ui.server.serving import Service

        blocks = page.build_page(Service(folder / "weights"))
        _, url, _ = page.launch(blocks, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        yield url.rstrip("/"), folder / "uploads"
        blocks.close()


def status(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_photos_results_and_leftovers_are_deleted_and_examples_stay(page, tmp_path, monkeypatch):
    url, folder = page
    examples = files(folder)
    assert {path.name for path in examples} >= {path.name for path in EXAMPLES.glob("*.jpg")}
    photo = tmp_path / "visitor.jpg"
    # Not the example whose results the page shows first: their files are there already.
    photo.write_bytes((EXAMPLES / "keeshond_71.jpg").read_bytes() + b"!")
    Client(url, verbose=False, download_files=tmp_path).predict(image=handle_file(photo), api_name="/compare")
    (uploaded,) = folder.rglob("visitor.jpg")
    mask = next(path for path in files(folder) - examples if path.suffix == ".png")
    addresses = [f"{url}/gradio_api/file={urllib.parse.quote(str(path))}" for path in (uploaded, mask)]
    assert [status(address) for address in addresses] == [200, 200]

    before = files(folder)
    address = urllib.parse.urlsplit(url)
    with socket.create_connection((address.hostname, address.port)) as visitor:  # who leaves in the middle of an upload
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999999\r\n\r\n"
        visitor.sendall(
            (
                head + '--b\r\nContent-Disposition: form-data; name="files"; filename="half.jpg"\r\n\r\nhalf of it'
            ).encode()
        )
        deadline = time.monotonic() + PATIENCE
        while files(folder) == before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert {uploaded, mask} <= files(folder), "deleted before its time"
    monkeypatch.setattr("seg.ui.server.uploads.KEEP_SECONDS", 0)
    deadline = time.monotonic() + PATIENCE
    while files(folder) != examples:
        assert time.monotonic() < deadline, (
            f"not deleted: {files(folder) - examples}; deleted too much: {examples - files(folder)}"
        )
        time.sleep(0.2)
    assert [status(address) for address in addresses] == [403, 403]


def test_sweep_leaves_what_is_new_and_what_is_kept(tmp_path):
    for name in ("old/photo.jpg", "old/kept.jpg", "empty/photo.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(EXAMPLES / "boxer_26.jpg")
    uploads.sweep(tmp_path, set(), 3600)
    assert len(list(tmp_path.rglob("*"))) == 6
    uploads.sweep(tmp_path, {str(tmp_path / "old/kept.jpg")}, -1)  # even what is of this very moment
    assert files(tmp_path) == {tmp_path / "old/kept.jpg"} and (EXAMPLES / "boxer_26.jpg").exists()
    uploads.sweep(tmp_path, {str(tmp_path / "old/kept.jpg")}, -1)
    assert not (tmp_path / "empty").exists()
