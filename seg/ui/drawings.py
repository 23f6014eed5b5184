"""Both architectures drawn on the same grid: the photo goes down on the left, the answer up on the right."""

from dataclasses import dataclass

from seg.classes import NUM_CLASSES
from seg.networks.unet import LEVELS
from seg.ui.svg import NETWORK_COLOURS, svg, text

_WIDTH, _ROW, _BOX = 380, 56, 28
_LEFT, _RIGHT = 130, 300


@dataclass(frozen=True)
class _Row:
    """One resolution: what the encoder and the decoder hold there, and how a skip connection joins them."""

    size: int
    left: str
    right: str | None = None
    skip: str | None = None


def draw_unet(base_filters: int, image_size: int) -> str:
    """U-Net as SVG.

    Args:
        base_filters: as of `seg.networks.unet.build_unet`.
        image_size: height and width of its input, pixels.
    """
    rows = [_Row(image_size >> level, *[_features(base_filters << level)] * 2, "copied") for level in range(LEVELS)]
    rows.append(_Row(image_size >> LEVELS, _features(base_filters << LEVELS)))
    description = (
        f"The encoder on the left halves the picture four times, from {image_size} to {image_size >> LEVELS} pixels, and doubles its features "
        f"from {base_filters} to {base_filters << LEVELS}. The decoder on the right doubles the picture four times. At each of the four "
        "sizes a skip connection copies all features of the encoder beside those of the decoder."
    )
    return _draw("unet", "U-Net drawn", description, rows)


def draw_fcn8(fc_filters: int, image_size: int, enlarge: float = 1) -> str:
    """FCN-8 as SVG; arguments as of `draw_unet` and `seg.networks.fcn8.build_fcn8`."""
    scores = f"{NUM_CLASSES} scores"
    photo_size, image_size = image_size, round(image_size * enlarge)
    rows = [
        *([_Row(photo_size, "3 colours", scores)] if enlarge != 1 else []),
        _Row(image_size, "3 colours", scores),
        _Row(image_size // 2, _features(64)),
        _Row(image_size // 4, _features(128)),
        _Row(image_size // 8, _features(256), scores, "added"),
        _Row(image_size // 16, _features(512), scores, "added"),
        _Row(image_size // 32, _features(fc_filters), scores, "scored"),
    ]
    description = (
        (f"The photo of {photo_size} pixels is enlarged to {image_size}. " if enlarge != 1 else "")
        + f"The encoder on the left, VGG-16, halves the picture five times, from {image_size} to {image_size // 32} pixels. There every place gets "
        f"{NUM_CLASSES} scores, one for each class. The scores are doubled in size twice; each time those of the encoder's features of the same size "
        f"are added. A last step enlarges the scores eight times, from {image_size // 8} to {image_size} pixels."
        + (f" They are then reduced to the {photo_size} pixels of the photo." if enlarge != 1 else "")
    )
    return _draw("fcn8", "FCN-8 drawn", description, rows)


def _change(before, after):
    return f"× {after / before:g}" if after > before else f"÷ {before / after:g}"


def _features(count):
    return f"{count} features"


def _draw(network, title, description, rows):
    colour = NETWORK_COLOURS[network]
    parts = [
        text(_LEFT, 12, "photo", "middle", weight=600),
        text(_RIGHT, 12, "pet, outline, background", "middle", weight=600),
        _arrow(_LEFT, 17, _LEFT, 30, "currentColor"),
        _arrow(_RIGHT, 30, _RIGHT, 17, colour),
    ]
    joined = None  # the nearest row below that has a decoder's box, and its middle
    for number in reversed(range(len(rows))):
        row, y = rows[number], 30 + _BOX / 2 + _ROW * number
        half = 40 + 5 * (len(rows) - 1 - number)
        parts.append(text(0, y + 4, f"{row.size} px", css="quiet"))
        if number:
            parts.append(_arrow(_LEFT, y - _ROW + _BOX / 2, _LEFT, y - _BOX / 2, "currentColor"))
            parts.append(text(_LEFT + 8, y - _ROW / 2 + 4, _change(rows[number - 1].size, row.size), css="quiet"))
        if joined and row.right:
            below, from_y = joined
            parts.append(_arrow(_RIGHT, from_y - _BOX / 2, _RIGHT, y + _BOX / 2, colour))
            parts.append(text(_RIGHT + 8, (y + from_y) / 2 + 4, _change(below.size, row.size), css="quiet"))
        if row.right is None and joined is None:  # the bottom, where encoder and decoder meet
            parts += _box((_LEFT + _RIGHT) / 2, y, (_RIGHT - _LEFT) / 2 + half, row.left, colour)
        else:
            parts += _box(_LEFT, y, half, row.left, "var(--border-color-primary)")
        if row.right:
            parts += _box(_RIGHT, y, half, row.right, colour)
        if row.skip:
            parts.append(_arrow(_LEFT + half, y, _RIGHT - half, y, colour))
            parts.append(text((_LEFT + _RIGHT) / 2, y - 6, row.skip, "middle", "quiet"))
        if row.right or joined is None:
            joined = row, y
    height = 30 + _BOX + _ROW * (len(rows) - 1) + 4
    return svg(_WIDTH, height, title, description, parts)


def _box(x, y, half, words, colour):
    return [
        f'<rect x="{x - half:g}" y="{y - _BOX / 2:g}" width="{2 * half:g}" height="{_BOX}" rx="5" fill="var(--background-fill-secondary)" stroke="{colour}" stroke-width="1.5"/>',
        text(x, y + 4, words, "middle"),
    ]


def _arrow(x1, y1, x2, y2, colour):
    """A horizontal or vertical arrow."""
    length = abs(x2 - x1) + abs(y2 - y1)
    across, down = (x2 - x1) / length, (y2 - y1) / length
    base_x, base_y = x2 - 6 * across, y2 - 6 * down
    head = f"{x2:g},{y2:g} {base_x + 3.5 * down:g},{base_y + 3.5 * across:g} {base_x - 3.5 * down:g},{base_y - 3.5 * across:g}"
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{base_x:g}" y2="{base_y:g}" stroke="{colour}" stroke-width="1.8"/>'
        f'<polygon points="{head}" fill="{colour}"/>'
    )
