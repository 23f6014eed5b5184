"""The words that the page explains, from one list that README's readers find too."""

import functools
import html
import re
from pathlib import Path

GLOSSARY = Path(__file__).with_name("glossary.md")


@functools.cache
def glossary() -> dict[str, str]:
    """One sentence for each word."""
    return dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE))


def explained(*contents: str) -> list[str]:
    """Texts, HTML or Markdown, in which each word of the glossary has its sentence where it first stands.

    Words are looked for in text alone, not in tags, headings, links, buttons, code or drawings.

    Args:
        contents: in the order in which they are read.
    """
    waiting = {word.lower(): sentence for word, sentence in glossary().items()}
    return [_explained(content, waiting) for content in contents]


_LEFT_ALONE = ("a", "button", "code", "h1", "h2", "h3", "h4", "pre", "summary", "svg", "th")


def _explained(content, waiting):
    def told(match):
        sentence = waiting.pop(match[0].lower(), None)
        if sentence is None:  # told a moment ago
            return match[0]
        return f'<span class="term" tabindex="0">{match[0]}<span role="tooltip">{html.escape(sentence)}</span></span>'

    pieces, inside = [], 0
    for piece in re.split(r"(<[^>]*>|^#+ .*$|\[[^\]]*\]\([^)]*\)|`[^`]*`)", content, flags=re.MULTILINE):
        if tag := re.fullmatch(r"<(/?)(\w+)[^>]*>", piece):
            if tag[2].lower() in _LEFT_ALONE:
                inside += -1 if tag[1] else 1
        elif not inside and waiting and piece[:1] not in ("#", "[", "`"):
            words = "|".join(map(re.escape, sorted(waiting, key=len, reverse=True)))
            piece = re.sub(rf"\b({words})(?!\w)", told, piece, flags=re.IGNORECASE)
        pieces.append(piece)
    return "".join(pieces)
