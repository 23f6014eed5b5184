import csv
import io
from pathlib import Path

import pytest

from seg.inference.several_photos import as_csv, columns

FORMULAS = (
    "=1+1.jpg", "+2-3.jpg", "-4+5.jpg", "@SUM(A1).jpg", '=HYPERLINK("x.example","a").jpg', "\t=1+1.jpg", "\r=1+1.jpg", "\n=1.jpg", " =1+1.jpg",
    "\N{FULLWIDTH EQUALS SIGN}1+1.jpg", "\N{FULLWIDTH PLUS SIGN}1.jpg", "\N{FULLWIDTH COMMERCIAL AT}A1.jpg", "|calc.jpg", "%0A=1.jpg", "\ufeff=1.jpg", '"=1.jpg',
)  # fmt: skip
NUMBERS = ("12", "1e5", "1.e5", "2024-01-02", "1/2", "TRUE", "3:15")
PLAIN = (
    "boxer_26.jpg",
    "IMG 0001.HEIC",
    "2024-01-02.jpeg",
    "Ärger.png",
    "猫.webp",
    "_x.tiff",
    'a, "b".jpg',
    "a=1+1.jpg",
)


def written(*names):
    return as_csv([dict.fromkeys(columns()) | {"photo": name, "agreement": -0.25} for name in names]).decode(
        "utf-8-sig"
    )


@pytest.mark.parametrize("name", FORMULAS + NUMBERS, ids=ascii)
def test_a_name_is_text_in_a_spreadsheet_and_the_same_file(name):
    (row,) = csv.DictReader(io.StringIO(written(name), newline=""))
    assert row["photo"].startswith("./")
    assert str(Path(row["photo"])) == name


@pytest.mark.parametrize("name", PLAIN)
def test_other_names_stay_as_they_are(name):
    assert next(csv.DictReader(io.StringIO(written(name))))["photo"] == name


@pytest.mark.parametrize("separator", ";\t|:")
def test_no_name_begins_a_cell_where_a_spreadsheet_splits_otherwise(separator):
    text = written(f"a{separator}=1+1.jpg")
    cells = [cell for line in csv.reader(io.StringIO(text), delimiter=separator) for cell in line]
    assert not [cell for cell in cells if cell.startswith("=")]


def test_numbers_stay_numbers():
    assert ",-0.25," in written("a.jpg")
