"""Drawings as SVG in the page's own colours, each with a text alternative."""

import html

from seg.networks import NETWORKS

NETWORK_COLOURS = {name: network.colour for name, network in NETWORKS.items()}
"""Each network's colour: apart from one another for colour-blind viewers, and from light and dark grounds."""


def svg(width: float, height: float, title: str, description: str, parts: list[str]) -> str:
    """An image as wide as the place it is put in.

    Args:
        width, height: of its own coordinates.
        title: names it; what a screen reader says first.
        description: what it shows, in words.
        parts: SVG elements.
    """
    alternative = html.escape(f"{title}. {description}")
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{alternative}">{"".join(parts)}</svg>'


def text(x: float, y: float, words: str, anchor: str = "start", css: str = "", weight: int = 400) -> str:
    """Words at a place; ``anchor`` says which end of them is there."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}"'
        f' font-weight="{weight}">{html.escape(words)}</text>'
    )
