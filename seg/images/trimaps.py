"""Opens the true mask that a person has of a photo."""

import numpy as np
from PIL import Image, ImageChops

from seg.classes import NUM_CLASSES, numbered
from seg.errors import UserError, unreadable
from seg.images.photos import MAX_MEGAPIXELS, MAX_MEGAPIXELS_WHOLE, large_ones_singly

_SCHEMES = f"{numbered(1)}, or {numbered()}"


def open_trimap(source, width: int, height: int) -> np.ndarray:
    """Reads a trimap of a photo of ``width`` x ``height``: uint8 array (height, width) of class ids.

    Grey, indexed, RGB and 16-bit PNG files are read; a file with a palette by its indices. Values from 1 are those of
    Oxford-IIIT Pet, values from 0 the class ids of this project; only 1 and 2 are read as those of the dataset.

    Args:
        source: path or binary file object.

    Raises:
        UserError: no PNG, damaged, of another size, or with other values.
    """
    try:
        with Image.open(source, formats=["PNG"]) as image:
            most = MAX_MEGAPIXELS if image.mode in ("1", "L", "P") else MAX_MEGAPIXELS_WHOLE
            if image.width * image.height > most * 10**6:
                raise UserError(
                    f"This trimap has more than {most} megapixels; make it"
                    f" smaller{'' if most == MAX_MEGAPIXELS else ', or save it as grey,'} and try again."
                )
            if image.size != (width, height):
                raise UserError(
                    f"This trimap is {image.width} x {image.height} pixels, the photo {width} x {height}; choose the"
                    " trimap of this photo."
                )
            with large_ones_singly(image):
                values = _values(image)
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError("The trimap is no longer on the server; choose it again.") from error
    except (PermissionError, IsADirectoryError) as error:
        raise unreadable("The trimap", error) from error
    except Exception as error:  # decoders raise many classes for broken data
        raise UserError("This trimap is no PNG file that can be read; choose another file.") from error
    low, high = int(values.min()), int(values.max())
    if not 0 <= low <= high <= NUM_CLASSES or (low, high) == (0, NUM_CLASSES):
        raise UserError(f"This trimap has values from {low} to {high}; save it with {_SCHEMES}.")
    return (values - (low > 0)).astype(np.uint8)


def _values(image):
    """The one value of each pixel, alpha left out."""
    if image.mode == "1":
        return np.asarray(image.convert("L")) // 255
    bands = image.getbands()
    if len(bands) == 1:
        return np.asarray(image)
    # Band by band: differences of whole colour images take many times their memory.
    values = image.getchannel(0)
    for band in bands[1:]:
        if band != "A" and ImageChops.difference(values, image.getchannel(band)).getbbox() is not None:
            raise UserError(f"This trimap has colours; save it with {_SCHEMES} as its values.")
    return np.asarray(values)
