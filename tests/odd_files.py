"""Makes photo files of every kind that people upload, good and bad."""

import io
import struct

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

GOOD = (
    "greyscale.jpg", "palette.png", "sixteen_bits.png", "float.tiff", "cmyk.jpg", "transparent.png", "palette_transparent.png",
    "one_bit.png", "animated.gif", "iphone.heic", "android.avif", "picture.webp", "one_pixel.png", "wide.png", "huge.jpg", "lab.tiff",
)  # fmt: skip
"""Files that become a mask, see `make`."""

BAD = {
    "text.jpg": "not a photo",
    "empty.jpg": "not a photo",
    "drawing.svg": "not a photo",
    "truncated.jpg": "damaged or incomplete",
    "truncated.png": "damaged or incomplete",
    "bomb.png": "megapixels",
    "bomb.ico": "megapixels",
}
"""Files that end in a sentence, and a part of it."""


def make(name: str, photo: Image.Image) -> bytes:
    """The file of that name, showing ``photo`` (RGB) where it shows anything."""
    stem, _, ending = name.partition(".")
    grey = np.asarray(photo.convert("L"))
    if stem == "greyscale":
        return _save(photo.convert("L"), "JPEG")
    if stem == "palette":
        return _save(photo.quantize(64), "PNG")
    if stem == "palette_transparent":
        return _save(photo.quantize(64), "PNG", transparency=3)
    if stem == "sixteen_bits":
        return _save(Image.fromarray(grey.astype(np.uint16) * 257), "PNG")
    if stem == "float":
        return _save(Image.fromarray(grey.astype(np.float32) / 255), "TIFF")
    if stem == "cmyk":
        return _save(photo.convert("CMYK"), "JPEG")
    if stem == "lab":
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        return _save(ImageCms.profileToProfile(photo, srgb, lab, outputMode="LAB"), "TIFF")
    if stem == "transparent":
        cut = photo.convert("RGBA")
        cut.putalpha(Image.linear_gradient("L").resize(photo.size))
        return _save(cut, "PNG")
    if stem == "one_bit":
        return _save(photo.convert("1"), "PNG")
    if stem == "animated":
        return _save(photo, "GIF", save_all=True, append_images=[photo.rotate(180)], duration=100)
    if stem == "one_pixel":
        return _save(photo.resize((1, 1)), "PNG")
    if stem == "wide":
        return _save(photo.resize((4000, 1)), "PNG")
    if stem == "huge":
        return _save(photo.resize((10_000, 10_000), Image.Resampling.NEAREST), "JPEG", quality=30)
    if stem == "text":
        return b"This is a text, whatever its name says."
    if stem == "empty":
        return b""
    if stem == "drawing":
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
    if stem == "truncated":
        whole = _save(photo, "JPEG" if ending == "jpg" else "PNG")
        return whole[: len(whole) // 2]
    if stem == "bomb":
        large = _save(Image.new("1", (12_000, 12_000)), "PNG")
        # An icon whose directory says 16 x 16, around the same picture.
        directory = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(large), 22)
        return large if ending == "png" else directory + large
    return _save(photo, {"heic": "HEIF", "avif": "AVIF", "webp": "WEBP"}[ending])


def sideways(photo: Image.Image) -> bytes:
    """The photo as a phone held sideways stores it: turned, with an EXIF note."""
    exif = Image.Exif()
    exif[274] = 6
    return _save(photo.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)


def _save(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()
