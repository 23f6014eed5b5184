import io

import numpy as np
import odd_files
import pillow_heif
import pytest
from repository import example_photo
from PIL import Image

from seg.errors import UserError
from seg.photos import DISPLAY_SIZE, convert_for_browser, open_photo

GREY = ("greyscale", "sixteen_bits", "float")


@pytest.fixture(scope="module")
def boxer():
    return example_photo("boxer_26")


def opened(content):
    return open_photo(io.BytesIO(content))


def difference(image, reference):
    return np.abs(np.asarray(image, float) - np.asarray(reference, float)).mean()


@pytest.mark.parametrize("name", odd_files.GOOD)
def test_good_file_opens(name, boxer):
    photo = opened(odd_files.make(name, boxer))
    assert photo.image.mode == "RGB"
    expected = {"one_pixel": (1, 1), "wide": (4000, 1), "huge": (10_000, 10_000)}.get(
        name.partition(".")[0], boxer.size
    )
    assert (photo.width, photo.height) == expected
    assert max(photo.image.size) <= DISPLAY_SIZE
    if expected == boxer.size and "transparent" not in name and "one_bit" not in name:
        reference = boxer.convert("L").convert("RGB") if name.startswith(GREY) else boxer
        assert difference(photo.image, reference) < 8, "it does not look like the photo"


@pytest.mark.parametrize("name, part", odd_files.BAD.items())
def test_bad_file_is_one_sentence(name, part, boxer):
    with pytest.raises(UserError, match=part) as error:
        opened(odd_files.make(name, boxer))
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_exif_orientation_is_applied(boxer):
    photo = opened(odd_files.sideways(boxer))
    assert (photo.width, photo.height) == boxer.size
    assert difference(photo.image, boxer) < 4


def test_heic_orientation_is_applied_once(boxer):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    pillow_heif.from_pillow(boxer.transpose(Image.Transpose.ROTATE_90)).save(file, exif=exif.tobytes(), quality=95)
    photo = opened(file.getvalue())
    assert (photo.width, photo.height) == boxer.size
    assert difference(photo.image, boxer) < 8


def test_transparency_becomes_white():
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(clear, "PNG")
    assert opened(clear.getvalue()).image.getpixel((0, 0)) == (255, 255, 255)


def test_first_frame_of_an_animation(boxer):
    assert difference(opened(odd_files.make("animated.gif", boxer)).image, boxer) < 8


def test_large_photo_keeps_its_size(boxer):
    large = io.BytesIO()
    boxer.resize((4000, 3000)).save(large, "JPEG")
    photo = opened(large.getvalue())
    assert (photo.width, photo.height) == (4000, 3000)
    assert photo.image.size == (1600, 1200)


def test_heic_is_converted_for_the_browser(boxer, tmp_path):
    (tmp_path / "a.heic").write_bytes(odd_files.make("iphone.heic", boxer))
    photo = open_photo(tmp_path / "a.heic")
    assert not photo.shown_by_browsers
    convert_for_browser(photo.source, tmp_path / "a.jpg")
    shown = Image.open(tmp_path / "a.jpg")
    assert shown.format == "JPEG" and shown.size == boxer.size
    assert difference(shown, photo.image) < 3


def test_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="choose it again"):
        open_photo(tmp_path / "gone.jpg")


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1), (1, 1)])
def test_narrow_jpeg_opens(size):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "JPEG")
    photo = opened(file.getvalue())
    assert (photo.width, photo.height) == size and max(photo.image.size) <= DISPLAY_SIZE


@pytest.mark.parametrize(
    "name, side", [("PNG", 7100), ("GIF", 7100), ("WEBP", 6400), ("AVIF", 3620), ("JPEG2000", 1500)]
)
def test_formats_that_take_long_have_a_lower_limit(name, side):
    file = io.BytesIO()
    Image.new("1" if name == "PNG" else "L", (side, side)).save(file, name)
    with pytest.raises(UserError, match="the most for its format; make it smaller, or save it as JPEG"):
        opened(file.getvalue())


def test_jpeg_that_would_take_minutes_is_refused_undecoded():
    file = io.BytesIO()
    Image.new("L", (400, 300), 128).save(file, "JPEG", progressive=True)
    photo, last = file.getvalue(), file.getvalue().rindex(b"\xff\xc4")
    assert (
        opened(photo[:-2] + photo[last:-2] * 50 + photo[-2:] + b"\xff\xda" * 5000).width == 400
    )  # what follows the photo does not count
    for hostile in (photo[:-2] + photo[last:-2] * 5000 + photo[-2:], photo[:2] + b"\xff\xef\0\2" * 20_000 + photo[2:]):
        with pytest.raises(UserError, match="as no camera builds one"):
            opened(hostile)
