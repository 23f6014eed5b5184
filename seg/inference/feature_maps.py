"""What a network has made of a photo at each of its steps, as small grey pictures."""

import numpy as np
from PIL import Image

from seg.classes import NUM_CLASSES
from seg.networks.anatomy import Step

SHOWN = 4
"""Features shown of each step."""

LARGEST_PICTURE = 64
"""Height and width of a picture at most, pixels; smaller steps keep their own size, so that their pixels are seen."""


def feature_maps(segmenter, photo) -> list[tuple[Step, np.ndarray]]:
    """The features that vary most over the photo at each step; of class scores all.

    Args:
        segmenter: `seg.inference.segmenter.Segmenter`.
        photo: whatever `seg.images.given_photos.as_photo` makes a photo of.

    Returns:
        Each of `seg.networks.anatomy.Anatomy.steps`, in that order, and a uint8 array (n, h, w) of some features
        there, each from its lowest value, 0, to its highest, 255.
    """
    steps = segmenter.anatomy.steps
    maps = []
    for step, features in zip(steps, segmenter.features(photo, [step.layer for step in steps])):
        planes = np.moveaxis(features, -1, 0)
        if len(planes) != NUM_CLASSES:
            planes = planes[np.argsort(-planes.std((1, 2)), kind="stable")[:SHOWN]]
        maps.append((step, np.stack([_picture(plane) for plane in planes])))
    return maps


def _picture(plane):
    low, high = plane.min(), plane.max()
    grey = np.round(255 * (plane - low) / (high - low or 1)).astype(np.uint8)
    if max(grey.shape) <= LARGEST_PICTURE:
        return grey
    return np.asarray(Image.fromarray(grey).resize((LARGEST_PICTURE, LARGEST_PICTURE), Image.Resampling.BOX))
