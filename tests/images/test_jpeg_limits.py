"""The structure of a JPEG file, looked at without decoding it."""

import pytest

from seg.errors import UserError
from seg.images.jpeg_limits import check_jpeg

SIZES = [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF]
"""Start of frame of every process (ITU T.81, table B.1); 0xC4, 0xC8 and 0xCC between them are something else."""


def segment(kind, content):
    return bytes([0xFF, kind]) + (len(content) + 2).to_bytes(2) + content


def jpeg(kind, height, width, scans, before=()):
    frame = segment(kind, b"\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03" + bytes(9))
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\xff\x00\x56"
    return b"\xff\xd8" + b"".join(before) + frame + scan * scans + b"\xff\xd9"


@pytest.mark.parametrize("kind", SIZES)
def test_the_more_pixels_the_fewer_scans(kind):
    """Two thousand million pixels in all."""
    check_jpeg(jpeg(kind, 40_000, 50_000, scans=1))
    check_jpeg(jpeg(kind, 20_000, 50_000, scans=2))
    for height, scans in ((40_000, 2), (20_000, 3), (60_000, 1)):
        with pytest.raises(UserError, match="built as no camera builds one"):
            check_jpeg(jpeg(kind, height, 50_000, scans))


@pytest.mark.parametrize("kind", [0xC4, 0xC8, 0xCC, 0xE0])
def test_what_is_no_start_of_a_frame_tells_no_size(kind):
    check_jpeg(jpeg(kind, 60_000, 60_000, scans=5))


def test_segments_before_the_first_scan_are_limited():
    check_jpeg(jpeg(0xC2, 100, 100, 3, before=[segment(0xE1, b"photo")] * 9_000))
    with pytest.raises(UserError, match="built as no camera builds one"):
        check_jpeg(jpeg(0xC2, 100, 100, 3, before=[segment(0xE1, b"photo")] * 10_000))
    check_jpeg(b"\x89PNG" + jpeg(0xC2, 60_000, 60_000, 9)[4:])
