"""Charts of both networks' training and of their scores breed by breed."""

import html
import math
from pathlib import Path

from seg.errors import UserError
from seg.networks import NETWORKS, TITLES
from seg.networks.weights import read_history
from seg.report.charts import breed_chart, breed_rows, line_chart

_BREED_CHARTS = 3


def training_curves(weights_folder, names: list[str]) -> str:
    """SVG charts of both networks' histories, or one sentence."""
    try:
        histories = {name: read_history(Path(weights_folder) / name) for name in names}
    except UserError as error:
        return f"<p>{html.escape(str(error))}</p>"
    charts = []
    for title, key in (("Loss", "loss"), ("Pixel accuracy", "pixel_accuracy"), ("Mean IoU", "mean_iou")):
        lines, ends = [], []
        for name, rows in histories.items():
            for dotted, column in ((True, key), (False, f"val_{key}")):
                lines.append((NETWORKS[name].colour, dotted, [(row["epoch"], row[column]) for row in rows]))
            ends.append(
                f"{TITLES[name]} goes from {rows[0][f'val_{key}']:.2f} to {rows[-1][f'val_{key}']:.2f} in {len(rows)}"
                " epochs"
            )
        charts.append(line_chart(title, f"On validation photos, {', '.join(ends)}.", lines))
    key = "".join(
        f"<span>{_line(NETWORKS[name].colour, dotted)}{TITLES[name]}, {what}</span>"
        for name in names
        for dotted, what in ((False, "validation photos"), (True, "training photos, altered at random"))
    )
    return f'<p class="contest-key">{key}</p><div class="contest-charts drawing">{"".join(charts)}</div>'


def _line(colour, dotted):
    dashes = ' stroke-dasharray="2 4"' if dotted else ""
    return (
        f'<svg viewBox="0 0 26 8" aria-hidden="true"><line x1="1" x2="25" y1="4" y2="4" stroke="{colour}"'
        f' stroke-width="2" stroke-linecap="round"{dashes}/></svg>'
    )


def breed_charts(report: dict, has_photos: bool) -> str:
    """SVG charts of each breed's mean IoU, best breed first.

    Args:
        has_photos: whether a breed can be chosen, for its photos.
    """
    names, breeds = report["contest"]["order"], report["contest"]["breeds"]
    rows = breed_rows(breeds, names)
    if not rows:
        return "<p>No breed has enough photos in this report.</p>"
    ahead = {TITLES[name]: sum(max(row[1:]) == row[1 + place] for row in rows) for place, name in enumerate(names)}
    first, last = rows[0][0], rows[-1][0]
    wins = ", ".join(f"{title} is ahead on {count} of {len(rows)} breeds" for title, count in ahead.items())
    said = f"{wins}. By the mean of both, {first} is the easiest breed and {last} the hardest."
    if has_photos:
        said += " Choose a breed to see its photos below."
    part_length = math.ceil(len(rows) / _BREED_CHARTS)
    limits = min(min(row[1:]) for row in rows), max(max(row[1:]) for row in rows)
    charts = "".join(
        breed_chart(names, rows[start : start + part_length], limits) for start in range(0, len(rows), part_length)
    )
    charts = f'<div class="contest-charts drawing">{charts}</div>'
    return (
        f'<div id="contest-breeds"{" class=explorable" if has_photos else ""}><p>{html.escape(said)}</p>{charts}</div>'
    )
