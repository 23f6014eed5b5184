"""What a photo's numbers mean as colours: those of any colour space become sRGB, as browsers show them.

A photo says which space its numbers are in by an ICC profile, by code points
(ITU-T H.273: "nclx" in HEIC and AVIF, "cICP" in PNG), or by the chunks gAMA,
cHRM and sRGB of PNG. Where it says nothing, or nothing that can be understood,
its numbers are taken for sRGB.
"""

import contextlib
import functools
import io
import struct

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

MAX_PROFILE_BYTES = 4 << 20
"""Largest profile that is followed; those of presses have up to 3 MB."""

_MOST_BOXES = 1000  # in one row

# x and y of red, green, blue and white, by the code points of H.273.
_D65 = (0.3127, 0.3290)
_SRGB = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *_D65)
_PRIMARIES = {
    1: _SRGB,
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65),
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),
    22: (0.630, 0.340, 0.295, 0.605, 0.155, 0.077, *_D65),
}
# Curves as parameters of ICC: a power, or the five of sRGB. What cameras write as BT.709 is meant, and shown, as sRGB.
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_CURVES = {**dict.fromkeys((1, 2, 6, 13, 14, 15), _SRGB_CURVE), 4: (2.2,), 5: (2.8,), 8: (1.0,)}

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def profile_of(image: Image.Image, source=None) -> bytes | None:
    """The ICC profile of an image that Pillow has opened; one is made where it says its colours in another way.

    It may be no valid one, and is None where the numbers are sRGB or nothing is said.

    Args:
        source: path or binary file object that it was opened from, where that is known; its position stays.
    """
    info = image.info
    if codes := info.get("cicp"):
        return _of_code_points(*codes[:2])
    if profile := info.get("icc_profile"):
        return profile
    if codes := info.get("nclx_profile"):
        return _of_code_points(codes["color_primaries"], codes["transfer_characteristics"])
    if source is not None and image.format in ("AVIF", "JPEG2000"):  # Pillow does not tell
        return _of_boxes(source)
    if info.get("gamma") and "srgb" not in info:
        return _of_png(info["gamma"], info.get("chromaticity"))
    return None


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image with its colours in sRGB, RGB or RGBA, or the same image where there is nothing to convert.

    Args:
        image: of mode L, LA, RGB, RGBA or CMYK.
        profile: as of `profile_of`. One that is broken, larger than `MAX_PROFILE_BYTES` or of another kind of
            colours than the image is ignored.
    """
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        return image
    found = _transform(profile, image.mode.removesuffix("A"))
    if found is None:
        return image
    transform, mode = found
    converted = ImageCms.applyTransform(image.convert(mode), transform)
    if image.mode.endswith("A"):
        converted.putalpha(image.getchannel("A"))
    return converted


def matrix_profile(chromaticities, curve) -> bytes:
    """An ICC profile of three primaries (ICC.1:2022, 8.3.3).

    Args:
        chromaticities: x and y of red, green, blue and white.
        curve: exponent, or the five parameters g, a, b, c, d of ICC's parametric curve 3.

    Raises:
        ValueError: there is no such space, such as one of three equal primaries.
    """
    points = np.array(chromaticities, float).reshape(4, 2)
    with np.errstate(all="raise"):
        try:
            xyz = np.stack([points[:, 0], points[:, 1], 1 - points.sum(1)]) / points[:, 1]
            primaries, white = xyz[:, :3], xyz[:, 3]
            to_white = primaries * np.linalg.solve(primaries, white)
            adapted = (
                np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white)) @ _BRADFORD @ to_white
            )
        except (FloatingPointError, np.linalg.LinAlgError) as error:
            raise ValueError("no colour space has these primaries") from error

    def fixed(*numbers):
        return b"".join(struct.pack(">i", round(float(np.clip(number, -32767, 32767)) * 65536)) for number in numbers)

    parameters = b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0) + fixed(*curve)
    tags = [(name, b"XYZ \0\0\0\0" + fixed(*column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), adapted.T)]
    tags += [(b"wtpt", b"XYZ \0\0\0\0" + fixed(*_D50)), *((name, parameters) for name in (b"rTRC", b"gTRC", b"bTRC"))]
    place, table, content = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += name + struct.pack(">II", place + len(content), len(data))
        content += data
    head = struct.pack(">I4xI4s4s4s", place + len(content), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp").ljust(44, b"\0") + fixed(*_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


@functools.lru_cache(maxsize=4)
def _transform(profile, mode):
    """A transform to sRGB and the mode of what goes in; None where there is none or it changes nothing."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(opened.profile.xcolor_space.strip())
        if space != mode and (mode, space) != ("L", "RGB"):
            return None
        transform = ImageCms.buildTransform(opened, _srgb(), space, "RGB", ImageCms.Intent.PERCEPTUAL)
        return None if space != "CMYK" and _changes_nothing(transform, space) else (transform, space)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):  # broken ones
        return None


@functools.cache
def _srgb():
    """sRGB as browsers mean it: black is not moved, which littleCMS does for profiles of version 4."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[8:12] = b"\x02\x40\0\0"
    return ImageCms.ImageCmsProfile(io.BytesIO(bytes(profile)))


def _changes_nothing(transform, mode):
    """Whether colours all over the space stay what they are, but for rounding."""
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    before = Image.fromarray(colours if mode == "RGB" else np.ascontiguousarray(colours[..., 0]))
    after = np.asarray(ImageCms.applyTransform(before, transform), int)
    return np.abs(after - np.asarray(before.convert("RGB"), int)).max() <= 2


def _of_code_points(primaries, curve):
    """For HDR, whose curves have no place in 8 bits, None."""
    if primaries not in _PRIMARIES or curve not in _CURVES:
        return None
    space = _PRIMARIES[primaries], _CURVES[curve]
    return None if space == (_SRGB, _SRGB_CURVE) else matrix_profile(*space)


def _of_png(gamma, chromaticities):
    """Of the chunks gAMA and cHRM; without the second, as in sRGB. Browsers pass over the second alone."""
    try:
        order = (2, 3, 4, 5, 6, 7, 0, 1)  # PNG has white first
        return matrix_profile([chromaticities[i] for i in order] if chromaticities else _SRGB, (1 / gamma,))
    except (ValueError, IndexError):
        return None


def _of_boxes(source):
    """Of a file made of ISO boxes, AVIF (ISO 23008-12) or JPEG 2000 (ISO 15444-1): its first box ``colr``."""
    with contextlib.nullcontext(source) if hasattr(source, "read") else open(source, "rb") as file:
        place = file.tell()
        file.seek(0)
        content = memoryview(file.read(MAX_PROFILE_BYTES + (1 << 16)))
        file.seek(place)
    return next(filter(None, _colour_boxes(content)), None)


# Which box leads to the colours, by the box around it.
_WAYS = {b"": (b"meta", b"jp2h"), b"meta": (b"iprp",), b"iprp": (b"ipco",), b"ipco": (b"colr",), b"jp2h": (b"colr",)}


def _colour_boxes(content, around=b""):
    """The profiles in a row of boxes, in order."""
    for _ in range(_MOST_BOXES):
        if len(content) < 8:
            return
        size, kind = struct.unpack(">I4s", content[:8])
        start = 16 if size == 1 else 8
        size = int.from_bytes(content[8:16]) if size == 1 else size or len(content)
        if size < start:
            return
        inside, content = content[start:size], content[size:]
        if kind not in _WAYS[around]:
            continue
        if kind != b"colr":
            yield from _colour_boxes(inside[4:] if kind == b"meta" else inside, kind)
        elif inside[:4] in (b"prof", b"rICC"):
            yield bytes(inside[4:])
        elif inside[:4] == b"nclx" and len(inside) >= 8:
            yield _of_code_points(*struct.unpack(">HH", inside[4:8]))
        elif inside[:1] == b"\2":
            yield bytes(inside[3:])


class _PngStream(PngImagePlugin.PngStream):
    """Pillow's reader of PNG chunks, which here knows cICP (PNG, third edition) too, and passes over broken colours."""

    def call(self, cid, pos, length):
        try:
            return super().call(cid, pos, length)
        except Exception:  # of broken chunks; the readers raise many classes
            if cid not in (b"iCCP", b"gAMA", b"cHRM", b"sRGB"):
                raise
            self.fp.seek(pos)
            return self.fp.read(length)

    def chunk_cICP(self, pos, length):
        content = self.fp.read(length)
        if length == 4:
            self.im_info["cicp"] = tuple(content)
        return content


PngImagePlugin.PngStream = _PngStream
