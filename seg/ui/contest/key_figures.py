"""Four figures that tell the contest, and by how much one network is ahead in each."""

import html

from seg.classes import CLASS_NAMES, OUTLINE
from seg.networks import NETWORKS, TITLES
from seg.ui.contest.numbers import aligned

# Label, unit, value of a network's entry in the report, format, which is better.
_FIGURES = (
    ("Mean IoU", "", lambda n: n["mean_iou"], "{:.3f}", max),
    (f"IoU of the {CLASS_NAMES[OUTLINE]}", "", lambda n: n["iou"][CLASS_NAMES[OUTLINE]], "{:.3f}", max),
    ("Parameters", "million", lambda n: n["cost"]["parameters"] / 1e6, "{:.1f}", min),
    ("Time per photo", "ms", lambda n: 1000 * n["cost"]["seconds_per_photo"], "{:.0f}", min),
)


def key_figures(report: dict) -> str:
    """HTML table: both values, and a bar from the middle towards the better network, as long as the difference."""
    names = report["contest"]["order"]
    heads = "".join(f'<th scope="col">{TITLES[name]}</th>' for name in names)
    rows, ahead = "", dict.fromkeys(names, 0)
    for figure in _FIGURES:
        row, best = _row(report, names, *figure)
        rows += row
        if best is not None:
            ahead[best] += 1
    told = " and ".join(f"{TITLES[name]} is the better one in {count}" for name, count in ahead.items())
    return (
        '<div class="contest-table" id="contest-figures"><table><caption>How good are the two, and what do they cost?'
        f' Measured on the {report["photos"]:,} test photos.</caption><thead><tr><th scope="col">Figure</th>{heads}'
        f'<th scope="col">Which is better, by how much</th></tr></thead><tbody>{rows}</tbody></table>'
        f"<p>{told} of these {len(_FIGURES)}.</p></div>"
    )


def _row(report, names, label, unit, value_of, form, better):
    """HTML of a row, and which network is the better one there, or None."""
    values = [value_of(report["networks"][name]) for name in names]
    shown = [form.format(value) for value in values]
    best = values.index(better(values))
    is_level = shown[0] == shown[1]
    cells = "".join(f"<td>{aligned(number, not is_level and place == best)}</td>" for place, number in enumerate(shown))
    share = abs(values[0] - values[1]) / max(values) if max(values) else 0
    told = "level" if is_level else f"{TITLES[names[best]]}, {100 * share:.0f} % {'more' if better is max else 'less'}"
    # The left half belongs to the first network.
    place = f"{'right' if best == 0 else 'left'}:50%;width:{50 * share:.1f}%;background:{NETWORKS[names[best]].colour}"
    unit = f"<small>{unit}</small>" if unit else ""
    row = (
        f'<tr><th scope="row">{label}{unit}</th>{cells}<td>{html.escape(told)}<span class="contest-lead">'
        f'<span style="{place}"></span></span></td></tr>'
    )
    return row, None if is_level else names[best]
