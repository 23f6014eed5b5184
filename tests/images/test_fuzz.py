"""Files of any content: a valid result or one sentence, never another exception and no great memory.

The same examples on every run, so that a failure is one everywhere.
"""

import functools
import io
import json
import re
import resource
import struct
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.numpy import save

from seg.classes import CLASS_NAMES
from seg.errors import UserError
from seg.images.photos import DISPLAY_SIZE, open_photo
from seg.networks import TITLES, build_network, tensors_of
from seg.networks.weights import as_stored, load_network, read_config, read_history, read_metrics

from repository import example_photo

pytestmark = pytest.mark.slow

LARGEST_GROWTH = 2**30
CONFIG = {
    "network": "unet",
    "arguments": {"base_filters": 2},
    "image_size": 32,
    "classes": list(CLASS_NAMES),
    "parameters": 1,
    "training": {},
}
METRICS = {
    **dict.fromkeys(("pixel_accuracy", "mean_iou", "mean_dice"), 0.5), "photos": 3,
    **{score: dict.fromkeys(CLASS_NAMES, 0.5) for score in ("iou", "dice")},
}  # fmt: skip

any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["unet", "F16", "pet", "base_filters", 32, 2**64, -1]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=9) | st.sampled_from([*CONFIG, *METRICS]), inner, max_size=4)
    ),
    max_leaves=12,
)


def fuzz(examples):
    """Bounded and repeatable; see https://hypothesis.readthedocs.io for the options."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=checks)


@pytest.fixture(autouse=True)
def little_memory():
    """Fails a test that needed more than a gibibyte at its peak."""
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < LARGEST_GROWTH


def is_a_sentence(error):
    return re.fullmatch(r"[^\n]{10,500}\.", str(error))


def mutated(contents):
    """Bytes of one of ``contents`` with some replaced, put in, taken out, or cut off."""
    edit = st.tuples(
        st.sampled_from(["replace", "insert", "delete", "cut", "repeat"]),
        st.integers(0, 2**16),
        st.binary(min_size=1, max_size=8),
    )

    def apply(content, edits):
        content = bytearray(content)
        for kind, place, data in edits:
            # Mostly near the start, where the sizes are.
            place = place % (len(content) + 1) if place % 3 else place % 64
            if kind == "replace":
                content[place : place + len(data)] = data
            elif kind == "insert":
                content[place:place] = data
            elif kind == "delete":
                del content[place : place + len(data)]
            elif kind == "cut":
                del content[max(place, 8) :]
            else:
                content[place:place] = content[place : place + 64]
        return bytes(content)

    return st.builds(apply, st.sampled_from(contents), st.lists(edit, min_size=1, max_size=6))


@functools.cache
def photo_files():
    photo = example_photo("boxer_26").resize((24, 18))
    files = []
    for file_format in (
        "JPEG",
        "PNG",
        "WEBP",
        "HEIF",
        "AVIF",
        "GIF",
        "BMP",
        "TIFF",
        "JPEG2000",
        "PPM",
        "TGA",
        "ICO",
        "MPO",
        "EPS",
        "PSD",
    ):
        for image in (photo, photo.convert("L"), photo.convert("P"), photo.convert("RGBA")):
            file = io.BytesIO()
            try:
                exif = Image.Exif()
                exif[274] = 6
                image.save(
                    file, file_format, **({"exif": exif} if file_format in ("JPEG", "PNG", "WEBP", "TIFF") else {})
                )
            except (OSError, KeyError, ValueError):  # a mode or format that Pillow does not write
                continue
            files.append(file.getvalue())
    return files


@fuzz(400)
@given(st.data())
def test_photo_of_any_content(data):
    content = data.draw(mutated(photo_files()) | st.binary(max_size=200))
    try:
        photo = open_photo(io.BytesIO(content))
    except UserError as error:
        assert is_a_sentence(error)
    else:
        assert (
            photo.image.mode == "RGB" and max(photo.image.size) <= DISPLAY_SIZE and min(photo.width, photo.height) > 0
        )
        photo.image.load()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network's folder whose files the tests write."""
    return tmp_path_factory.mktemp("weights") / "unet"


def written(folder, name, content):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def changed(valid):
    """``valid``, an object, with fields of any kind in it; or any JSON."""
    return (
        st.builds(
            lambda fields: valid | fields,
            st.dictionaries(st.sampled_from(sorted(valid)) | st.text(max_size=9), any_json, max_size=3),
        )
        | any_json
    )


@fuzz(200)
@given(st.data())
def test_config_of_any_content(folder, data):
    arguments = st.builds(
        lambda fields: CONFIG | {"arguments": fields},
        st.dictionaries(st.sampled_from(["base_filters", "fc_filters", "dropout_rate"]), any_json),
    )
    written(folder, "config.json", data.draw(changed(CONFIG) | arguments | mutated([json.dumps(CONFIG).encode()])))
    try:
        config = read_config(folder)
    except UserError as error:
        assert is_a_sentence(error)
    else:
        assert (
            config["network"] in TITLES and 16 <= config["image_size"] <= 4096 and isinstance(config["training"], dict)
        )


@fuzz(200)
@given(st.data())
def test_metrics_of_any_content(folder, data):
    written(folder, "metrics.json", data.draw(changed(METRICS) | mutated([json.dumps(METRICS).encode()])))
    metrics = read_metrics(folder)
    assert metrics is None or 0 <= (metrics["mean_iou"] or 0) <= 1


@fuzz(100)
@given(st.data())
def test_history_of_any_content(folder, data):
    written(folder, "history.csv", data.draw(mutated([b"epoch,loss\n1,0.5\n2,0.4\n"]) | st.binary(max_size=99)))
    try:
        assert all(isinstance(row["epoch"], int) for row in read_history(folder))
    except UserError as error:
        assert is_a_sentence(error)


@pytest.fixture(scope="module")
def network():
    return build_network("unet", CONFIG["arguments"])


@pytest.fixture(scope="module")
def valid(network):
    """Content of a file of its weights."""
    return save(as_stored(tensors_of(network)))


@fuzz(150)
@given(st.data())
def test_weights_of_any_content(folder, network, valid, data):
    length = struct.unpack("<Q", valid[:8])[0]
    header, body = json.loads(valid[8 : 8 + length]), valid[8 + length :]

    def file_of(fields, name, entry, stated):
        changed_header = json.dumps(header | fields | {name: entry}).encode()
        return struct.pack("<Q", len(changed_header) if stated is None else stated) + changed_header + body

    numbers = st.integers(-1, 2**64) | st.integers(0, 9)
    entry = any_json | st.fixed_dictionaries({
        "dtype": st.sampled_from(["F16", "F32", "F64", "BF16", "I8", "nonsense"]), "shape": st.lists(numbers, max_size=5), "data_offsets": st.lists(numbers, max_size=3),
    })  # fmt: skip
    headers = st.builds(
        file_of,
        st.dictionaries(st.text(max_size=9), any_json, max_size=2),
        st.sampled_from(sorted(header)) | st.text(max_size=9),
        entry,
        st.none() | st.integers(0, 2**64 - 1),
    )
    written(folder, "config.json", CONFIG)
    written(folder, "model.safetensors", data.draw(headers | mutated([valid]) | st.binary(max_size=99)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "seg.networks.weights.build_network", lambda name, arguments: network
        )  # it takes longest, and is the same
        try:
            loaded, config = load_network(folder)
        except UserError as error:
            assert is_a_sentence(error)
        else:
            assert (
                all(np.isfinite(tensor).all() for tensor in tensors_of(loaded).values()) and config["network"] == "unet"
            )
