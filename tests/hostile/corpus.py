"""Photos and other files as hostile or odd as the public's, the same ones on every run.

Each `Case` is made when it is needed; nothing here is downloaded.
"""

import functools
import gzip
import io
import pickle
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

import odd_files
from repository import example_photo

SEED = 20
MASK, SENTENCE, EITHER = "a mask", "a sentence", "a mask or a sentence"

ADMITTED = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "TGA", "ICO", "MPO")
OTHERS = ("BLP", "DDS", "EPS", "ICNS", "IM", "MSP", "PALM", "PCX", "PDF", "QOI", "SGI", "SPIDER", "XBM")
"""Formats that Pillow writes: those the app opens, and those it does not."""


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        name: what it is.
        filename: as the visitor's browser sends it.
        make: returns its content.
        ends: `MASK`, `SENTENCE` or `EITHER`.
        heavy: takes much time or memory to make or to open.
    """

    name: str
    filename: str
    make: Callable[[], bytes]
    ends: str
    heavy: bool = False


def corpus() -> list[Case]:
    """All cases."""
    groups = (
        _formats,
        _broken,
        _modes,
        _animations,
        _shapes,
        _metadata,
        _lies,
        _polyglots,
        _names,
        _declared_bombs,
        _real_bombs,
    )
    cases = [case for group in groups for case in group()]
    assert len({case.name for case in cases}) == len(cases)
    return cases


def _photo(size=(200, 150)):
    return example_photo("boxer_26").resize(size)


def _saved(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def _in_format(file_format):
    image = _photo((64, 48))
    if file_format in ("BLP", "PALM"):
        image = image.quantize(64)
    elif file_format == "MSP" or file_format == "XBM":
        image = image.convert("1")
    elif file_format == "SPIDER":
        image = image.convert("F")
    elif file_format == "MPO":
        return _saved(image, "MPO", save_all=True, append_images=[image.rotate(90, expand=True)])
    return _saved(image, file_format)


def _formats():
    for name in ADMITTED:
        yield Case(f"whole {name}", f"photo.{name.lower()}", lambda name=name: _in_format(name), MASK)
    for name in OTHERS:
        yield Case(f"whole {name}", f"photo.{name.lower()}", lambda name=name: _in_format(name), SENTENCE)


def _broken():
    def damaged(name, where, seed):
        content, rng = bytearray(_in_format(name)), random.Random(f"{SEED} {name} {where} {seed}")
        low, high = {
            "header": (4, min(80, len(content))),
            "body": (len(content) // 3, len(content)),
            "anywhere": (0, len(content)),
        }[where]
        for _ in range(8):
            content[rng.randrange(low, high)] = rng.randrange(256)
        return bytes(content)

    for name in ADMITTED:
        for where in ("header", "body", "anywhere"):
            for seed in range(2):
                yield Case(
                    f"{name}, {where} broken {seed + 1}",
                    f"photo.{name.lower()}",
                    lambda n=name, w=where, s=seed: damaged(n, w, s),
                    EITHER,
                )
        for part in (0.9, 0.5, 0.05):
            yield Case(
                f"{name}, first {part:.0%}",
                f"photo.{name.lower()}",
                lambda n=name, p=part: (c := _in_format(n))[: int(len(c) * p)],
                EITHER,
            )
    for name in OTHERS:
        yield Case(f"{name}, broken", f"photo.{name.lower()}", lambda n=name: damaged(n, "body", 0), SENTENCE)


def _modes():
    for name in odd_files.GOOD:
        if name != "huge.jpg":
            yield Case(f"mode: {name}", name, lambda name=name: odd_files.make(name, _photo()), MASK)
    grey = np.asarray(_photo().convert("L"))
    wild = grey.astype(np.float32)
    wild[::7], wild[1::7], wild[2::7] = np.nan, np.inf, -np.inf
    images = {
        "grey with alpha": ("PNG", _photo().convert("LA"), {}),
        "32-bit integers": ("TIFF", Image.fromarray(grey.astype(np.int32) * 70_000), {}),
        "floats that are none": ("TIFF", Image.fromarray(wild), {}),
        "nothing but NaN": ("TIFF", Image.fromarray(np.full((9, 9), np.nan, np.float32)), {}),
        "16-bit big-endian": ("TIFF", Image.fromarray(grey.astype(">u2") * 257), {}),
        "CMYK TIFF": ("TIFF", _photo().convert("CMYK"), {}),
        "YCbCr TIFF": ("TIFF", _photo().convert("YCbCr"), {"compression": "jpeg"}),
        "TIFF by JPEG": ("TIFF", _photo(), {"compression": "jpeg"}),
        "TIFF by LZW": ("TIFF", _photo(), {"compression": "tiff_lzw"}),
        "fax": ("TIFF", _photo().convert("1"), {"compression": "group4"}),
        "transparent colour": ("PNG", _photo(), {"transparency": (0, 0, 0)}),
        "transparent palette": ("PNG", _photo().quantize(16), {"transparency": bytes(range(0, 256, 16))}),
        "2 bits": ("PNG", _photo().quantize(4), {"bits": 2}),
        "progressive": ("JPEG", _photo(), {"progressive": True}),
        "restart marks": ("JPEG", _photo(), {"restart_marker_blocks": 1}),
        "grey JPEG 2000": ("JPEG2000", _photo().convert("L"), {}),
        "RGBA JPEG 2000": ("JPEG2000", _photo().convert("RGBA"), {}),
        "lossless WebP with alpha": ("WEBP", _photo().convert("RGBA"), {"lossless": True}),
        "TGA with RLE": ("TGA", _photo(), {"compression": "tga_rle"}),
        "BMP with palette": ("BMP", _photo().quantize(7), {}),
    }
    for name, (file_format, image, options) in images.items():
        yield Case(f"mode: {name}", "photo", lambda f=file_format, i=image, o=options: _saved(i, f, **o), MASK)


def _animations():
    for file_format in ("GIF", "WEBP", "PNG", "TIFF", "AVIF", "HEIF"):

        def make(file_format=file_format):
            frames = [_photo((64, 48)).rotate(90 * turn) for turn in range(4)]
            return _saved(frames[0], file_format, save_all=True, append_images=frames[1:])

        yield Case(f"animated {file_format}", f"animated.{file_format.lower()}", make, MASK)
    yield Case("GIF of 5,000 frames", "long.gif", lambda: _long_gif(5000), MASK)


def _long_gif(frames):
    first = bytearray(_saved(_photo((32, 24)).quantize(8), "GIF"))
    start = first.index(b"\x2c")  # an image block, up to the trailer
    return bytes(first[:start]) + bytes(first[start:-1]) * frames + b";"


def _shapes():
    for size in ((1, 10_000), (10_000, 1), (1, 1), (2, 30_000), (30_000, 2), (3, 3)):
        yield Case(f"{size[0]} x {size[1]}", "shape.png", lambda size=size: _saved(_photo().resize(size), "PNG"), MASK)
    yield Case("1 x 60,000 JPEG", "shape.jpg", lambda: _saved(_photo().resize((1, 60_000)), "JPEG"), MASK)
    for width, height in ((0, 0), (0, 10), (10, 0)):
        yield Case(f"PNG of {width} x {height}", "none.png", lambda w=width, h=height: _png(w, h), SENTENCE)
    yield Case("PPM of 0 x 0", "none.ppm", lambda: b"P6 0 0 255\n", SENTENCE)


def _metadata():
    def exif(**tags):
        block = Image.Exif()
        for tag, value in tags.items():
            block[int(tag[1:])] = value
        return block

    for value in (0, 3, 6, 8, 9, 99):
        yield Case(
            f"EXIF orientation {value}", "turned.jpg", lambda v=value: _saved(_photo(), "JPEG", exif=exif(t274=v)), MASK
        )
    yield Case(
        "EXIF orientation as text",
        "turned.jpg",
        lambda: _saved(_photo(), "JPEG", exif=_exif_entry(274, 2, 2, int.from_bytes(b"6\0", "little"))),
        MASK,
    )
    yield Case(
        "EXIF of 60 kB",
        "exif.jpg",
        lambda: _saved(_photo(), "JPEG", exif=exif(t270="x" * 60_000, t37510=b"y" * 3000)),
        MASK,
    )
    yield Case(
        "EXIF of nonsense", "exif.jpg", lambda: _saved(_photo(), "JPEG", exif=b"Exif\0\0II*\0" + _noise(5000)), MASK
    )
    yield Case("EXIF that leads to itself", "exif.jpg", lambda: _saved(_photo(), "JPEG", exif=_endless_exif()), MASK)
    yield Case(
        "EXIF with 65,535 entries",
        "exif.jpg",
        lambda: _saved(_photo(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + _noise(60_000)),
        MASK,
    )
    yield Case(
        "EXIF with HTML and commands",
        "exif.jpg",
        lambda: _saved(_photo(), "JPEG", exif=exif(t270="<script>alert(1)</script>$(reboot)")),
        MASK,
    )
    yield Case(
        "ICC profile of nonsense", "icc.jpg", lambda: _saved(_photo(), "JPEG", icc_profile=_noise(200_000)), MASK
    )
    yield Case("ICC profile of 10 MB", "icc.jpg", lambda: _saved(_photo(), "JPEG", icc_profile=_noise(10**7)), MASK)
    yield Case(
        "ICC profile of LAB on RGB", "icc.png", lambda: _saved(_photo(), "PNG", icc_profile=_lab_profile()), MASK
    )
    yield Case(
        "ICC chunk that unpacks to 1 GB", "icc.png", lambda: _png(64, 48, (b"iCCP", b"x\0\0" + _zip_bomb())), EITHER
    )
    yield Case(
        "text chunk that unpacks to 1 GB", "text.png", lambda: _png(64, 48, (b"zTXt", b"x\0\0" + _zip_bomb())), EITHER
    )
    yield Case(
        "international text chunk that unpacks to 1 GB",
        "text.png",
        lambda: _png(64, 48, (b"iTXt", b"x\0\1\0\0\0" + _zip_bomb())),
        EITHER,
    )
    yield Case(
        "100 text chunks of 100 kB",
        "text.png",
        lambda: _png(64, 48, *[(b"tEXt", b"x\0" + bytes([65 + i % 26]) * 10**5) for i in range(100)]),
        EITHER,
    )
    yield Case(
        "100,000 text chunks",
        "text.png",
        lambda: _png(64, 48, *[(b"tEXt", b"k%d\0v" % i) for i in range(100_000)]),
        EITHER,
    )
    yield Case(
        "PNG chunk of 4 GB", "chunk.png", lambda: _png(64, 48)[:33] + b"\xff\xff\xff\xfftEXt" + b"x" * 99, SENTENCE
    )
    yield Case(
        "PNG with 200,000 unknown chunks", "chunk.png", lambda: _png(64, 48, *[(b"abCd", b"")] * 200_000), EITHER
    )
    yield Case("JPEG comment of 64 kB", "comment.jpg", lambda: _saved(_photo(), "JPEG", comment=b"<b>" * 21_000), MASK)
    yield Case(
        "JPEG with 20 MB of comments",
        "comment.jpg",
        lambda: _with_segments(_saved(_photo(), "JPEG"), b"\xff\xfe", 65_000, 300),
        MASK,
    )
    yield Case(
        "JPEG with 5,000 segments",
        "segments.jpg",
        lambda: _with_segments(_saved(_photo(), "JPEG"), b"\xff\xef", 4, 5000),
        MASK,
    )
    yield Case("XMP that multiplies itself", "xmp.png", lambda: _saved(_photo(), "PNG", pnginfo=_xmp(_LAUGHS)), MASK)
    yield Case("XMP with a foreign entity", "xmp.png", lambda: _saved(_photo(), "PNG", pnginfo=_xmp(_ENTITY)), MASK)
    yield Case("MPO whose index leads nowhere", "photo.mpo", _lost_mpo, EITHER)
    yield Case("TIFF that leads to itself", "loop.tiff", _endless_tiff, EITHER)
    yield Case(
        "TIFF with 10 million strips",
        "strips.tiff",
        lambda: _tiff(64, 48, {273: (4, 10**7, 8), 279: (4, 10**7, 8)}),
        SENTENCE,
    )
    yield Case("TIFF of 60,000 samples", "samples.tiff", lambda: _tiff(64, 48, {277: (3, 1, 60_000)}), SENTENCE)
    yield Case("TIFF tag of 4 GB", "tag.tiff", lambda: _tiff(64, 48, {270: (2, 2**32 - 1, 8)}), EITHER)


_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY b "ha">'
    + "".join(f'<!ENTITY b{i} "{f"&b{i - 1 or str()};" * 10}">' for i in range(1, 12))
    + "]><a>&b11;</a>"
)
_ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&x;</x:xmpmeta>'


def _lies():
    jpeg, png = (lambda: _saved(_photo(), "JPEG")), (lambda: _saved(_photo(), "PNG"))
    html = b"<!doctype html><title>photo</title><img src=x onerror=alert(1)>"
    yield Case("nothing", "empty.jpg", lambda: b"", SENTENCE)
    for name, content in {
        "one byte": b"\xff",
        "nulls": bytes(10**6),
        "HTML": html,
        "SVG": odd_files.make("drawing.svg", _photo()),
        "SVG with an entity": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
        "a link": b"https://example.com/photo.jpg",
        "a program": b"\x7fELF" + bytes(500),
        "a script": b"#!/bin/sh\nreboot\n",
        "a pickle": pickle.dumps({"a": 1}),
        "a WMF": b"\xd7\xcd\xc6\x9a\0\0\0\0\0\0\x40\x01\xf0\0\x60\0" + bytes(80),
        "a film": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500),
        "a playlist": b"#EXTM3U\n#EXTINF:1\nhttp://127.0.0.1/\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\n(/tmp/owned) (w) file closefile\nshowpage\n%%EOF\n",
        "PostScript in DOS wrapping": struct.pack("<IIIIIIIH", 0xC6D3D0C5, 32, 90, 0, 0, 0, 0, 0xFFFF).ljust(32, b"\0")
        + b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 48\nshowpage\n",
        "FITS": b"SIMPLE  =                    T".ljust(80) + b"END".ljust(2800),
        "JPEG's start alone": b"\xff\xd8\xff\xe0",
        "PNG's start alone": b"\x89PNG\r\n\x1a\n",
        "RIFF that is no WebP": b"RIFF\x24\0\0\0WAVEfmt " + bytes(20),
        "HEIC's start alone": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    }.items():
        yield Case(f"{name} as JPEG", "photo.jpg", lambda content=content: content, SENTENCE)
    yield Case("noise as JPEG", "photo.jpg", lambda: _noise(10**6), SENTENCE)
    yield Case("packed SVG", "drawing.svgz", lambda: gzip.compress(odd_files.make("drawing.svg", _photo())), SENTENCE)
    for name, make, filename in (
        ("JPEG as PNG", jpeg, "photo.png"), ("PNG as text", png, "photo.txt"), ("JPEG as HTML", jpeg, "photo.html"), ("JPEG as EPS", jpeg, "photo.eps"),
        ("PNG as SVG", png, "photo.svg"), ("JPEG as HEIC", jpeg, "photo.heic"), ("PNG without ending", png, "photo"), ("JPEG as Python", jpeg, "photo.py"),
    ):  # fmt: skip
        yield Case(name, filename, make, MASK)


def _polyglots():
    jpeg, gif = (lambda: _saved(_photo(), "JPEG")), (lambda: _saved(_photo().quantize(16), "GIF"))
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    yield Case("JPEG and PDF", "both.jpg", lambda: jpeg() + pdf, MASK)
    yield Case("JPEG and ZIP", "both.jpg", lambda: jpeg() + _zip(), MASK)
    yield Case(
        "JPEG and HTML",
        "both.html",
        lambda: _saved(_photo(), "JPEG", comment=b"--><script>alert(1)</script><!--"),
        MASK,
    )
    yield Case(
        "JPEG and PHP", "both.php", lambda: _saved(_photo(), "JPEG", comment=b"<?php system($_GET[0]); ?>"), MASK
    )
    yield Case("JPEG in JPEG", "both.jpg", lambda: _with_segment(jpeg(), b"\xff\xe1", jpeg()[:60_000]), MASK)
    yield Case("JPEG and PNG", "both.png", lambda: jpeg() + _saved(_photo(), "PNG"), MASK)
    yield Case("GIF and JavaScript", "both.js", lambda: gif() + b"*/=1;alert(1)//", MASK)
    yield Case("PDF before JPEG", "both.pdf", lambda: pdf + jpeg(), SENTENCE)
    yield Case("icon of other formats", "both.ico", lambda: _icon(_saved(_photo((16, 16)), "JPEG")), EITHER)
    yield Case("PDF in TIFF", "both.tiff", lambda: _saved(_photo(), "TIFF") + pdf, MASK)


def _names():
    for name, filename in {
        "path": "../../../../etc/cron.d/photo.jpg",
        "absolute path": "/etc/passwd.jpg",
        "Windows path": "C:\\Windows\\System32\\photo.jpg",
        "dots": "....jpg",
        "unicode": "Hündchen 🐶 猫 ねこ.jpg",
        "right to left": "photo\u202egpj.exe",
        "combining": "e\u0301" * 50 + ".jpg",
        "control characters": "ph\x01o\x07t\x1bo\x7f.jpg",
        "HTML": "<img src=x onerror=alert(1)>.jpg",
        "commands": "$(reboot);`reboot`|x&.jpg",
        "template": "{{7*7}}${7*7}%s%n.jpg",
        "option": "--help.jpg",
        "300 characters": "n" * 300 + ".jpg",
        "300 cats": "🐱" * 300 + ".jpg",
        "300 endings": "photo" + ".jpg" * 75,
        "long ending": "photo." + "j" * 300,
        "device": "CON.jpg",
        "spaces": "   .jpg   ",
        "percent": "%2e%2e%2f%00.jpg",
        "none": " ",
        "hidden": ".jpg",
        "shown": "photo.shown.jpg",
    }.items():
        yield Case(f"name: {name}", filename, lambda: _saved(_photo((64, 48)), "JPEG"), MASK)
    yield Case(
        "name: HEIC with paths and unicode", "../🐶/photo.shown.jpg", lambda: _saved(_photo((64, 48)), "HEIF"), MASK
    )


def _declared_bombs():
    """Files of a few bytes that say they are immense."""
    immense = (
        ("PNG", "png", lambda: _png(2**31 - 1, 2**31 - 1)),
        ("PNG of one line", "png", lambda: _png(2**31 - 1, 1)),
        (
            "GIF",
            "gif",
            lambda: (
                b"GIF89a"
                + struct.pack("<HH", 65_535, 65_535)
                + b"\0\0\0,\0\0\0\0"
                + struct.pack("<HH", 65_535, 65_535)
                + b"\0\x02\x02\x44\x01\0;"
            ),
        ),
        (
            "BMP",
            "bmp",
            lambda: (
                b"BM"
                + struct.pack("<IHHI", 54, 0, 0, 54)
                + struct.pack("<IiiHHIIiiII", 40, 10**6, 10**6, 1, 24, 0, 0, 0, 0, 0, 0)
            ),
        ),
        ("PPM", "ppm", lambda: b"P6 1000000 1000000 255\n" + bytes(99)),
        ("PPM with a long number", "ppm", lambda: b"P6 " + b"9" * 5000 + b" 1 255\n"),
        (
            "TGA",
            "tga",
            lambda: struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 65_535, 65_535, 24, 0) + bytes(99),
        ),
        ("TIFF", "tiff", lambda: _tiff(10**6, 10**6, {})),
        ("JPEG", "jpg", lambda: _resized_jpeg(65_500, 65_500)),
        ("JPEG 2000", "jp2", lambda: _resized_jp2(60_000, 60_000)),
        (
            "WebP",
            "webp",
            lambda: _saved(Image.new("1", (8, 8)).convert("RGB"), "WEBP", lossless=True).replace(
                struct.pack("<I", 7 | 7 << 14), struct.pack("<I", 2**28 - 1)
            ),
        ),
        ("icon", "ico", lambda: _icon(_png(2**31 - 1, 2**31 - 1))),
    )
    for name, ending, make in immense:
        yield Case(f"immense {name}", f"bomb.{ending}", make, SENTENCE)
    # Within the limit on pixels, without the data for them.
    for name, ending, make in (
        ("PNG", "png", lambda: _png(7000, 7000)),
        ("JPEG", "jpg", lambda: _resized_jpeg(11_000, 11_000)),
        ("JPEG 2000", "jp2", lambda: _resized_jp2(2000, 2000)),
        ("TIFF", "tiff", lambda: _tiff(7000, 7000, {})),
        ("TGA", "tga", lambda: struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 7000, 7000, 32, 0) + bytes(99)),
        (
            "GIF",
            "gif",
            lambda: b"GIF89a" + struct.pack("<HH", 7000, 7000) + b"\0\0\0,\0\0\0\0\x08\0\x08\0\0\x02\x02\x44\x01\0;",
        ),
    ):
        yield Case(f"large {name} without data", f"bomb.{ending}", make, EITHER, heavy=True)


def _real_bombs():
    """Small files that unpack to as much as is let in, or a little more."""
    side, jpeg_side = 7000, 11_300  # 49 and 127.7 megapixels

    def flat(mode, file_format, size=(side, side), **options):
        return lambda: _saved(
            Image.new(mode, size, None if mode in ("1", "L", "F", "I;16") else 0), file_format, **options
        )

    for name, ending, make in (
        ("1-bit PNG", "png", flat("1", "PNG")),
        ("grey PNG", "png", flat("L", "PNG")),
        ("16-bit PNG", "png", flat("I;16", "PNG")),
        ("RGBA PNG", "png", flat("RGBA", "PNG", compress_level=1)),
        ("interlaced PNG", "png", lambda: _interlaced(side)),
        ("GIF", "gif", flat("P", "GIF")),
        ("bilevel TIFF", "tiff", flat("1", "TIFF", compression="group4")),
        ("float TIFF", "tiff", flat("F", "TIFF", compression="tiff_adobe_deflate")),
        ("CMYK TIFF", "tiff", flat("CMYK", "TIFF", compression="tiff_adobe_deflate")),
        ("RGB TIFF in one strip", "tiff", flat("RGB", "TIFF", compression="tiff_adobe_deflate", strip_size=2**31 - 1)),
        ("lossless WebP", "webp", flat("RGBA", "WEBP", size=(6300, 6300), lossless=True, quality=0, method=0)),
        ("lossy WebP", "webp", flat("RGB", "WEBP", size=(6300, 6300), quality=1, method=0)),
        ("AVIF", "avif", flat("RGB", "AVIF", speed=10, quality=1)),
        ("JPEG 2000", "jp2", flat("RGB", "JPEG2000", size=(1400, 1400), quality_layers=[1000])),
        ("TGA with RLE", "tga", flat("RGBA", "TGA", compression="tga_rle")),
        ("bitmap PPM", "pbm", flat("1", "PPM")),
        ("JPEG", "jpg", flat("RGB", "JPEG", size=(jpeg_side, jpeg_side), quality=20)),
        ("CMYK JPEG", "jpg", flat("CMYK", "JPEG", size=(jpeg_side, jpeg_side), quality=20)),
        ("progressive JPEG", "jpg", flat("RGB", "JPEG", size=(jpeg_side, jpeg_side), quality=20, progressive=True)),
    ):
        yield Case(f"unpacking {name}", f"bomb.{ending}", make, EITHER, heavy=True)
    yield Case("PNG a little too large", "bomb.png", flat("1", "PNG", size=(7200, 7200)), SENTENCE)
    yield Case(
        "icon with 100 megapixels in it",
        "bomb.ico",
        lambda: _icon(_saved(Image.new("RGBA", (10_000, 10_000)), "PNG", compress_level=1)),
        EITHER,
        heavy=True,
    )
    yield Case("unpacking HEIC", "bomb.heic", flat("RGB", "HEIF", size=(6000, 6000), quality=1), EITHER, heavy=True)
    yield Case("JPEG of many scans", "scans.jpg", lambda: _many_scans(2000, 400), EITHER, heavy=True)
    yield Case("large JPEG of many scans", "scans.jpg", lambda: _many_scans(11_000, 1000), SENTENCE, heavy=True)
    yield Case("JPEG of many hidden scans", "scans.jpg", lambda: _hidden_scans(3000, 2000), SENTENCE)
    yield Case("JPEG of 60,000 scans", "scans.jpg", lambda: _many_scans(500, 60_000), SENTENCE)
    yield Case(
        "JPEG of 3 million segments",
        "segments.jpg",
        lambda: _with_segments(_saved(_photo(), "JPEG"), b"\xff\xef", 0, 3 * 10**6),
        SENTENCE,
    )
    for name, ending, size, noise in (
        ("JPEG", "jpg", (8192, 6144), 4),
        ("HEIF", "heic", (8192, 6144), 0),  # noise takes minutes to encode
        ("PNG", "png", (8192, 6144), 0),  # with noise it would be larger than an upload may be
        ("JPEG", "jpg", (12_000, 9000), 4),
    ):
        megapixels = size[0] * size[1] // 10**6
        yield Case(
            f"phone photo of {megapixels} megapixels, {name}",
            f"phone.{ending}",
            functools.partial(_phone_photo, name, size, noise),
            MASK,
            heavy=True,
        )
    yield Case("100-megapixel photo", "huge.jpg", lambda: odd_files.make("huge.jpg", _photo()), MASK, heavy=True)
    yield Case(
        "noise, PNG", "noise.png", lambda: _saved(_noise_image(4500, 4500), "PNG", compress_level=1), EITHER, heavy=True
    )
    yield Case(
        "noise, JPEG 2000", "noise.jp2", lambda: _saved(_noise_image(1400, 1400), "JPEG2000"), EITHER, heavy=True
    )
    yield Case(
        "noise, AVIF",
        "noise.avif",
        lambda: _saved(_noise_image(3000, 3000), "AVIF", quality=90, speed=10),
        EITHER,
        heavy=True,
    )
    yield Case(
        "noise, HEIC", "noise.heic", lambda: _saved(_noise_image(1500, 1500), "HEIF", quality=90), EITHER, heavy=True
    )
    for name, ending in (("PNG", "png"), ("icon", "ico")):
        yield Case(
            f"{name} of 144 megapixels",
            f"bomb.{ending}",
            lambda e=ending: odd_files.make(f"bomb.{e}", _photo()),
            SENTENCE,
        )


def _noise(count):
    return random.Random(SEED).randbytes(count)


def _phone_photo(file_format, size, noise):
    """As large as the sensor, with its noise."""
    grain = np.random.default_rng(SEED).normal(0, noise, (size[1], size[0], 1)).astype(np.float16)
    picture = np.asarray(_photo(size)) + grain
    return _saved(Image.fromarray(picture.clip(0, 255).astype(np.uint8)), file_format, quality=90, compress_level=1)


def _noise_image(width, height):
    return Image.frombytes("RGB", (width, height), random.Random(SEED).randbytes(width * height * 3))


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width, height, *chunks):
    """A PNG by hand, with data for 64 x 48 at most."""
    pixels = zlib.compress((b"\0" + b"\x80" * 64) * 48)
    body = b"".join(_chunk(kind, data) for kind, data in chunks)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + body + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _interlaced(side):
    """A grey PNG, interlaced: seven passes."""
    packer, packed = zlib.compressobj(1), []
    for first_x, first_y, step_x, step_y in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        line = bytes(1 + len(range(first_x, side, step_x)))
        packed += [packer.compress(line) for _ in range(first_y, side, step_y)]
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 1)
    data = b"".join(packed) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


@functools.cache
def _zip_bomb():
    packer = zlib.compressobj(9)
    return b"".join([packer.compress(bytes(2**20)) for _ in range(1024)] + [packer.flush()])


def _zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../x", "x")
    return file.getvalue()


def _icon(picture):
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), 22) + picture


def _with_segment(jpeg, marker, data):
    return jpeg[:2] + marker + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def _with_segments(jpeg, marker, size, count):
    return jpeg[:2] + (marker + struct.pack(">H", size + 2) + b"x" * size) * count + jpeg[2:]


def _resized_jpeg(width, height):
    """A JPEG that says it is of another size."""
    jpeg = bytearray(_saved(_photo((64, 48)), "JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _resized_jp2(width, height):
    jp2 = bytearray(_saved(_photo((64, 48)), "JPEG2000"))
    for name, offset, kind in ((b"ihdr", 4, ">II"), (b"\xff\x51", 6, ">II"), (b"\xff\x51", 22, ">II")):
        start = jp2.index(name) + offset
        size = (height, width) if name == b"ihdr" else (width, height)
        jp2[start : start + 8] = struct.pack(kind, *size)
    return bytes(jp2)


def _many_scans(side, scans):
    """A progressive JPEG that refines the same coefficients over and over, in a few bytes each time."""
    jpeg = _saved(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=50)
    last = jpeg.rindex(b"\xff\xda")
    tables = jpeg.rfind(b"\xff\xc4", 0, last)
    return jpeg[:-2] + jpeg[tables if tables > 0 else last : -2] * scans + b"\xff\xd9"


def _hidden_scans(side, scans):
    """The same, in segments of a marker that has no length: who reads one skips the scans, a decoder does not."""
    start = _many_scans(side, 0)[:-2]
    one = _many_scans(side, 1)[len(start) : -2]
    each = 60_000 // len(one)
    parts = [start]
    for _ in range(-(-scans // each)):
        padding = 65_535 - 2 - each * len(one)
        parts += [b"\xff\x01\xff\xff", one * each, b"\xff\xfe", struct.pack(">H", padding - 2), bytes(padding - 4)]
    return b"".join(parts) + b"\xff\xd9"


def _tiff(width, height, tags):
    """A grey TIFF by hand; ``tags`` are (type, count, value) by number."""
    entries = {
        256: (4, 1, width),
        257: (4, 1, height),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 8),
        277: (3, 1, 1),
        278: (4, 1, height),
    }
    entries |= {279: (4, 1, 64)} | tags
    directory = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + directory + bytes(4) + b"\x80" * 3072


def _endless_tiff():
    """Its first directory names itself as the next one."""
    content = bytearray(_tiff(64, 48, {}))
    count = struct.unpack_from("<H", content, 8)[0]
    struct.pack_into("<I", content, 10 + 12 * count, 8)
    return bytes(content)


def _endless_exif():
    """A directory that names itself as its Exif, GPS and next directory."""
    entries = [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)]
    return (
        b"Exif\0\0II*\0\x08\0\0\0"
        + struct.pack("<H", 3)
        + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        + struct.pack("<I", 8)
    )


def _exif_entry(tag, kind, count, value):
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHII", tag, kind, count, value) + bytes(4)


def _lost_mpo():
    content = bytearray(_in_format("MPO"))
    start = content.index(b"MPF\0") + 4
    for place in range(start + 10, start + 60):
        content[place] ^= 0xFF
    return bytes(content)


def _lab_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def _xmp(text):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", text)
    return info
