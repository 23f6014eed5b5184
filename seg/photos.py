"""Opens whatever a person uploads as a photo."""

import contextlib
import warnings
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from seg.errors import UserError

MAX_MEGAPIXELS = 128
"""Largest photo that is opened; above any phone's usual 12 to 108."""

DISPLAY_SIZE = 1600
"""Long side, in pixels, at which a photo is kept for display."""

# Photo formats only: Pillow would also start other programs for some, such as EPS.
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "TGA", "ICO")
_KNOWN = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"

_EXIF_ORIENTATION = 274
_SIDEWAYS = (5, 6, 7, 8)

Image.init()  # registers every format, so that all of _FORMATS are known
pillow_heif.register_heif_opener()
# Above twice this number of pixels Pillow raises, before it decodes anything; up to it, it warns.
Image.MAX_IMAGE_PIXELS = MAX_MEGAPIXELS * 10**6 // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Photo:
    """A photo, upright.

    Attributes:
        image: RGB, 8 bits, at most `DISPLAY_SIZE` pixels on the long side.
        width, height: of the photo as it was taken, pixels.
        shown_by_browsers: False for a file such as HEIC, see `convert_for_browser`.
        source: what it was opened from.
    """

    image: Image.Image
    width: int
    height: int
    shown_by_browsers: bool
    source: object


# What a browser's <img> shows everywhere; others are converted for it.
_SHOWN_BY_BROWSERS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "ICO")


def open_photo(source) -> Photo:
    """Opens a photo file.

    The first frame of an animation is taken, transparency becomes white, and
    EXIF orientation is applied. Large JPEGs are decoded at reduced scale.

    Args:
        source: path or binary file object.

    Raises:
        UserError: not a photo, damaged, or too large.
    """
    with _opened(source) as image:
        width, height = image.size
        scale = max(1, max(width, height) / DISPLAY_SIZE)
        image.draft("RGB", (int(width / scale), int(height / scale)))  # for JPEG only: decodes 1/2, 1/4 or 1/8 of the size
        image.load()
        if _orientation(image) in _SIDEWAYS:
            width, height = height, width
        upright = _upright_rgb(image)
        upright.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE), Image.Resampling.BILINEAR)
        return Photo(upright, width, height, image.format in _SHOWN_BY_BROWSERS, source)


def open_full_size(source) -> Image.Image:
    """The photo as `open_photo` has it, RGB and upright, but at its full size.

    Args:
        source: as of `open_photo`.

    Raises:
        UserError: as `open_photo`.
    """
    if hasattr(source, "seek"):
        source.seek(0)
    with _opened(source) as image:
        return _upright_rgb(image)


def convert_for_browser(source, target) -> None:
    """Writes a photo, such as HEIC, as a JPEG of the same size.

    Args:
        source: as of `open_photo`.
        target: path of the JPEG.

    Raises:
        UserError: as `open_photo`.
    """
    with _opened(source) as image:
        _upright_rgb(image).save(target, "JPEG", quality=95, subsampling=0)


@contextlib.contextmanager
def _opened(source):
    """The photo, its size checked but not yet decoded; broken data becomes one sentence."""
    try:
        image = Image.open(source, formats=_FORMATS)
    except FileNotFoundError as error:
        raise UserError("The photo is no longer on the server; choose it again.") from error
    except Image.DecompressionBombError as error:
        raise UserError(f"This photo has more than {MAX_MEGAPIXELS} megapixels; make it smaller and try again.") from error
    except UnidentifiedImageError as error:
        raise UserError(f"This file is not a photo that can be read; choose a {_KNOWN} file.") from error
    except Exception as error:  # decoders raise many classes for broken headers
        raise UserError("This photo is damaged and cannot be opened; choose another file.") from error
    with image:
        try:
            yield image
        except MemoryError as error:
            raise UserError("This photo needs more memory than there is; make it smaller and try again.") from error
        except Exception as error:  # decoders raise many classes for broken data
            raise UserError("This photo is damaged or incomplete; choose another file.") from error


def _orientation(image):
    with contextlib.suppress(Exception):  # a broken EXIF block is no reason to refuse a photo
        return image.getexif().get(_EXIF_ORIENTATION, 1)
    return 1


def _upright_rgb(image):
    image = _eight_bits(image)
    with contextlib.suppress(Exception):
        image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        foreground = image.convert("RGBA")
        image = Image.new("RGBA", foreground.size, "white")
        image.alpha_composite(foreground)
    return image.convert("RGB")


def _eight_bits(image):
    """Scales 16-bit and floating-point greyscale to 0..255, which Pillow would clip."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
    # 16-bit files use the whole range; others have no known one.
    sixteen_bits = image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM")
    low, high = (0, 65535) if sixteen_bits else (float(values.min()), float(values.max()))
    scaled = (values - low) * (255 / max(high - low, 1e-12))
    eight_bits = Image.fromarray(scaled.astype(np.uint8))
    eight_bits.info["exif"] = image.getexif().tobytes()
    return eight_bits
