import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from seg.errors import UserError
from seg.images.photos import DISPLAY_SIZE, open_full_size, open_photo

import odd_files
from repository import example_photo

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


# What undoes each orientation that EXIF knows: how a camera would have stored an upright photo.
AS_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", AS_STORED)
def test_every_exif_orientation_is_applied(orientation, boxer):
    stored = boxer if AS_STORED[orientation] is None else boxer.transpose(AS_STORED[orientation])
    exif, file = Image.Exif(), io.BytesIO()
    exif[274] = orientation
    stored.save(file, "JPEG", exif=exif, quality=95)
    photo = opened(file.getvalue())
    assert (photo.width, photo.height) == photo.image.size == boxer.size
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


def test_heic_is_opened_but_not_shown_by_browsers(boxer, tmp_path):
    (tmp_path / "a.heic").write_bytes(odd_files.make("iphone.heic", boxer))
    photo = open_photo(tmp_path / "a.heic")
    assert not photo.shown_by_browsers and photo.image.size == boxer.size


def test_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="choose it again"):
        open_photo(tmp_path / "gone.jpg")


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1), (1, 1)])
def test_narrow_jpeg_opens(size):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "JPEG")
    photo = opened(file.getvalue())
    assert (photo.width, photo.height) == size and max(photo.image.size) <= DISPLAY_SIZE


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, side", [("PNG", 7200), ("GIF", 7200), ("WEBP", 6400), ("AVIF", 3620), ("JPEG2000", 1500)]
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


def test_photos_of_50_megapixel_phones_open():
    """8,192 x 6,144 is their full size."""
    file = io.BytesIO()
    Image.new("1", (8192, 6144)).save(file, "PNG")
    assert opened(file.getvalue()).width == 8192


def jpegs(boxer):
    for progressive in (False, True):
        for image in (boxer, boxer.convert("L"), boxer.convert("CMYK"), boxer.resize((33, 17))):
            file = io.BytesIO()
            image.save(file, "JPEG", progressive=progressive)
            yield file.getvalue()
    file = io.BytesIO()
    boxer.save(file, "JPEG", restart_marker_blocks=4)
    yield file.getvalue()


@pytest.mark.parametrize("number", range(9))
def test_jpeg_that_lacks_its_end_but_no_pixel_opens(boxer, number):
    """As browsers show it."""
    whole = list(jpegs(boxer))[number]
    expected = np.asarray(opened(whole).image)
    comment = b"\xff\xfe\x40\x00a comment that says it is longer"
    for end in (b"", b"\xff", b"\0\0", b"\0" * 5000, b"text behind it", comment, comment + b"\xff\xd9"):
        assert (np.asarray(opened(whole[:-2] + end).image) == expected).all(), end[:20]
    assert (np.asarray(opened(whole + b"a film" * 100).image) == expected).all()


@pytest.mark.parametrize("number", range(9))
def test_jpeg_that_lacks_pixels_is_refused(boxer, number):
    whole = list(jpegs(boxer))[number]
    expected = np.asarray(opened(whole).image)
    scan, refused = whole.rindex(b"\xff\xda"), 0
    for kept in {
        len(whole) - 20,
        len(whole) - 60,
        (scan + len(whole)) // 2,
        scan + 20,
        scan + 5,
        scan,
        len(whole) // 2,
    }:
        for end in (b"", b"\0" * 40):
            try:  # the last scan may hold nothing but zeros, which nobody misses
                assert (np.asarray(opened(whole[:kept] + end).image) == expected).all()
            except UserError as error:
                assert "damaged" in str(error) or "not a photo" in str(error)
                refused += 1
    assert refused >= 10


def test_a_jpeg_without_its_end_has_its_full_size_too(boxer, tmp_path):
    file = io.BytesIO()
    boxer.save(file, "JPEG")
    (tmp_path / "a.jpg").write_bytes(file.getvalue()[:-2])
    assert open_full_size(tmp_path / "a.jpg").size == boxer.size
