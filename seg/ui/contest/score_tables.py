"""Tables of scores, costs and confusions."""

import html

from seg.classes import CLASS_NAMES
from seg.networks import TITLES
from seg.report.contest_in_words import larger_copies_in_words, surer_in_words
from seg.report.reasons import signed
from seg.report.tables import formatted, photo_sizes, score_rows
from seg.ui.contest.gallery import cell_order
from seg.ui.contest.numbers import aligned, table

# Label, value of a network's entry in the report, format, which is better: beside those of `score_rows`.
_FURTHER = (
    ("Boundary F-score", lambda n: n["boundary_f_score"], "{:.3f}", max),
    ("Calibration error", lambda n: n["calibration"]["error_with_temperature"], "{:.3f}", min),
)
_COSTS = (
    ("Parameters, million", lambda n: n["cost"]["parameters"] / 1e6, "{:.1f}", min),
    ("Multiply-adds per photo, billion", lambda n: n["cost"]["multiply_adds"] / 1e9, "{:.1f}", min),
    ("Time per photo, ms", lambda n: 1000 * n["cost"]["seconds_per_photo"], "{:.0f}", min),
    ("Weights file, MiB", lambda n: n["cost"]["file_bytes"] / 2**20, "{:.1f}", min),
)


def results_table(report: dict) -> str:
    """HTML table of both networks' scores and costs; the better value is bold."""
    names = report["contest"]["order"]
    scores = [*((*row, "{:.3f}", max) for row in score_rows(report)), *_FURTHER]
    rows, ahead = [], dict.fromkeys(names, 0)
    for place, (label, value_of, form, better) in enumerate((*scores, *_COSTS)):
        values = [value_of(report["networks"][name]) for name in names]
        texts = [formatted(value, form) for value in values]
        is_level = texts[0] == texts[1] or None in values
        best = None if is_level else values.index(better(values))
        if place < len(scores) and not is_level:
            ahead[names[best]] += 1
        rows.append((label, *(aligned(number, not is_level and best == i) for i, number in enumerate(texts))))
    told = " and ".join(f"{TITLES[name]} is ahead in {count}" for name, count in ahead.items())
    return table(
        f"Which network is the better one in which respect, and what does it cost? {report['photos']:,} test photos."
        f" {photo_sizes(report)} The better value is bold.",
        ["Measure", *(TITLES[name] for name in names)],
        rows,
        f"{told} of {len(scores)} scores.",
        "contest-results",
    )


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
    names = report["contest"]["order"]
    rows, certain = [], []
    for name in names:
        score = native["networks"][name]
        gap = score["less_network_size"]
        certain.append(gap["low"] * gap["high"] > 0)
        rows.append(
            (
                TITLES[name],
                aligned(f"{score['mean_iou']:.3f}"),
                aligned(signed(gap["difference"])),
                f"{signed(gap['low'])} to {signed(gap['high'])}",
            )
        )
    follows = {
        (True, True): "Both lose or gain more than chance could explain.",
        (False, False): "For neither is the difference more than chance could explain.",
    }.get(tuple(certain), "For one of them the difference is more than chance could explain.")
    return table(
        f"What does a photo's own size change? {native['photos']} test photos at their own size, masks scaled up.",
        ["Network", "Mean IoU", "less that at the network's size", "95 % interval"],
        rows,
        follows,
        "contest-native",
    )
