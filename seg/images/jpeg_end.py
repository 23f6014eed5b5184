"""JPEG files whose end is missing or damaged, but no pixel."""

import io
import re

import numpy as np
from PIL import Image

_END = b"\xff\xd9"
_LONGEST_SEGMENT = 65_535
_SCAN = re.compile(rb"\xff\xda\0[\x08-\x0e]([\x01-\x04])")
_PROGRESSIVE = re.compile(rb"\xff\xc2\0[\x08-\x14]\x08....([\x01-\x04])", re.DOTALL)


def completed(content: bytes, long_side: int) -> bytes | None:
    """A JPEG file that lacks nothing but its end, with one.

    The end marker may be missing, other bytes may stand in its place, and the last segment may be shorter than it
    says. Browsers show such files, Pillow does not. Nobody decodes what follows the last pixel: so the file is decoded
    with two different endings, and where these show in the picture, pixels are missing.

    Args:
        long_side: pixels at which the pictures are compared.

    Returns:
        None where pixels are missing, or where it is no JPEG.
    """
    if not _all_scans(content):
        return None
    content = content.rstrip(b"\xff")  # half a marker
    noise = np.random.default_rng(0).integers(0, 255, _LONGEST_SEGMENT, np.uint8)  # none of them starts a marker
    zeros, pictures = bytes(_LONGEST_SEGMENT), set()
    try:
        for ending in (zeros, noise.tobytes()):
            with Image.open(io.BytesIO(content + ending + _END), formats=["JPEG"]) as image:
                image.draft(image.mode, (long_side, long_side))
                pictures.add(image.tobytes())
    except Exception:  # decoders raise many classes for broken data
        return None
    return content + zeros + _END if len(pictures) == 1 else None


def _all_scans(content):
    """Whether every bit of every coefficient has had its scan: a progressive file may end after any of them."""
    frame = _PROGRESSIVE.search(content)
    if frame is None:
        return content.startswith(b"\xff\xd8")
    missing = np.ones((256, 64), int)  # 1 where bits are missing, by component and coefficient
    for scan in _SCAN.finditer(content, frame.end()):
        parameters = content[scan.end() : scan.end() + 2 * scan[1][0] + 3]
        if len(parameters) < 2 * scan[1][0] + 3:
            return False
        first, last, bits = parameters[-3:]
        if bits & 15 == 0:
            missing[list(parameters[0:-3:2]), first : last + 1] = 0
    names = content[frame.end() : frame.end() + 3 * frame[1][0] : 3]
    return not missing[list(names)].any()
