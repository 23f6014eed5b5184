"""Both architectures drawn on the same grid: the photo goes down on the left, the answer up on the right."""

import itertools

from seg.images.svg import svg, text
from seg.networks import NETWORKS, TITLES
from seg.networks.anatomy import Anatomy

_WIDTH, _ROW, _POOL, _BOX = 372, 74, 20, 26
_LEFT, _RIGHT, _HALF, _TOP = 112, 272, 47, 30


def draw(network: str, anatomy: Anatomy) -> str:
    """A network as SVG.

    Each row is a height and width: on the left what the pooling above left of it and the features before the next
    pooling, on the right what the way up holds. A skip connection starts at what it carries.

    Args:
        network: key of `seg.networks.NETWORKS`.
        anatomy: of that network.
    """
    colour, line = NETWORKS[network].colour, "var(--border-color-primary)"
    levels = anatomy.levels
    parts = [
        text(_LEFT, 12, "photo", "middle", weight=600),
        text(_RIGHT, 12, "answer", "middle", weight=600),
        *_box(_LEFT, _TOP, 40, _BOX, "3 colours", line),
        *_box(_RIGHT, _TOP, _HALF, _BOX, f"{anatomy.scores.features} scores", colour),
        text(0, _TOP + _BOX / 2 + 4, f"{anatomy.photo.size} px", css="quiet"),
    ]
    above = _TOP + _BOX  # where the arrow down from the row above starts
    tops = [_TOP + _BOX + 26 + place * _ROW for place in range(len(levels))]
    for place, (level, top) in enumerate(zip(levels, tops)):
        half = _half(place)
        box_top = top + (_POOL if level.pooled else 0)
        previous = levels[place - 1].size if place else anatomy.photo.size
        parts.append(_arrow(_LEFT, above, _LEFT, top, "currentColor"))
        if change := _change(previous, level.size):
            parts.append(text(_LEFT + 8, (above + top) / 2 + 4, change, css="quiet"))
        parts.append(text(0, box_top + _BOX / 2 + 4, f"{level.size} px", css="quiet"))
        if level.pooled:
            parts += _box(_LEFT, top, half - 12, _POOL, f"pool{place}: {level.pooled.features}", line, dashed=True)
        parts += _box(_LEFT, box_top, half, _BOX, f"{level.down.features} features", line)
        above = box_top + _BOX
        if level.up:
            kind = "scores" if level.up.features == anatomy.scores.features else "features"
            parts += _box(_RIGHT, top, _HALF, _POOL + _BOX, f"{level.up.features} {kind}", colour)
    # From the bottom to the top of the right side.
    ups = [(level.size, top) for level, top in zip(levels, tops) if level.up]
    last, last_top = levels[-1], tops[-1]
    middle = last_top + _POOL + _BOX / 2
    if last.up:
        parts.append(_arrow(_LEFT + 66, middle, _RIGHT - _HALF, middle, colour))
        parts.append(text((_LEFT + 66 + _RIGHT - _HALF) / 2, middle - 6, "scored", "middle", "quiet"))
    else:
        parts.append(f'<path d="M{_LEFT + 66} {middle} H{_RIGHT}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        ups.append((last.size, middle))
    for (size, top), (below, from_y) in itertools.pairwise([(anatomy.scores.size, _TOP - _POOL), *ups]):
        to_y = top + _POOL + _BOX
        parts.append(_arrow(_RIGHT, from_y, _RIGHT, to_y, colour))
        if change := _change(below, size):
            parts.append(text(_RIGHT + 8, (from_y + to_y) / 2 + 4, change, css="quiet"))
    # What the paper calls the network by how many skips it has added so far.
    described = NETWORKS[network]
    names = (*reversed(described.without), described.title) if described.without else ()
    added = 0
    for place, (level, top) in reversed(list(enumerate(zip(levels, tops)))):
        if level.skip:
            from_pool = level.pooled == level.skip.carried
            y = top + _POOL / 2 if from_pool else top + (_POOL if level.pooled else 0) + _BOX / 2
            half = _half(place) - (12 if from_pool else 0)
            parts.append(_arrow(_LEFT + half, y, _RIGHT - _HALF, y, colour))
            parts.append(text((_LEFT + half + _RIGHT - _HALF - 4) / 2, y - 5, level.skip.name, "middle"))
            added += not level.skip.is_copied
        if added < len(names) and (level is last and last.up or level.skip and not level.skip.is_copied):
            parts.append(text(_WIDTH, top + (_POOL + _BOX) / 2 + 4, names[added], "end", "quiet"))
    return svg(_WIDTH, tops[-1] + _POOL + _BOX + 4, f"{TITLES[network]} drawn", description(anatomy), parts)


def description(anatomy: Anatomy) -> str:
    """What a drawing shows, in words."""
    levels = anatomy.levels
    sizes = ", ".join(f"{level.size} pixels with {level.down.features} features" for level in levels)
    first = f"The photo of {anatomy.photo.size} pixels" + (
        f" is enlarged to {levels[0].size} and" if levels[0].size != anatomy.photo.size else ""
    )
    skips = "; ".join(
        f"{skip.name} carries {skip.carried.features} features of {skip.carried.size} pixels, which are"
        f" {'copied beside those there' if skip.is_copied else 'scored and added to the scores there'}"
        for skip in anatomy.skips
    )
    return (
        f"{first} goes down on the left: {sizes}. On the right it comes up again to {anatomy.scores.features} scores"
        f" for each of {anatomy.scores.size} × {anatomy.scores.size} pixels. "
        + (f"Skip connections join the two: {skips}." if skips else "There are no skip connections.")
    )


def _change(before, after):
    if before == after:
        return ""
    return f"× {after / before:g}" if after > before else f"÷ {before / after:g}"


def _half(place):
    """Half the width of the box of the features at a level."""
    return min(66, 45 + 5 * place)


def _box(x, top, half, height, words, colour, dashed=False):
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return [
        f'<rect x="{x - half:g}" y="{top:g}" width="{2 * half:g}" height="{height:g}" rx="5"'
        f' fill="var(--background-fill-secondary)" stroke="{colour}" stroke-width="1.5"{dashes}/>',
        text(x, top + height / 2 + 4.5, words, "middle"),
    ]


def _arrow(x1, y1, x2, y2, colour):
    """A horizontal or vertical arrow."""
    length = abs(x2 - x1) + abs(y2 - y1)
    across, down = (x2 - x1) / length, (y2 - y1) / length
    base_x, base_y = x2 - 6 * across, y2 - 6 * down
    head = (
        f"{x2:g},{y2:g} {base_x + 3.5 * down:g},{base_y + 3.5 * across:g}"
        f" {base_x - 3.5 * down:g},{base_y - 3.5 * across:g}"
    )
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{base_x:g}" y2="{base_y:g}" stroke="{colour}" stroke-width="1.8"/>'
        f'<polygon points="{head}" fill="{colour}"/>'
    )
