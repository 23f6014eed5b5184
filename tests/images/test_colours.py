"""Photos in other colour spaces than sRGB look to the networks as they look in a browser."""

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from seg.images import colours
from seg.images.colours import MAX_PROFILE_BYTES, matrix_profile
from seg.images.photos import open_full_size, open_photo

from repository import example_photo

SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
D65 = (0.3127, 0.3290)
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *D65)
SRGB = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *D65)


def icc(space, tags):
    """A profile of version 2 that has these tags."""
    place, table, content = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", place + len(content), len(data))
        content += data
    head = struct.pack(
        ">I4xI4s4s4s",
        place + len(content),
        0x02400000,
        b"prtr" if space == b"CMYK" else b"mntr",
        space,
        b"Lab " if space == b"CMYK" else b"XYZ ",
    )
    head += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp").ljust(44, b"\0") + struct.pack(
        ">3i", 63190, 65536, 54061
    )
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def white_point():
    return b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)


def grey_profile(gamma):
    return icc(
        b"GRAY", {b"wtpt": white_point(), b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH2x", 1, round(gamma * 256))}
    )


def press_profile():
    """Inks that are far from what their names say: a table of lightness and colour for each pair of extremes."""
    table = bytearray()
    for node in range(16):
        c, m, y, k = ((node >> shift) & 1 for shift in (3, 2, 1, 0))
        lightness = 95 * (1 - 0.5 * c) * (1 - 0.4 * m) * (1 - 0.1 * y) * (1 - 0.8 * k)
        table += bytes([round(lightness * 2.55), 128 - 50 * c + 40 * m, 128 - 20 * c + 60 * y])
    curve = bytes(range(256))
    identity = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + curve * 4 + bytes(table) + curve * 3
    return icc(b"CMYK", {b"wtpt": white_point(), b"A2B0": table, b"A2B1": table})


PROFILES = {
    "Display P3": matrix_profile(P3, SRGB_CURVE),
    "ProPhoto": matrix_profile((0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001, 0.3457, 0.3585), (1.8,)),
    "swapped": matrix_profile(SRGB[2:6] + SRGB[:2] + D65, SRGB_CURVE),
    "linear": matrix_profile(SRGB, (1.0,)),
}


@pytest.fixture(scope="module")
def photo():
    return example_photo("boxer_26").resize((120, 90))


def saved(image, file_format, **options):
    file = io.BytesIO()
    image.save(
        file, file_format, **({"quality": 95} if file_format in ("JPEG", "WEBP", "HEIF", "AVIF") else {}) | options
    )
    return file.getvalue()


def with_chunks(png, *chunks):
    """A PNG file with further chunks behind its header."""
    added = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return png[:33] + added + png[33:]


def mean(content):
    return np.asarray(open_photo(io.BytesIO(content)).image, float).mean((0, 1))


def gama(exponent):
    return b"gAMA", struct.pack(">I", round(100_000 / exponent))


def chrm(rx, ry, gx, gy, bx, by, wx, wy):
    return b"cHRM", struct.pack(">8I", *(round(100_000 * part) for part in (wx, wy, rx, ry, gx, gy, bx, by)))


def with_nclx(heif, primaries, curve):
    """A file of HEIC or AVIF, its code points replaced."""
    place = heif.index(b"colrnclx") + 8
    return heif[:place] + struct.pack(">HH", primaries, curve) + heif[place + 4 :]


def browser_cases(photo):
    grey, png = photo.convert("L"), saved(photo, "PNG")
    for name, profile in PROFILES.items():
        for file_format in ("JPEG", "PNG", "WEBP", "AVIF"):
            yield f"{name}, {file_format}", saved(photo, file_format, icc_profile=profile)
    p3 = PROFILES["Display P3"]
    yield "palette", saved(photo.quantize(64), "PNG", icc_profile=PROFILES["ProPhoto"])
    cut = photo.convert("RGBA")
    cut.putalpha(Image.linear_gradient("L").resize(photo.size))
    yield "transparent", saved(cut, "PNG", icc_profile=PROFILES["swapped"])
    yield "grey JPEG", saved(grey, "JPEG", icc_profile=grey_profile(1.0))
    yield "grey PNG", saved(grey, "PNG", icc_profile=grey_profile(1.0))
    yield "grey and alpha", saved(cut.convert("LA"), "PNG", icc_profile=grey_profile(3.0))
    yield "grey JPEG, profile of colours", saved(grey, "JPEG", icc_profile=PROFILES["linear"])
    yield "colours, profile of grey", saved(photo, "JPEG", icc_profile=grey_profile(1.0))
    yield "CMYK", saved(photo.convert("CMYK"), "JPEG", icc_profile=press_profile())
    yield "CMYK, profile of colours", saved(photo.convert("CMYK"), "JPEG", icc_profile=p3)
    yield (
        "16 bits",
        saved(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257), "PNG", icc_profile=grey_profile(1.0)),
    )
    yield "gAMA", with_chunks(png, gama(1.0))
    yield "gAMA, grey", with_chunks(saved(grey, "PNG"), gama(1.0))
    yield "gAMA and cHRM", with_chunks(png, gama(1.8), chrm(*P3))
    yield "cHRM alone", with_chunks(png, chrm(*P3))
    yield "sRGB before gAMA", with_chunks(png, (b"sRGB", b"\0"), gama(1.0))
    yield "profile before gAMA", with_chunks(saved(photo, "PNG", icc_profile=p3), gama(1.0))
    yield "cICP", with_chunks(png, (b"cICP", bytes([12, 13, 0, 1])))
    yield "nclx in AVIF", with_nclx(saved(photo, "AVIF"), 12, 13)
    yield "nothing", png
    yield "broken", saved(photo, "PNG", icc_profile=b"no profile" * 20)
    yield "cut off", saved(photo, "JPEG", icc_profile=p3[:300])


def test_the_networks_get_the_colours_that_a_browser_shows(photo, browser):
    page = browser.new_page()
    shown_mean = """async address => {
        const image = new Image(); image.src = address; await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
        context.fillStyle = "white"; context.fillRect(0, 0, image.width, image.height); context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, image.width, image.height).data, sums = [0, 0, 0];
        for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4] += data[i];
        return sums.map(sum => sum / image.width / image.height)}"""
    wrong, plain = {}, mean(saved(photo, "PNG"))
    changed = 0
    for name, content in browser_cases(photo):
        kind = Image.open(io.BytesIO(content)).get_format_mimetype()
        shown = page.evaluate(shown_mean, f"data:{kind};base64,{base64.b64encode(content).decode()}")
        seen = mean(content)
        changed += np.abs(np.array(shown) - plain).max() > 5
        if np.abs(seen - shown).max() > 2:
            wrong[name] = (seen.round(1).tolist(), np.round(shown, 1).tolist())
    page.close()
    assert not wrong and changed > 20


@pytest.mark.parametrize("name", PROFILES)
def test_formats_that_no_browser_shows(photo, name):
    expected = mean(saved(photo, "PNG", icc_profile=PROFILES[name]))
    assert np.abs(expected - mean(saved(photo, "PNG"))).max() > 3
    for file_format in ("TIFF", "HEIF"):
        assert np.abs(mean(saved(photo, file_format, icc_profile=PROFILES[name])) - expected).max() < 2, file_format
    jp2, box = saved(photo, "JPEG2000"), b"colr\2\0\0" + PROFILES[name]
    place, head = jp2.index(b"colr") - 4, jp2.index(b"jp2h") - 4
    (length,) = struct.unpack(">I", jp2[place : place + 4])
    (whole,) = struct.unpack(">I", jp2[head : head + 4])
    box = struct.pack(">I", len(box) + 4) + box
    jp2 = (
        jp2[:head] + struct.pack(">I", whole - length + len(box)) + jp2[head + 4 : place] + box + jp2[place + length :]
    )
    assert np.abs(mean(jp2) - expected).max() < 2


def test_heic_with_code_points():
    """A red in Display P3's numbers, as iPhones store them."""
    red = Image.new("RGB", (64, 64), (206, 63, 49))
    heic = saved(
        red,
        "HEIF",
        quality=100,
        chroma=444,
        color_primaries=12,
        transfer_characteristics=13,
        matrix_coefficients=6,
        full_range_flag=1,
        save_nclx_profile=True,
    )
    assert np.abs(mean(heic) - (224, 44, 36)).max() < 3
    assert np.abs(mean(saved(red, "PNG", icc_profile=PROFILES["Display P3"])) - (224, 44, 36)).max() < 2


def test_every_way_out_of_the_decoder(photo, tmp_path):
    file = tmp_path / "p3.png"
    file.write_bytes(saved(photo, "PNG", icc_profile=PROFILES["swapped"]))
    opened = open_photo(file).image
    expected = np.asarray(opened, float).mean((0, 1))
    # As the page shows it in place of a photo that browsers cannot show.
    opened.save(tmp_path / "shown.jpg", quality=92)
    shown = Image.open(tmp_path / "shown.jpg")
    assert not shown.info.get("icc_profile") and np.abs(np.asarray(shown, float).mean((0, 1)) - expected).max() < 2
    full = open_full_size(file)
    assert np.abs(np.asarray(full, float).mean((0, 1)) - expected).max() < 1
    assert "icc_profile" not in Image.open(io.BytesIO(saved(full, "PNG"))).info, "a cut-out would be converted twice"


def test_profiles_that_are_no_profiles_are_ignored(photo):
    png, jpeg = saved(photo, "PNG"), saved(photo, "JPEG")
    plain, plain_jpeg = mean(png), mean(jpeg)
    p3 = PROFILES["Display P3"]

    def iccp(profile, method=0):
        return b"iCCP", b"x\0" + bytes([method]) + zlib.compress(profile)

    for chunk in (
        iccp(p3 + bytes(MAX_PROFILE_BYTES)), iccp(bytes(200 << 20)), iccp(p3, method=3), (b"iCCP", b""), (b"iCCP", b"x\0\0no zlib"), (b"gAMA", b""),
        gama(100_000), (b"gAMA", bytes(4)), (b"gAMA", b"\xff" * 4), (b"cHRM", bytes(32)), (b"cHRM", bytes(3)), (b"cHRM", b"\xff" * 32), (b"sRGB", b""), (b"cICP", b"\0"),
        (b"cICP", bytes([9, 16, 0, 1])), (b"cICP", bytes([255, 255, 255, 255])), chrm(*(0.3,) * 8),
    ):  # fmt: skip
        content = with_chunks(png, chunk)
        if chunk[0] == b"gAMA" and chunk[1] not in (b"", bytes(4)):
            assert mean(content).shape == (3,)  # it says something, however odd
        else:
            assert np.abs(mean(content) - plain).max() < 1, chunk[:50]
    for place in range(0, len(p3), 7):
        broken = bytearray(p3)
        broken[place : place + 4] = b"\xff\xff\xff\xff"
        assert mean(saved(photo, "PNG", icc_profile=bytes(broken))).shape == (3,)
    assert np.abs(mean(saved(photo, "JPEG", icc_profile=p3 + bytes(MAX_PROFILE_BYTES))) - plain_jpeg).max() < 1


def test_srgb_costs_nothing(photo, monkeypatch):
    def transformed(*_):
        raise AssertionError("transformed")

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    contents = [
        saved(photo, "JPEG"),
        saved(photo, "JPEG", icc_profile=profile),
        saved(photo, "PNG", icc_profile=matrix_profile(SRGB, SRGB_CURVE)),
    ]
    for content in contents:  # what a profile does is tried once
        mean(content)
    monkeypatch.setattr(ImageCms, "applyTransform", transformed)
    assert [np.abs(mean(content) - mean(contents[0])).max() < 2 for content in contents] == [True] * 3


@pytest.mark.parametrize("code", colours._PRIMARIES)
def test_every_primary_lies_where_colours_are(code):
    """H.273's spaces for screens: red, green and blue around the white, each a colour that light can have."""
    *primaries, white = np.reshape(colours._PRIMARIES[code], (4, 2))
    assert all(x > 0 and y > 0 and x + y < 1.001 for x, y in primaries), "1: light of one wavelength"
    red, green, blue = primaries
    for one, other in ((red, green), (green, blue), (blue, red)):
        (x, y), (to_x, to_y) = other - one, white - one
        assert x * to_y - y * to_x > 0, "white is to the left of each side"
    assert red[0] > 0.6 and green[1] > 0.59 and blue[1] < 0.09 and np.abs(white - (1 / 3, 1 / 3)).max() < 0.03
