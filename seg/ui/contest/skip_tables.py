"""What skip connections are worth: silenced in the trained networks, and never trained."""

import html

from seg.networks import NETWORKS, TITLES
from seg.report.reasons import signed, skips_of_twins
from seg.ui.contest.numbers import aligned, table


def silenced_tables(report: dict) -> str:
    """HTML tables of what each network loses without each of its skip connections."""
    parts = []
    for name in report["contest"]["order"]:
        (_, whole), *variants = report["networks"][name]["silenced_skips"].items()
        if not variants:
            continue  # it has none
        losses = {title: whole["mean_iou"] - score["mean_iou"] for title, score in variants}
        most = max(losses, key=losses.get)
        rows = []
        for title, loss in losses.items():
            style = f"width:{100 * max(0, loss) / whole['mean_iou']:.1f}%;background:{NETWORKS[name].colour}"
            bar = f'<span class="contest-bar"><span style="{style}"></span></span>'
            rows.append((html.escape(title), aligned(signed(-loss)), bar))
        parts.append(
            table(
                f"What does {TITLES[name]} lose without its skip connections? Silenced in the trained network, on"
                f" {whole['photos']:,} test photos, on which it has {whole['mean_iou']:.3f} mean IoU as a whole.",
                ["Variant", "Mean IoU", "share of it lost"],
                rows,
                f"It loses most as {most}: {losses[most]:.3f}. A trained network is disturbed by that: this says how"
                " much it relies on a skip connection, not how good it would be had it never had one.",
            )
        )
    return f'<div id="contest-skips">{"".join(parts)}</div>'


def twins_table(report: dict) -> str:
    """HTML table of networks trained alike with and without skip connections."""
    gains = skips_of_twins(report)
    rows = [
        (
            html.escape(f"{TITLES[name]}, seed {seed}"),
            aligned(f"{with_skips:.3f}"),
            aligned(f"{without:.3f}"),
            aligned(signed(with_skips - without)),
        )
        for name, seeds in gains.items()
        for seed, (with_skips, without) in seeds.items()
    ]
    trials = report["trials"]
    schedules = "; ".join(
        f"{TITLES[name]} {schedule['photos']:,} photos, {schedule['epochs']} epochs"
        for name, schedule in trials["schedules"].items()
    )
    told = " and ".join(
        f"{signed(sum(a - b for a, b in seeds.values()) / len(seeds))} to {TITLES[name]}"
        for name, seeds in gains.items()
    )
    return table(
        "How good is a network that never had skip connections? Twins, trained briefly and alike with and without them"
        f" ({trials['image_size']} × {trials['image_size']} pixels; {schedules}), mean IoU on validation photos: not to"
        " be compared with the scores of the trained networks above.",
        ["Twins", "with", "without", "difference"],
        rows,
        f"Having skip connections was worth {told} mean IoU, in such short trainings.",
        "contest-twins",
    )
