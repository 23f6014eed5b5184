"""Whatever a program gives as a photo becomes an upright RGB one, or one sentence."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from seg.errors import UserError
from seg.images.given_photos import as_photo
from seg.images.photos import open_photo

import odd_files
from repository import EXAMPLES, example_photo

BOXER = EXAMPLES / "boxer_26.jpg"


@pytest.fixture(scope="module")
def boxer():
    return example_photo("boxer_26")


def in_mode(image, mode):
    """The image in any mode that Pillow has."""
    if mode.startswith("I;16"):
        grey = np.asarray(image.convert("L")).astype(
            mode[4:].replace("B", ">").replace("L", "<").replace("N", "=") + "u2"
        )
        return Image.frombuffer(mode, image.size, (grey * 257).astype(grey.dtype).tobytes(), "raw", mode, 0, 1)
    through = {"RGBa": ["RGBA"], "La": ["L", "LA"], "PA": ["P"]}.get(mode, [])
    for step in [*through, mode]:
        image = image.convert(step)
    return image


GREY = ("L", "I", "F", "LA", "La", "I;16", "I;16B", "I;16L", "I;16N")
EXACT = ("RGB", "RGBA", "RGBX", "RGBa", "CMYK")


@pytest.mark.parametrize("mode", sorted(Image.MODES))
def test_images_of_every_mode(boxer, mode):
    image = in_mode(boxer, mode)
    photo = as_photo(image)
    assert photo.image.mode == "RGB" and photo.image.size == (photo.width, photo.height) == boxer.size
    expected = boxer.convert("L") if mode in GREY else boxer.convert("1") if mode == "1" else boxer
    furthest = np.abs(np.asarray(photo.image, int) - np.asarray(expected.convert("RGB"), int)).mean()
    assert furthest == 0 if mode in EXACT else furthest < (20 if mode in ("P", "PA") else 2)
    assert (image.mode, image.size) == (mode, boxer.size), "the image given was changed"


# The page decodes the huge JPEG at reduced scale.
@pytest.mark.parametrize("name", [name for name in odd_files.GOOD if name != "huge.jpg"])
def test_an_image_is_what_its_file_is(boxer, name):
    content = odd_files.make(name, boxer.resize((250, 166)))
    file, image = open_photo(io.BytesIO(content)), as_photo(Image.open(io.BytesIO(content)))
    assert (file.width, file.height) == (image.width, image.height)
    assert np.abs(np.asarray(file.image, int) - np.asarray(image.image, int)).max() <= 1


def test_images_and_files_are_upright(boxer, tmp_path):
    (tmp_path / "phone.jpg").write_bytes(odd_files.sideways(boxer))
    with open(tmp_path / "phone.jpg", "rb") as file:
        for given in (tmp_path / "phone.jpg", str(tmp_path / "phone.jpg"), file, Image.open(tmp_path / "phone.jpg")):
            photo = as_photo(given)
            assert (photo.width, photo.height) == photo.image.size == boxer.size
            assert np.abs(np.asarray(photo.image, int) - np.asarray(boxer, int)).mean() < 2


def test_a_large_image_is_kept_for_display_and_stays_as_it_was(boxer):
    large = boxer.resize((4000, 2656))
    photo = as_photo(large)
    assert (photo.width, photo.height) == large.size == (4000, 2656) and photo.image.size == (1600, 1062)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64, ">f4"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_arrays(boxer, dtype, mode):
    cut = boxer.convert("RGBA")
    cut.putalpha(Image.linear_gradient("L").resize(boxer.size))
    image = cut.convert(mode)
    array = np.asarray(image) if dtype == np.uint8 else (np.asarray(image) / 255).astype(dtype)
    expected = np.asarray(as_photo(image).image)
    for given in (array, array[..., np.newaxis] if mode == "L" else np.asfortranarray(array)):
        assert (np.asarray(as_photo(given).image) == expected).all()


def test_what_numpy_makes_an_array_of(boxer):
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.asarray(boxer)

    assert (np.asarray(as_photo(Tensor()).image) == np.asarray(boxer)).all()


SQUARE = np.zeros((8, 8, 3))


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        (None, TypeError, "of type NoneType"),
        (BOXER.read_bytes(), TypeError, "of type bytes"),
        ([[0, 1], [1, 0]], TypeError, "of type list"),
        (7, TypeError, "of type int"),
        (SQUARE.astype(np.int64) - 5, TypeError, "shape (8, 8, 3), type int64, values -5 to -5"),
        (SQUARE.astype(np.uint16), TypeError, "type uint16"),
        (SQUARE.astype(bool), TypeError, "type bool"),
        (SQUARE.astype(complex), TypeError, "type complex128;"),
        (SQUARE.astype(object), TypeError, "type object;"),
        (SQUARE.astype(str), TypeError, "type <U"),
        (SQUARE + 255, ValueError, "type float64, values 255 to 255"),
        (SQUARE - 0.1, ValueError, "values -0.1 to -0.1"),
        (SQUARE + [0, np.nan, 1], ValueError, "values 0 to 1, 64 of them not finite"),
        (SQUARE * np.nan, ValueError, "type float64, 192 of them not finite"),
        (SQUARE[0, 0].astype(np.uint8), ValueError, "shape (3,)"),
        (np.zeros((2, 8, 8, 3), np.uint8), ValueError, "shape (2, 8, 8, 3)"),
        (np.zeros((3, 8, 8), np.uint8), ValueError, "shape (3, 8, 8), type uint8, values 0 to 0"),
        (np.zeros((8, 8, 5), np.uint8), ValueError, "shape (8, 8, 5)"),
        (np.zeros((0, 8, 3), np.uint8), ValueError, "shape (0, 8, 3), type uint8;"),
        (np.uint8(3), ValueError, "shape (), type uint8"),
        (Image.new("RGB", (0, 7)), ValueError, "size is 0 x 7"),
        ("no/such/photo.jpg", FileNotFoundError, "no photo 'no/such/photo.jpg'"),
        ("https://example.com/cat.jpg", FileNotFoundError, "no photo"),
        (EXAMPLES.parent / "page.py", UserError, "not a photo"),
        (EXAMPLES, UserError, "is a folder"),
        (io.BytesIO(b"no photo"), UserError, "not a photo"),
    ],
    ids=lambda value: None if isinstance(value, (str, type)) else type(value).__name__,
)
def test_what_cannot_be_used_is_one_sentence(given, kind, told):
    with pytest.raises(kind) as error:
        as_photo(given)
    assert told in str(error.value) and re.fullmatch(r"[^\n]{20,400}\.", str(error.value))


def test_colours_that_come_first_are_named():
    with pytest.raises(ValueError, match="transpose"):
        as_photo(np.zeros((3, 8, 8), np.uint8))
