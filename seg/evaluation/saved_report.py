"""The report that lies beside trained weights, as `seg.report` wrote it."""

import functools
import json
import math
from pathlib import Path

from seg.errors import unreadable

REPORT = "report"
"""Folder beside those of the networks."""

REPORT_FILE = f"{REPORT}/report.json"
"""What `read_report` reads, below the folder that holds those."""

GALLERY = "gallery"
"""Folder, below that of the report, of the photos that it shows."""

GALLERY_PHOTOS = "photos.json"
"""What `read_gallery` reads there."""


def report_on(segmenters: dict) -> dict | None:
    """The saved report, if it is about these very networks.

    Args:
        segmenters: `seg.inference.segmenter.Segmenter` by network name.

    Returns:
        The contents of ``report.json``; None where there is none, it cannot be
        read, or it measured other weights than these.
    """
    folders = {segmenter.folder.parent for segmenter in segmenters.values()}
    report = read_report(folders.pop()) if len(folders) == 1 else None
    return report if is_about(report, {name: segmenter.digest for name, segmenter in segmenters.items()}) else None


def is_about(report: dict | None, digests: dict) -> bool:
    """Whether the report measured these very networks, all of them, and holds what the page says of any.

    Args:
        report: as `read_report` returns it.
        digests: of the weights files by network name, as `seg.networks.weights.tensors_digest` returns them. Scores
            would not do: those of another training can be as good as the same.
    """
    try:
        wins = report["contest"]["wins"]
        measured = {name: report["networks"][name] for name in digests}
        return (
            bool(digests)
            and isinstance(report["photos"], int)
            and all(0 <= wins[rank] <= 1 for rank in ("first", "second"))
            and digests == {name: numbers["sha256"] for name, numbers in measured.items()}
            and all(0 < numbers["calibration"]["temperature"] < math.inf for numbers in measured.values())
        )
    except (KeyError, TypeError):  # none, or written by another version
        return False


def compared_in(report: dict | None, digests: dict) -> dict:
    """Those of the digests, as of `is_about`, whose networks the report compares with each other."""
    try:
        return {name: digest for name, digest in digests.items() if name in report["networks"]}
    except (KeyError, TypeError):
        return {}


def read_report(weights_folder) -> dict | None:
    """The contents of ``report/report.json`` in the folder that holds the networks' folders, or None."""
    return _read(weights_folder)[0]


def report_problem(weights_folder) -> str | None:
    """Why `read_report` has nothing of a report that is there; None where it has, or there is none."""
    return _read(weights_folder)[1]


@functools.lru_cache(maxsize=4)
def _read(weights_folder):
    try:
        return json.loads((Path(weights_folder) / REPORT_FILE).read_text(encoding="utf-8")), None
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except OSError as error:
        return None, str(unreadable(REPORT_FILE, error))
    except (ValueError, RecursionError):
        return None, f"{REPORT_FILE} is damaged; python -m seg.report writes it anew."


forget_reports = _read.cache_clear
"""Has them read anew."""


@functools.lru_cache(maxsize=4)
def read_gallery(weights_folder) -> dict | None:
    """What is known of the photos that the report in a folder shows, or None.

    Returns:
        ``{"sha256": {network: of its weights file}, "rule": how they were chosen, "photos": [{"name", "breed",
        "mean_iou": {network: 0..1}, "confusions": {network: flat confusion matrix (9 counts of pixels, rows are the
        truth)}}]}``. Pictures lie beside the file, see `seg.report.gallery.save_gallery`.
    """
    try:
        gallery = json.loads((Path(weights_folder) / REPORT / GALLERY / GALLERY_PHOTOS).read_text(encoding="utf-8"))
        keys = {"name", "breed", "mean_iou", "confusions"}
        is_whole = {"sha256", "rule"} <= set(gallery) and all(keys <= set(photo) for photo in gallery["photos"])
        return gallery if is_whole else None
    except (OSError, ValueError, RecursionError, KeyError, TypeError):  # none, damaged, or of another version
        return None
