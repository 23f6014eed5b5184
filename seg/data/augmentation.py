"""Random changes of a training photo together with its mask."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from seg.classes import BACKGROUND

# Mean colour of ImageNet: what lies outside the photo.
_FILL = (124, 116, 104)


@dataclass(frozen=True)
class Augmentation:
    """Ranges from which each photo's change is drawn.

    Attributes:
        zoom: smallest and largest factor by which the photo is enlarged.
        aspect: largest ratio by which one axis is stretched against the other.
        rotation: largest angle either way, degrees.
        colour: largest relative change of brightness, contrast and saturation.
        flip: whether half of the photos are mirrored left to right.
    """

    zoom: tuple[float, float] = (0.9, 1.4)
    aspect: float = 1.2
    rotation: float = 10.0
    colour: float = 0.25
    flip: bool = True

    def __call__(self, photo, mask, rng):
        """Draws one change and applies it to both.

        Args:
            photo: uint8 array (s, s, 3), RGB 0..255.
            mask: uint8 array (s, s) of class ids.
            rng: `numpy.random.Generator`; equal states give equal changes.

        Returns:
            Photo (bilinear) and mask (nearest neighbour), of the same shapes
            and dtypes. What comes from outside the photo is background.
        """
        size = photo.shape[0]
        affine = self._draw_affine(size, rng)
        changed = Image.fromarray(photo).transform(
            (size, size), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR, fillcolor=_FILL
        )
        for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            changed = enhance(changed).enhance(1 + rng.uniform(-self.colour, self.colour))
        changed_mask = Image.fromarray(mask).transform(
            (size, size), Image.Transform.AFFINE, affine, Image.Resampling.NEAREST, fillcolor=BACKGROUND
        )
        return np.asarray(changed), np.asarray(changed_mask)

    def _draw_affine(self, size, rng):
        """Maps output to input pixels, as Pillow's AFFINE wants it: six numbers."""
        zoom = math.exp(rng.uniform(*np.log(self.zoom)))
        stretch = math.exp(rng.uniform(-0.5, 0.5) * math.log(self.aspect))
        angle = math.radians(rng.uniform(-self.rotation, self.rotation))
        mirror = -1 if self.flip and rng.random() < 0.5 else 1
        scale_x, scale_y = mirror * stretch / zoom, 1 / (stretch * zoom)
        a, b = scale_x * math.cos(angle), -scale_y * math.sin(angle)
        d, e = scale_x * math.sin(angle), scale_y * math.cos(angle)
        # The window's centre moves as far as the window stays within the photo;
        # a window larger than the photo moves as far within its own margin.
        room = size / 2 * abs(1 - 1 / zoom)
        centre = size / 2
        x, y = centre + rng.uniform(-room, room), centre + rng.uniform(-room, room)
        return (a, b, x - (a + b) * centre, d, e, y - (d + e) * centre)
