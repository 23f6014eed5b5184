"""Charts that follow the page's theme and say in words what they show.

Gradio's own plots draw no dotted lines and no names beside points, and a screen
reader learns of them nothing but "visualization".
"""

import html
import math

from seg.ui.svg import svg, text

# At this width a chart's text is as large as the style sheet says; it is never narrower on a page.
_WIDTH = 300
_LEFT, _RIGHT = 38, 10


def line_chart(title: str, description: str, lines: list, height: int = 220) -> str:
    """Lines over whole numbers, such as a score over the epochs.

    Args:
        lines: ``(colour, whether dotted, [(x, y), ...])`` each.
    """
    points = [point for _, _, line in lines for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    ticks = _ticks(min(ys), max(ys))
    top, bottom = 26, height - 32
    across = _scale(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT)
    up = _scale(ticks[0], ticks[-1], bottom, top)
    parts = [text(0, 12, title, weight=600)]
    for tick in ticks:
        parts.append(
            f'<line class="faint-line" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{up(tick):.1f}" y2="{up(tick):.1f}"/>'
        )
        parts.append(text(_LEFT - 6, up(tick) + 4, f"{tick:g}", "end", "quiet"))
    every = math.ceil((max(xs) - min(xs) + 1) / 9)
    for x in range(min(xs), max(xs) + 1, every):
        parts.append(text(across(x), bottom + 16, str(x), "middle", "quiet"))
    parts.append(text((_LEFT + _WIDTH - _RIGHT) / 2, height - 2, "epoch", "middle", "quiet"))
    for colour, dotted, line in lines:
        path = "M" + " L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line)
        dashes = ' stroke-dasharray="2 4"' if dotted else ""
        parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linecap="round"{dashes}/>'
        )
    return svg(_WIDTH, height, title, description, parts)


def pair_chart(title: str, description: str, axis: str, rows: list, colours: tuple, limits: tuple) -> str:
    """Two values of each name as two points on one line.

    Args:
        axis: what the values are.
        rows: ``(name, first value, second value)`` each, drawn from top to bottom.
        colours: of the first and the second value.
        limits: lowest and highest value that the axis must hold.
    """
    left, row_height, top = 138, 19, 30
    ticks = _ticks(*limits)
    across = _scale(ticks[0], ticks[-1], left, _WIDTH - _RIGHT)
    bottom = top + row_height * len(rows)
    parts = []
    for tick in ticks:
        parts.append(
            f'<line class="faint-line" x1="{across(tick):.1f}" x2="{across(tick):.1f}" y1="{top - 6}" y2="{bottom}"/>'
        )
        parts.append(text(across(tick), top - 12, f"{tick:g}", "middle", "quiet"))
    for place, (name, *pair) in enumerate(rows):
        y = top + row_height * (place + 0.5)
        parts.append(text(left - 10, y + 4, name, "end"))
        first, second = map(across, pair)
        tip = html.escape(f"{name}: {pair[0]:.3f} and {pair[1]:.3f}")
        parts.append(
            f'<g><title>{tip}</title><line class="faint-line" x1="{first:.1f}" x2="{second:.1f}" y1="{y}" y2="{y}"'
            ' stroke-width="3"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{colour}"/>' for x, colour in zip((first, second), colours)
        ]
        parts.append("</g>")
    parts.append(text((left + _WIDTH - _RIGHT) / 2, bottom + 16, axis, "middle", "quiet"))
    return svg(_WIDTH, bottom + 20, title, description, parts)


def _scale(low, high, start, end):
    span = (high - low) or 1
    return lambda value: start + (value - low) / span * (end - start)


def _ticks(low, high):
    """Three to seven round numbers that span the values."""
    rough = ((high - low) or 0.1) / 4
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    return [round(i * step, 10) for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
