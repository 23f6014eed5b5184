"""Opens whatever a person uploads as a photo."""

import contextlib
import io
import threading
import warnings
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from seg.errors import UserError, unreadable
from seg.images.colours import profile_of, to_srgb
from seg.images.jpeg_end import completed
from seg.images.jpeg_limits import check_jpeg

MAX_MEGAPIXELS = 128
"""Largest photo that is opened, a JPEG; above any phone's usual 12 to 108."""

MAX_MEGAPIXELS_WHOLE = 51
"""Largest one in a format that cannot be decoded at reduced scale; above the 8,192 x 6,144 of phones."""

MAX_MEGAPIXELS_OF = {
    "JPEG": MAX_MEGAPIXELS,
    "MPO": MAX_MEGAPIXELS,
    "WEBP": 40,  # whose decoder takes twice the memory of its pixels
    "AVIF": 13,  # whose decoders let nobody else have a turn meanwhile, for a second or so
    "JPEG2000": 2,
}
"""By format, where it is not `MAX_MEGAPIXELS_WHOLE`."""

DISPLAY_SIZE = 1600
"""Long side, in pixels, at which a photo is kept for display."""

# Photo formats only: Pillow would also start other programs for some, such as EPS.
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "TGA", "ICO")
# What a browser's <img> shows everywhere; others are converted for it.
_SHOWN_BY_BROWSERS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "ICO")

# Of EXIF: turned by a quarter.
_SIDEWAYS = (5, 6, 7, 8)

_LARGE_PIXELS = 16 * 10**6
_large = threading.Lock()

Image.init()  # registers every format, so that all of _FORMATS are known
pillow_heif.register_heif_opener()
# Above twice this number of pixels Pillow raises, before it decodes anything; up to it, it warns.
Image.MAX_IMAGE_PIXELS = MAX_MEGAPIXELS * 10**6 // 2
# Its warnings, of large photos and broken metadata, would fill a log with what any visitor sends.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True)
class Photo:
    """A photo, upright.

    Attributes:
        image: sRGB, 8 bits, at most `DISPLAY_SIZE` pixels on the long side.
        width, height: of the photo as it was taken, pixels.
        shown_by_browsers: False for a file such as HEIC.
        source: what it was opened from.
    """

    image: Image.Image
    width: int
    height: int
    shown_by_browsers: bool
    source: object


def open_photo(source) -> Photo:
    """Opens a photo file as `upright_rgb`; of an animation the first frame. Large JPEGs are decoded at reduced scale.

    Args:
        source: path or binary file object.

    Raises:
        UserError: not a photo, damaged, or too large.
    """

    def read(image, file):
        width, height = image.size
        scale = max(1, max(width, height) / DISPLAY_SIZE)
        # For JPEG only: decodes 1/2, 1/4 or 1/8 of the size.
        image.draft("RGB", (max(1, int(width / scale)), max(1, int(height / scale))))
        image.load()
        with contextlib.suppress(Exception):  # a broken EXIF block is no reason to refuse a photo
            if image.getexif().get(ExifTags.Base.Orientation) in _SIDEWAYS:
                width, height = height, width
        upright = upright_rgb(image, DISPLAY_SIZE, file)
        return Photo(upright, width, height, image.format in _SHOWN_BY_BROWSERS, source)

    return _read(source, read)


def open_full_size(source) -> Image.Image:
    """The image of `open_photo` at its full size; a JPEG above `MAX_MEGAPIXELS_WHOLE` at half width and height.

    Raises:
        UserError: as `open_photo`.
    """

    def read(image, file):
        if image.width * image.height > MAX_MEGAPIXELS_WHOLE * 10**6:
            image.draft("RGB", (image.width // 2, image.height // 2))
        return upright_rgb(image, source=file)

    return _read(source, read)


def upright_rgb(image: Image.Image, long_side: int | None = None, source=None) -> Image.Image:
    """An image of any mode as sRGB, 8 bits, upright; transparency becomes white.

    Args:
        long_side: scaled down to this, pixels, where given, before anything is copied at full size; the image given
            may then be changed.
        source: path or binary file object that it was opened from, where that is known.
    """
    profile = profile_of(image, source)
    image = _eight_bits(image)
    if image.mode == "La":  # which Pillow turns into nothing else
        image = image.convert("LA")
    if image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("L", "LA") else "RGBA")
    elif image.mode in ("1", "P"):
        image = image.convert("RGB")  # palettes cannot be scaled
    if long_side is not None:
        image.thumbnail((long_side, long_side), Image.Resampling.BILINEAR)
    with contextlib.suppress(Exception):
        image = ImageOps.exif_transpose(image)
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGB")
    image = to_srgb(image, profile)
    if image.mode in ("LA", "RGBA"):
        foreground = image.convert("RGBA")
        image = Image.new("RGBA", foreground.size, "white")
        image.alpha_composite(foreground)
    image = image.convert("RGB")
    image.info.clear()  # what is made of it must hold neither the former profile nor where it was taken
    return image


def large_ones_singly(image: Image.Image):
    """A context in which at most one image above 16 megapixels is decoded: several at once could fill the memory."""
    return _large if image.width * image.height > _LARGE_PIXELS else contextlib.nullcontext()


class _DamagedError(UserError):
    """What is behind the header of a photo cannot be decoded."""


def _read(source, read):
    """What ``read`` makes of an opened image and the file it is in, of a JPEG that lacks but its end too."""
    try:
        with _opened(source) as image:
            return read(image, source)
    except _DamagedError:
        whole = completed(_jpeg_content(source), DISPLAY_SIZE)
        if whole is None:
            raise
        file = io.BytesIO(whole)
        with _opened(file) as image:
            return read(image, file)


@contextlib.contextmanager
def _opened(source):
    """The photo, its size checked but not yet decoded; broken data becomes one sentence."""
    try:
        check_jpeg(_jpeg_content(source))
        image = Image.open(source, formats=_FORMATS)
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError("The photo is no longer on the server; choose it again.") from error
    except (PermissionError, IsADirectoryError) as error:
        raise unreadable("The photo", error) from error
    except Image.DecompressionBombError as error:
        raise UserError(
            f"This photo has more than {MAX_MEGAPIXELS} megapixels; make it smaller and try again."
        ) from error
    except UnidentifiedImageError as error:
        raise UserError(
            "This file is not a photo that can be read; choose a JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF file."
        ) from error
    except Exception as error:  # decoders raise many classes for broken headers
        raise UserError("This photo is damaged and cannot be opened; choose another file.") from error
    with image, large_ones_singly(image):
        most = MAX_MEGAPIXELS_OF.get(image.format, MAX_MEGAPIXELS_WHOLE)
        if image.width * image.height > most * 10**6:
            raise UserError(
                f"This photo has more than {most} megapixels, the most for its format; make it smaller, or save it as"
                " JPEG, and try again."
            )
        try:
            yield image
        except MemoryError as error:
            raise UserError("This photo needs more memory than there is; make it smaller and try again.") from error
        except Exception as error:  # decoders raise many classes for broken data
            raise _DamagedError("This photo is damaged or incomplete; choose another file.") from error


def _jpeg_content(source):
    """All of a JPEG file, the start alone of others."""
    with contextlib.nullcontext(source) if hasattr(source, "read") else open(source, "rb") as file:
        file.seek(0)
        start = file.read(2)
        content = start + file.read() if start == b"\xff\xd8" else start
        file.seek(0)
        return content


def _eight_bits(image):
    """Scales 16-bit and floating-point greyscale to 0..255, which Pillow would clip."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.array(image, np.float32)
    np.nan_to_num(values, copy=False, posinf=0, neginf=0)
    # 16-bit files use the whole range; others have no known one.
    sixteen_bits = image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM")
    low, high = (0, 65535) if sixteen_bits else (float(values.min()), float(values.max()))
    values -= low
    values *= 255 / max(high - low, 1e-12)
    eight_bits = Image.fromarray(values.astype(np.uint8))
    with contextlib.suppress(Exception):
        eight_bits.info["exif"] = image.getexif().tobytes()
    return eight_bits
