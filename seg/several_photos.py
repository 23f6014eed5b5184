"""The numbers of several photos as one table."""

import csv
import io

from seg.classes import CLASS_NAMES
from seg.comparison import Comparison
from seg.networks import TITLES
from seg.photos import Photo

COLUMNS = (
    "photo",
    "width",
    "height",
    "agreement",
    *(f"{network}_{column}" for network in TITLES for column in (*CLASS_NAMES, "seconds")),
)
"""Columns of `as_csv`: agreement and the share of each class are 0..1, sizes are in pixels."""


def row_of(name: str, photo: Photo, comparison: Comparison) -> dict:
    """The numbers of one photo by column; None for a network that did not run."""
    row = {"photo": name, "width": photo.width, "height": photo.height, "agreement": comparison.agreement}
    for network, seen in comparison.segmentations.items():
        row |= {f"{network}_{class_name}": share for class_name, share in seen.shares.items()}
        row[f"{network}_seconds"] = seen.seconds
    return {column: row.get(column) for column in COLUMNS}


def as_csv(rows: list[dict]) -> bytes:
    """A CSV file with a header, as spreadsheets read it (UTF-8 with a byte order mark)."""
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS)
    writer.writeheader()
    writer.writerows(
        {key: round(value, 6) if isinstance(value, float) else value for key, value in row.items()} for row in rows
    )
    return table.getvalue().encode("utf-8-sig")
