"""Where the networks differ, and who says what there."""

import itertools

import gradio as gr
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from seg.classes import CLASS_NAMES
from seg.comparison import Comparison
from seg.networks import TITLES
from seg.photos import Photo
from seg.regions import Region
from seg.rendering import disagreements, faded

# Warm where FCN-8 sees more of the pet, cool where U-Net does; all apart for colour-blind viewers.
COLOURS = ("#a52100", "#f29100", "#3d3dcc", "#318ea5", "#591a4c", "#87a55b")


# The component encodes a picture for each label, which takes its time on large ones.
_LONG_SIDE = 800


def _label(first_class, second_class):
    first, second = TITLES.values()
    return f"{first} {first_class}, {second} {second_class}"


_PAIRS = (
    ("pet", "background"),
    ("pet", "outline"),
    ("background", "pet"),
    ("outline", "pet"),
    ("outline", "background"),
    ("background", "outline"),
)
assert set(_PAIRS) == set(itertools.permutations(CLASS_NAMES, 2))
_COLOUR_MAP = {_label(*pair): colour for pair, colour in zip(_PAIRS, COLOURS)}


def _chip(colour):
    """Style of a label in the map's own colour; Gradio would give it half of it."""
    red, green, blue = ImageColor.getrgb(colour)
    text = "#000" if 0.299 * red + 0.587 * green + 0.114 * blue > 115 else "#fff"
    return f"#differences .legend-item:is([style*='{red}, {green}, {blue}'], [style*='{colour}']) {{ background: {colour} !important; color: {text}; }}"


STYLE = (
    """
/* No picture is higher than the screen; the layers must follow the photo, in full screen too. */
#differences :is(.base-image, .mask) { max-height: 70vh; object-fit: contain; object-position: top; }
#differences .mask { top: 0; left: 0; width: 100%; height: 100%; }
#differences .image-container:not(:hover) .mask:not(.inactive) { opacity: 1; }
#differences .legend-item { box-shadow: 0 0 0 1px #8888; }
"""
    + "\n".join(map(_chip, COLOURS))
    + "\n"
)


def difference_map(**kwargs) -> gr.AnnotatedImage:
    """The component, for the element ``differences``; pointing at a label shows its pixels alone."""
    return gr.AnnotatedImage(color_map=_COLOUR_MAP, format="jpeg", **kwargs)


def annotated(photo: Photo, comparison: Comparison, regions: list[Region] = ()):
    """What `difference_map` shows for a comparison, or None where a network is missing.

    Args:
        regions: are framed and numbered, from 1.
    """
    if len(comparison.segmentations) < len(TITLES):
        return None
    ground = photo.image.copy()
    ground.thumbnail((_LONG_SIDE, _LONG_SIDE))
    size = ground.size
    maps = [
        np.asarray(Image.fromarray(s.class_map).resize(size, Image.Resampling.NEAREST))
        for s in comparison.segmentations.values()
    ]
    found = disagreements(*maps)
    return _framed(faded(ground), regions, maps[0] != maps[1]), [
        (found[pair], _label(*pair)) for pair in _PAIRS if pair in found
    ]


def _framed(image, regions, differ):
    """Draws numbered frames, a little outside their regions so that they hide nothing.

    Args:
        differ: boolean array (h, w), the pixels that the component colours; a number there could not be read.
    """
    draw = ImageDraw.Draw(image)
    margin = max(image.size) / 100
    height = max(12, max(image.size) // 28)
    font = ImageFont.load_default(0.8 * height)
    taken = differ.copy()
    for number, region in enumerate(regions, 1):
        left, top, right, bottom = (edge * side for edge, side in zip(region.box, image.size * 2))
        box = [
            max(0, left - margin),
            max(0, top - margin),
            min(image.width - 1, right + margin),
            min(image.height - 1, bottom + margin),
        ]
        draw.rectangle(box, outline="black", width=2)
        x, y = _place_of_number([round(edge) for edge in box], height, taken)
        taken[y : y + height, x : x + height] = True
        draw.rectangle((x, y, x + height, y + height), fill="black")
        draw.text((x + height / 2, y + height / 2), str(number), fill="white", font=font, anchor="mm")
    return image


def _place_of_number(box, side, taken):
    """Left and top of a square at a corner of the box, where the least is taken; outside the box where there is room."""
    left, top, right, bottom = box
    outside = [(x, y) for y in (top - side, bottom) for x in (left, right - side)] + [
        (x, y) for x in (left - side, right) for y in (top, bottom - side)
    ]
    inside = [(x, y) for y in (top, bottom - side) for x in (left, right - side)]
    height, width = taken.shape
    possible = [(x, y) for x, y in outside + inside if 0 <= x < width - side and 0 <= y < height - side]
    return min(
        possible or [(0, 0)], key=lambda place: taken[place[1] : place[1] + side, place[0] : place[0] + side].sum()
    )
