"""JPEG files that are small but would keep a decoder busy for minutes."""

import re

from seg.errors import UserError

MAX_SEGMENTS = 10_000
"""Before the first scan; a photo has a few dozen."""

MAX_SCAN_PIXELS = 2 * 10**9
"""Pixels times scans, each of which goes over the whole photo again; a progressive photo has 10 or so."""

_SCAN, _END = 0xDA, 0xD9
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Not the zero that follows an FF of the data, filling, or what has no length: TEM and restarts.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")


def check_jpeg(content: bytes) -> None:
    """Looks at the structure of a file, without decoding it; says nothing of files that are no JPEG.

    Raises:
        UserError: more segments or scans than a photo has.
    """
    if not content.startswith(b"\xff\xd8"):
        return
    place, pixels, scans, most_scans = 2, 1, 0, MAX_SEGMENTS
    for _ in range(MAX_SEGMENTS):
        marker = _MARKER.search(content, place)
        if marker is None or marker[1][0] == _END:
            return
        kind, start = marker[1][0], marker.end()
        if kind in _SIZES:
            height, width = (int.from_bytes(content[start + offset : start + offset + 2]) for offset in (3, 5))
            pixels = max(pixels, width * height)
        if kind == _SCAN:
            if not scans:
                most_scans = min(MAX_SCAN_PIXELS // pixels, MAX_SEGMENTS // 10)
                if content.count(b"\xff\xda", start) < most_scans:
                    return  # as nearly always; what follows need not be walked through
            scans += 1
            if scans > most_scans:
                break
        place = start + int.from_bytes(content[start : start + 2])
    raise UserError("This JPEG is built as no camera builds one; save it anew in an image program and try again.")
