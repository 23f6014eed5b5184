"""Where the networks differ, and who says what there."""

import itertools

import gradio as gr
import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.comparison import Comparison
from seg.networks import TITLES
from seg.photos import Photo
from seg.rendering import disagreements, faded

# Warm where FCN-8 sees more of the pet, cool where U-Net does.
_COLOURS = ("#b2182b", "#f4a582", "#2166ac", "#92c5de", "#762a83", "#1b7837")


# The component encodes a picture for each label, which takes its time on large ones.
_LONG_SIDE = 800


def _label(first_class, second_class):
    first, second = TITLES.values()
    return f"{first} {first_class}, {second} {second_class}"


_PAIRS = (("pet", "background"), ("pet", "outline"), ("background", "pet"), ("outline", "pet"), ("outline", "background"), ("background", "outline"))
assert set(_PAIRS) == set(itertools.permutations(CLASS_NAMES, 2))
_COLOUR_MAP = {_label(*pair): colour for pair, colour in zip(_PAIRS, _COLOURS)}


def difference_map(**kwargs) -> gr.AnnotatedImage:
    """The component; pointing at a label shows its pixels alone."""
    return gr.AnnotatedImage(color_map=_COLOUR_MAP, format="jpeg", **kwargs)


def annotated(photo: Photo, comparison: Comparison):
    """What `difference_map` shows for a comparison, or None where a network is missing."""
    if len(comparison.segmentations) < len(TITLES):
        return None
    ground = photo.image.copy()
    ground.thumbnail((_LONG_SIDE, _LONG_SIDE))
    size = ground.size
    maps = [np.asarray(Image.fromarray(s.class_map).resize(size, Image.Resampling.NEAREST)) for s in comparison.segmentations.values()]
    found = disagreements(*maps)
    return faded(ground), [(found[pair], _label(*pair)) for pair in _PAIRS if pair in found]
