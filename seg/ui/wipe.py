"""Two pictures, one over the other, for a slider that wipes between them."""

from seg.networks import TITLES
from seg.rendering import mask_image
from seg.ui.network_views import cached, reduced, shares_in_words
from seg.ui.recent import Look

_FIRST, _SECOND = TITLES

PAIRS = [
    (f"{TITLES[_FIRST]} and {TITLES[_SECOND]}", "networks"),
    *((f"Photo and {title}", name) for name, title in TITLES.items()),
]
"""Label and value of each pair."""


def wiped(look: Look, pair: str, cache: str) -> tuple[tuple[str, str] | None, str]:
    """The two pictures of a pair, as files in ``cache``, and what they are in words; no pictures where a network is missing."""
    photo, class_maps = reduced(look)
    shown = list(TITLES) if pair == "networks" else [pair]
    if missing := [TITLES[name] for name in shown if name not in class_maps]:
        return None, f"{' and '.join(missing)} cannot be shown here: the weights are missing."
    pictures = [cached(mask_image(class_maps[name]), cache) for name in shown]
    words = [f"{TITLES[name]} ({shares_in_words(look.comparison.segmentations[name].shares)})" for name in shown]
    if pair != "networks":
        pictures.insert(0, cached(photo, cache, "jpeg", quality=90))
        words.insert(0, "the photo")
    return tuple(pictures), f"Left of the line: {words[0]}. Right of it: {words[1]}."
