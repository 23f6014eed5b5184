"""Charts that say in words what they show: the same in the report's files and in the page, whose theme they follow."""

import html
import math

from seg.images.svg import svg, text
from seg.networks import NETWORKS, TITLES

# At this width a chart's text is as large as the style sheet says; it is never narrower on a page.
_WIDTH, _HEIGHT = 300, 220
_RIGHT = 16
_NAMES = 162
_ROW, _TOP = 19, 30

STARTS = {"imagenet": "ImageNet", "random": "random"}
"""Where an encoder of the two-by-two starts from, as people write it."""


def line_chart(title: str, description: str, lines: list) -> str:
    """Lines over whole numbers, such as a score over the epochs.

    Args:
        lines: ``(colour, whether dotted, [(x, y), ...])`` each.
    """
    xs, ys = zip(*(point for _, _, line in lines for point in line))
    ticks = _ticks(min(ys), max(ys))
    left, top, bottom = 38, 26, _HEIGHT - 32
    across = _scale(min(xs), max(xs), left, _WIDTH - _RIGHT)
    up = _scale(ticks[0], ticks[-1], bottom, top)
    parts = [text(0, 12, title, weight=600)]
    for tick in ticks:
        y = up(tick)
        parts += [_line(left, y, _WIDTH - _RIGHT, y), text(left - 6, y + 4, f"{tick:g}", "end", "quiet")]
    every = math.ceil((max(xs) - min(xs) + 1) / 9)
    for x in range(min(xs), max(xs) + 1, every):
        parts.append(text(across(x), bottom + 16, str(x), "middle", "quiet"))
    parts.append(text((left + _WIDTH - _RIGHT) / 2, _HEIGHT - 2, "epoch", "middle", "quiet"))
    for colour, dotted, line in lines:
        path = "M" + " L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line)
        dashes = ' stroke-dasharray="2 4"' if dotted else ""
        parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linecap="round"{dashes}/>'
        )
    return svg(_WIDTH, _HEIGHT, title, description, parts)


def breed_chart(names: list[str], rows: list, limits: tuple) -> str:
    """Both networks' mean IoU of each breed, as two points on one line.

    Args:
        names: of the networks.
        rows: ``(breed, score of the first, of the second)`` each, drawn from top to bottom.
        limits: lowest and highest score that the axis must hold.
    """

    def pair(across, y, row):
        first, second = map(across, row[1:])
        circles = "".join(_dot(name, f"{x:.1f}", y) for name, x in zip(names, (first, second)))
        tip = html.escape(f"{row[0]}: {row[1]:.3f} and {row[2]:.3f}")
        return f"<g><title>{tip}</title>{_line(first, y, second, y, 3)}{circles}</g>"

    told = "; ".join(f"{breed} {first:.2f} and {second:.2f}" for breed, first, second in rows)
    description = f"{' and '.join(TITLES[name] for name in names)}: {told}."
    return _rows("Mean IoU by breed", description, rows, limits, pair, names)


def breed_rows(breeds: dict, names: list[str]) -> list[tuple]:
    """``rows`` of `breed_chart`, best breed first.

    Args:
        breeds: as the report has them.
    """
    rows = [(breed.replace("_", " "), *(scores[name] for name in names)) for breed, scores in breeds.items()]
    return sorted(rows, key=lambda row: -sum(row[1:]))


def two_by_two_chart(found: dict) -> str:
    """The four networks with skip connections: bars with 95 % intervals, and each seed as a dot.

    Args:
        found: as `seg.training.two_by_two.effects` returns it.
    """
    rows = [(f"{TITLES[cell['decoder']]}, {STARTS[cell['start']]}", cell) for cell in found["cells"] if cell["skips"]]

    def bar(across, y, row):
        cell, start = row[1], across(0)
        end, low, high = (across(cell[key]) for key in ("value", "low", "high"))
        seeds = "".join(
            f'<circle cx="{across(seed):.1f}" cy="{y}" r="2" fill="currentColor"/>' for seed in cell["by_seed"]
        )
        colour = NETWORKS[cell["decoder"]].colour
        return (
            f'<rect x="{start:.1f}" y="{y - 6}" width="{end - start:.1f}" height="12" fill="{colour}" opacity=".55"/>'
            f'<path d="M{low:.1f} {y - 4}v8m0-4H{high:.1f}m0-4v8" stroke="currentColor" fill="none"/>{seeds}'
            + text(start + 4, y + 4, f"{cell['value']:.3f}")
        )

    told = "; ".join(
        f"{name} {cell['value']:.3f} (95 % interval {cell['low']:.3f} to {cell['high']:.3f}; seeds"
        f" {', '.join(f'{seed:.3f}' for seed in cell['by_seed'])})"
        for name, cell in rows
    )
    description = f"Mean IoU on validation photos by decoder and by where its encoder starts from: {told}."
    highest = max((max(cell["high"], *cell["by_seed"]) for _, cell in rows), default=1)
    return _rows("Decoder and start", description, rows, (0, highest), bar)


def _rows(title, description, rows, limits, draw, legend=()):
    """A row for each name, over one axis of mean IoU; ``draw`` gives what stands in it."""
    top = _TOP + 20 * bool(legend)
    ticks = _ticks(*limits)
    across = _scale(ticks[0], ticks[-1], _NAMES, _WIDTH - _RIGHT)
    bottom = top + _ROW * len(rows)
    parts = []
    for place, name in enumerate(legend):
        x = _NAMES + 70 * place
        parts += [_dot(name, x + 5, 10), text(x + 14, 14, TITLES[name])]
    for tick in ticks:
        x = across(tick)
        parts += [_line(x, top - 6, x, bottom), text(x, top - 12, f"{tick:g}", "middle", "quiet")]
    for place, row in enumerate(rows):
        y = top + _ROW * (place + 0.5)
        ask = html.escape(row[0].replace(" ", "_"))  # a page may answer a click on a row
        parts.append(f'<g data-photos="{ask}">{text(_NAMES - 10, y + 4, row[0], "end")}{draw(across, y, row)}</g>')
    parts.append(text((_NAMES + _WIDTH - _RIGHT) / 2, bottom + 16, "mean IoU", "middle", "quiet"))
    return svg(_WIDTH, bottom + 20, title, description, parts)


def _dot(name, x, y):
    return f'<circle cx="{x}" cy="{y}" r="4.5" fill="{NETWORKS[name].colour}"/>'


def _line(x1, y1, x2, y2, width=1):
    return f'<line class="faint-line" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke-width="{width}"/>'


def _scale(low, high, start, end):
    span = (high - low) or 1
    return lambda value: start + (value - low) / span * (end - start)


def _ticks(low, high):
    """Three to seven round numbers that span the values."""
    rough = ((high - low) or 0.1) / 4
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    return [round(i * step, 10) for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
