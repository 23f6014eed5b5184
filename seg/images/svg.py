"""Drawings as SVG, each with a text alternative: in the page's own colours there, and as files of their own."""

import html

_STYLE = (
    "svg{color:#1f2937;font:12px system-ui,sans-serif}text{fill:currentColor}.quiet{fill:#5b6472}"
    ".faint-line{stroke:#d1d5db}@media(prefers-color-scheme:dark)"
    "{svg{color:#e5e7eb}.quiet{fill:#a3abb8}.faint-line{stroke:#4b5563}}"
)
"""What the page's style sheet says of a drawing in it."""

_ENLARGED = 1.5
"""How many pixels of a file's picture a unit is."""


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


def as_file(drawing: str) -> str:
    """The content of a file that holds a drawing of `svg`, readable on light and on dark grounds."""
    head, rest = drawing.split(">", 1)
    width, height = (_ENLARGED * float(side) for side in head.split('"')[1].split()[2:])
    size = f'xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
    return f"{head} {size}><style>{_STYLE}</style>{rest}\n"


def text(x: float, y: float, words: str, anchor: str = "start", css: str = "", weight: int = 400) -> str:
    """Words at a place; ``anchor`` says which end of them is there."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}"'
        f' font-weight="{weight}">{html.escape(words)}</text>'
    )
