"""Two pictures, one over the other, for a slider that wipes between them."""

from seg.networks import TITLES
from seg.rendering import mask_image
from seg.ui.network_views import cached, reduced
from seg.ui.recent import Look

_FIRST, _SECOND = TITLES

PAIRS = [(f"{TITLES[_FIRST]} and {TITLES[_SECOND]}", "networks"), *((f"Photo and {title}", name) for name, title in TITLES.items())]
"""Label and value of each pair."""


def wiped(look: Look, pair: str, cache: str) -> tuple[str, str] | None:
    """The two pictures of a pair, as files in ``cache``; None where a network is missing."""
    photo, class_maps = reduced(look)
    masks = {name: cached(mask_image(class_map), cache) for name, class_map in class_maps.items()}
    if pair == "networks":
        return (masks[_FIRST], masks[_SECOND]) if len(masks) == len(TITLES) else None
    return (cached(photo, cache, "jpeg", quality=90), masks[pair]) if pair in masks else None
