"""The one vocabulary: ids, names and colours of the classes of a pet photo's pixels. All else follows from these."""

from typing import NamedTuple


class PixelClass(NamedTuple):
    """A class of pixels.

    Attributes:
        name: also of its style on the page: a lower-case word.
        colour: RGB, 0..255.
        colour_name: as people call it.
    """

    name: str
    colour: tuple[int, int, int]
    colour_name: str


CLASSES = (
    PixelClass("pet", (230, 97, 0), "orange"),
    PixelClass("background", (52, 64, 92), "slate blue"),
    PixelClass("outline", (255, 214, 74), "yellow"),
)
"""At the index of its id, each class; in a trimap it has the value 1 + id. Orange, slate blue and yellow differ in
lightness as well as in hue, so that they stay apart for colour-blind viewers. Further classes come behind these."""

PET, BACKGROUND, OUTLINE = range(3)

CLASS_NAMES = tuple(each.name for each in CLASSES)

OTHER_NAMES = tuple(reversed([name for name in CLASS_NAMES if name != CLASS_NAMES[PET]]))
"""Name of each class but the pet's, the one beside the pet first: as sentences list them behind it."""

NUM_CLASSES = len(CLASSES)

PALETTE = tuple(each.colour for each in CLASSES)


def numbered(first: int = 0) -> str:
    """Values and names, such as ``0 pet, 1 background, 2 outline``; the first class has the value ``first``."""
    return ", ".join(f"{value} {name}" for value, name in enumerate(CLASS_NAMES, start=first))
