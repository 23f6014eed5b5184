"""Decoder or start: the experiment that tells the two apart, as a chart and a table."""

from seg.networks import TITLES
from seg.report.charts import STARTS, two_by_two_chart
from seg.ui.contest.numbers import aligned, table


def two_by_two_table(report: dict) -> str:
    """HTML chart and table of both decoders behind the same encoder, from ImageNet and from random; empty without."""
    if "two_by_two" not in report:
        return ""  # an experiment of its own, which a report need not have
    found = report["two_by_two"]
    settings = found["settings"]
    rows = [
        (
            f"{TITLES[cell['decoder']]}'s decoder,"
            f" from {STARTS[cell['start']]}"
            f"{'' if cell['skips'] else ', without skip connections'}",
            aligned(f"{cell['value']:.3f}"),
            f"{cell['low']:.3f} to {cell['high']:.3f}",
            ", ".join(f"{score:.3f}" for score in cell["by_seed"]),
        )
        for cell in found["cells"]
    ]
    chart = f'<div class="contest-charts drawing">{two_by_two_chart(found)}</div>'
    return chart + table(
        "Is it the decoder, or the start from ImageNet? Both decoders behind the same VGG-16 encoder, alike in"
        f" everything else: {settings['photos']:,} photos of {settings['image_size']} × {settings['image_size']} pixels"
        f" in batches of {settings['batch_size']}, {settings['epochs']} epoch{'s'[: settings['epochs'] != 1]}."
        " Mean IoU on validation photos, the mean over the seeds: not to be compared with the scores of the trained"
        " networks above.",
        ["Network", "Mean IoU", "95 % interval", "each seed"],
        rows,
        " ".join(found["verdict"]),
        "contest-two-by-two",
    )
