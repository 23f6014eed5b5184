"""The report that lies beside trained weights, as `seg.report` wrote it."""

import functools
import json
import math
from pathlib import Path

REPORT = "report"
"""Folder beside those of the networks."""

REPORT_FILE = f"{REPORT}/report.json"
"""What `read_report` reads, below the folder that holds those."""


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
    return report if is_about(report, {name: segmenter.metrics for name, segmenter in segmenters.items()}) else None


def is_about(report: dict | None, metrics: dict) -> bool:
    """Whether the report measured these very networks, all of them, and holds what the page says of any.

    Args:
        report: as `read_report` returns it.
        metrics: scores on the test split by network name, as `seg.weights.read_metrics` returns them.
    """
    try:
        wins = report["contest"]["wins"]
        readable = isinstance(report["photos"], int) and all(0 <= wins[rank] <= 1 for rank in ("first", "second"))
        return (
            readable and bool(metrics) and all(_is_about(report["networks"][name], metrics[name]) for name in metrics)
        )
    except (KeyError, TypeError):  # none, or written by another version
        return False


@functools.lru_cache(maxsize=4)
def read_report(weights_folder) -> dict | None:
    """The contents of ``report/report.json`` in the folder that holds the networks' folders, or None."""
    try:
        return json.loads((Path(weights_folder) / REPORT_FILE).read_text())
    except (OSError, ValueError, RecursionError):
        return None


def _is_about(measured, metrics):
    """Whether both were measured to the same test scores; another training would not be."""
    temperature = measured["calibration"]["temperature"]
    if metrics is None or not 0 < temperature < math.inf:
        return False
    return math.isclose(measured["pixel_accuracy"], metrics["pixel_accuracy"], abs_tol=5e-4)
