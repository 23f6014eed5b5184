"""Charts of both networks' training and of their scores breed by breed."""

import html
import math
from pathlib import Path

from seg.errors import UserError
from seg.networks import TITLES
from seg.networks.weights import read_history
from seg.ui.contest.charts import line_chart, pair_chart
from seg.ui.svg import NETWORK_COLOURS

_BREED_CHARTS = 3


def training_curves(weights_folder) -> str:
    """SVG charts of both networks' histories, or one sentence."""
    try:
        histories = {name: read_history(Path(weights_folder) / name) for name in TITLES}
    except UserError as error:
        return f"<p>{html.escape(str(error))}</p>"
    charts = []
    for title, key in (("Loss", "loss"), ("Pixel accuracy", "pixel_accuracy"), ("Mean IoU", "mean_iou")):
        lines, ends = [], []
        for name, rows in histories.items():
            for dotted, column in ((True, key), (False, f"val_{key}")):
                lines.append((NETWORK_COLOURS[name], dotted, [(row["epoch"], row[column]) for row in rows]))
            ends.append(
                f"{TITLES[name]} goes from {rows[0][f'val_{key}']:.2f} to {rows[-1][f'val_{key}']:.2f} in {len(rows)}"
                " epochs"
            )
        charts.append(line_chart(title, f"On validation photos, {', '.join(ends)}.", lines))
    key = "".join(
        f"<span>{_line(NETWORK_COLOURS[name], dotted)}{TITLES[name]}, {what}</span>"
        for name in TITLES
        for dotted, what in ((False, "validation photos"), (True, "training photos, altered at random"))
    )
    return f'<p class="contest-key">{key}</p><div class="contest-charts drawing">{"".join(charts)}</div>'


def _line(colour, dotted):
    dashes = ' stroke-dasharray="2 4"' if dotted else ""
    return (
        f'<svg viewBox="0 0 26 8" aria-hidden="true"><line x1="1" x2="25" y1="4" y2="4" stroke="{colour}"'
        f' stroke-width="2" stroke-linecap="round"{dashes}/></svg>'
    )


def breed_chart(breeds: dict) -> str:
    """SVG charts of each breed's mean IoU, best breed first."""
    names = list(TITLES)
    rows = [(breed.replace("_", " "), *(scores[name] for name in names)) for breed, scores in breeds.items()]
    rows.sort(key=lambda row: -sum(row[1:]))
    if not rows:
        return "<p>No breed has enough photos in this report.</p>"
    ahead = {TITLES[name]: sum(max(row[1:]) == row[1 + place] for row in rows) for place, name in enumerate(names)}
    first, last = rows[0][0], rows[-1][0]
    wins = ", ".join(f"{title} is ahead on {count} of {len(rows)} breeds" for title, count in ahead.items())
    said = f"{wins}. By the mean of both, {first} is the easiest breed and {last} the hardest."
    colours = tuple(NETWORK_COLOURS[name] for name in names)
    part_length = math.ceil(len(rows) / _BREED_CHARTS)
    low, high = min(min(row[1:]) for row in rows), max(max(row[1:]) for row in rows)
    charts = "".join(
        pair_chart(
            "Mean IoU by breed",
            f"{TITLES[names[0]]} and {TITLES[names[1]]}: "
            + "; ".join(f"{n} {a:.2f} and {b:.2f}" for n, a, b in part)
            + ".",
            "mean IoU",
            part,
            colours,
            (low, high),
        )
        for part in (rows[start : start + part_length] for start in range(0, len(rows), part_length))
    )
    key = "".join(
        '<span><svg viewBox="0 0 26 8" aria-hidden="true"><circle cx="20" cy="4" r="4"'
        f' fill="{NETWORK_COLOURS[name]}"/></svg>{TITLES[name]}</span>'
        for name in names
    )
    return (
        f'<p>{html.escape(said)}</p><p class="contest-key">{key}</p><div class="contest-charts drawing">{charts}</div>'
    )
