"""The report that lies beside trained weights, as `seg.report` wrote it."""

import functools
import json
import math
from pathlib import Path

REPORT = "report"
"""Folder beside those of the networks."""


def report_on(segmenters: dict) -> dict | None:
    """The saved report, if it is about these very networks.

    Args:
        segmenters: `seg.inference.Segmenter` by network name.

    Returns:
        The contents of ``report.json``; None where there is none, it cannot be
        read, or it measured other weights than these.
    """
    folders = {segmenter.folder.parent for segmenter in segmenters.values()}
    report = read_report(folders.pop()) if len(folders) == 1 else None
    return report if report is not None and is_about(report, segmenters) else None


def is_about(report: dict, segmenters: dict) -> bool:
    """Whether the report measured these very networks, all of them."""
    try:
        return bool(segmenters) and all(_is_about(report["networks"][name], segmenters[name]) for name in segmenters)
    except (KeyError, TypeError):  # written by another version
        return False


@functools.lru_cache(maxsize=4)
def read_report(weights_folder) -> dict | None:
    """The contents of ``report/report.json`` in the folder that holds the networks' folders, or None."""
    try:
        return json.loads((Path(weights_folder) / REPORT / "report.json").read_text())
    except (OSError, ValueError):
        return None


def _is_about(measured, segmenter):
    """Whether both were measured to the same test scores; another training would not be."""
    temperature = measured["calibration"]["temperature"]
    if segmenter.metrics is None or not temperature > 0:
        return False
    return math.isclose(measured["pixel_accuracy"], segmenter.metrics["pixel_accuracy"], abs_tol=5e-4)
