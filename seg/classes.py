"""The one vocabulary: class ids, names and colours of a pet photo's pixels."""

PET, BACKGROUND, OUTLINE = 0, 1, 2

CLASS_NAMES = ("pet", "background", "outline")
"""Name of each class, at the index of its id."""

NUM_CLASSES = len(CLASS_NAMES)

PALETTE = ((230, 97, 0), (52, 64, 92), (255, 214, 74))
"""RGB colour, 0..255, of each class. Orange, slate blue and yellow differ in
lightness as well as in hue, so that they stay apart for colour-blind viewers."""
