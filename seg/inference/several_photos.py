"""The numbers of several photos as one table."""

import csv
import io
import re

from seg.classes import CLASS_NAMES
from seg.images.photos import Photo
from seg.inference.comparison import Comparison
from seg.networks import chosen_pair


def columns() -> tuple[str, ...]:
    """Columns of `as_csv`: agreement and the share of each class are 0..1, sizes are in pixels."""
    each = (f"{network}_{column}" for network in chosen_pair() for column in (*CLASS_NAMES, "seconds"))
    return ("photo", "width", "height", "agreement", *each)


# A name of a file with its ending: what begins with a letter or digit, of any script, is no formula.
_PLAIN = re.compile(r"\w.*[.][^\W\d_]{2,}\w*\Z", re.DOTALL)


def row_of(name: str, photo: Photo, comparison: Comparison) -> dict:
    """The numbers of one photo by column; None for a network that did not run."""
    row = {"photo": name, "width": photo.width, "height": photo.height, "agreement": comparison.agreement}
    for network, seen in comparison.segmentations.items():
        row |= {f"{network}_{class_name}": share for class_name, share in seen.shares.items()}
        row[f"{network}_seconds"] = seen.seconds
    return {column: row.get(column) for column in columns()}


def as_csv(rows: list[dict]) -> bytes:
    """A CSV file with a header, as spreadsheets read it (UTF-8 with a byte order mark).

    A name that a spreadsheet would take for a formula, a number or a date has ``./`` before it: the same file, as text.
    """
    table = io.StringIO()
    # Texts are in quotes, or a spreadsheet that splits at another character might begin a cell amid a name.
    writer = csv.DictWriter(table, columns(), quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return table.getvalue().encode("utf-8-sig")


def _cell(value):
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str) and not _PLAIN.match(value):
        return f"./{value}"
    return value
