"""Tables of scores, costs and confusions, and the four figures that tell the contest."""

import html

from seg.classes import CLASS_NAMES, OUTLINE
from seg.networks import NETWORKS, TITLES
from seg.report.contest_in_words import larger_copies_in_words, surer_in_words
from seg.report.reasons import signed
from seg.report.tables import formatted, photo_sizes, score_rows
from seg.ui.contest.gallery import cell_order
from seg.ui.contest.numbers import aligned, table

# Label, value of a network's entry in the report, format, which is better.
_FURTHER = (  # beside those of `score_rows`
    ("Boundary F-score", lambda n: n["boundary_f_score"], "{:.3f}", max),
    ("Calibration error", lambda n: n["calibration"]["error_with_temperature"], "{:.3f}", min),
)
_PARAMETERS = ("Parameters, million", lambda n: n["cost"]["parameters"] / 1e6, "{:.1f}", min)
_TIME = ("Time per photo, ms", lambda n: 1000 * n["cost"]["seconds_per_photo"], "{:.0f}", min)
_COSTS = (
    _PARAMETERS,
    ("Multiply-adds per photo, billion", lambda n: n["cost"]["multiply_adds"] / 1e9, "{:.1f}", min),
    _TIME,
    ("Weights file, MiB", lambda n: n["cost"]["file_bytes"] / 2**20, "{:.1f}", min),
)
_KEY_FIGURES = (
    ("Mean IoU", lambda n: n["mean_iou"], "{:.3f}", max),
    (f"IoU of the {CLASS_NAMES[OUTLINE]}", lambda n: n["iou"][CLASS_NAMES[OUTLINE]], "{:.3f}", max),
    _PARAMETERS,
    _TIME,
)


def key_figures(report: dict) -> str:
    """HTML table: both values, and a bar from the middle towards the better network, as long as the difference."""
    names = report["contest"]["order"]
    rows, ahead = [], dict.fromkeys(names, 0)
    for label, value_of, form, better in _KEY_FIGURES:
        values, cells, best = _compared(report, value_of, form, better)
        share = abs(values[0] - values[1]) / max(values) if max(values) else 0
        told = "level"
        if best is not None:
            ahead[names[best]] += 1
            told = f"{TITLES[names[best]]}, {100 * share:.0f} % {'more' if better is max else 'less'}"
        place = values.index(better(values))
        # The left half belongs to the first network.
        style = f"{('right', 'left')[place]}:50%;width:{50 * share:.1f}%;background:{NETWORKS[names[place]].colour}"
        lead = f'{html.escape(told)}<span class="contest-lead"><span style="{style}"></span></span>'
        name, _, unit = label.partition(", ")
        rows.append((f"{name}<small>{unit}</small>" if unit else name, *cells, lead))
    told = " and ".join(f"{TITLES[name]} is the better one in {count}" for name, count in ahead.items())
    return table(
        f"How good are the two, and what do they cost? Measured on the {report['photos']:,} test photos.",
        ["Figure", *(TITLES[name] for name in names), "Which is better, by how much"],
        rows,
        f"{told} of these {len(rows)}.",
        "contest-figures",
    )


def results_table(report: dict) -> str:
    """HTML table of both networks' scores and costs; the better value is bold."""
    names = report["contest"]["order"]
    scores = [*((*row, "{:.3f}", max) for row in score_rows(report)), *_FURTHER]
    rows, ahead = [], dict.fromkeys(names, 0)
    for place, (label, value_of, form, better) in enumerate((*scores, *_COSTS)):
        _, cells, best = _compared(report, value_of, form, better)
        if place < len(scores) and best is not None:
            ahead[names[best]] += 1
        rows.append((label, *cells))
    told = " and ".join(f"{TITLES[name]} is ahead in {count}" for name, count in ahead.items())
    return table(
        f"Which network is the better one in which respect, and what does it cost? {report['photos']:,} test photos."
        f" {photo_sizes(report)} The better value is bold.",
        ["Measure", *(TITLES[name] for name in names)],
        rows,
        f"{told} of {len(scores)} scores.",
        "contest-results",
    )


def _compared(report, value_of, form, better):
    """Both networks' values, their cells of a table, and the place of the better one; None where they are level."""
    values = [value_of(report["networks"][name]) for name in report["contest"]["order"]]
    texts = [formatted(value, form) for value in values]
    best = None if None in values or texts[0] == texts[1] else values.index(better(values))
    return values, [aligned(number, place == best) for place, number in enumerate(texts)], best


def further_words(report: dict) -> str:
    """HTML of what else the contest says of scores and certainty."""
    said = (larger_copies_in_words(report), surer_in_words(report))
    return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in said if sentence)


def confusion_tables(report: dict, has_photos: bool) -> str:
    """HTML tables of what each network takes each class for.

    Args:
        has_photos: whether a cell can be chosen, for the photos with most pixels in it.
    """

    def cell(name, true, seen, share):
        number = aligned(f"{share:.1f}", true == seen)
        order = cell_order(name, true, seen)
        title = f"Photos with most {CLASS_NAMES[true]} seen as {CLASS_NAMES[seen]}"
        return f'<button data-photos="{order}" title="{title}">{number}</button>' if has_photos else number

    parts = []
    for name in report["contest"]["order"]:
        shares = [
            [100 * count / (sum(row) or 1) for count in row] for row in report["networks"][name]["confusion_matrix"]
        ]
        rows = [
            (CLASS_NAMES[true], *(cell(name, true, seen, share) for seen, share in enumerate(row)))
            for true, row in enumerate(shares)
        ]
        share, true, seen = max(
            (share, true, seen) for true, row in enumerate(shares) for seen, share in enumerate(row) if seen != true
        )
        parts.append(
            table(
                f"What does {TITLES[name]} take each class for? Of 100 pixels of a class so many."
                f"{' Choose a number to see its photos below.' if has_photos else ''}",
                ["True class", *(f"seen as {class_name}" for class_name in CLASS_NAMES)],
                rows,
                f"Its commonest mistake: {share:.0f} of 100 pixels of {CLASS_NAMES[true]} are taken for"
                f" {CLASS_NAMES[seen]}.",
            )
        )
    return f'<div id="contest-confusion"{" class=explorable" if has_photos else ""}>{"".join(parts)}</div>'


def native_table(report: dict) -> str:
    """HTML table of scores at the photos' own size."""
    native = report["native"]
    rows, certain = [], 0
    for name in report["contest"]["order"]:
        score = native["networks"][name]
        gap = score["less_network_size"]
        certain += gap["low"] * gap["high"] > 0
        rows.append(
            (
                TITLES[name],
                aligned(f"{score['mean_iou']:.3f}"),
                aligned(signed(gap["difference"])),
                f"{signed(gap['low'])} to {signed(gap['high'])}",
            )
        )
    follows = (
        "For neither is the difference more than chance could explain.",
        "For one of them the difference is more than chance could explain.",
        "Both lose or gain more than chance could explain.",
    )
    return table(
        f"What does a photo's own size change? {native['photos']} test photos at their own size, masks scaled up.",
        ["Network", "Mean IoU", "less that at the network's size", "95 % interval"],
        rows,
        follows[certain],
        "contest-native",
    )
