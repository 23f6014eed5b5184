"""The tab that tells, from the saved report, which network is better and where."""

import functools
import html
import math
from pathlib import Path

import gradio as gr
from PIL import Image

from seg.errors import UserError
from seg.networks import TITLES
from seg.report import headline, verdict
from seg.saved_report import is_about, read_report, report_on
from seg.serving import Service
from seg.ui.charts import line_chart, pair_chart
from seg.ui.example_photos import most_different_photos, name_of
from seg.ui.scripts import TO_RESULTS
from seg.ui.svg import NETWORK_COLOURS, QUIET
from seg.weights import read_history

HOW_TO_MAKE_ONE = "`python -m seg.report` makes one: it runs both networks over the test photos, and after a restart of the app this tab shows what it found."

STYLE = f"""
.contest-table table {{ width: 100%; border-collapse: collapse; color: var(--body-text-color); }}
.contest-table table, .contest-table tr, .contest-table th, .contest-table td {{ border: 0; }}
.contest-table th, .contest-table td {{ text-align: left; padding: 7px 8px 7px 0; font-weight: 400; vertical-align: top; }}
.contest-table thead th {{ font-weight: 600; box-shadow: 0 1px var(--border-color-primary); }}
.contest-table td {{ font-variant-numeric: tabular-nums; white-space: nowrap; width: 24%; }}
.contest-table small, .contest-change {{ color: {QUIET}; }}
.contest-table small {{ display: block; }}
.contest-table caption {{ text-align: left; padding-bottom: 6px; font-weight: 600; }}
.contest-bar {{ display: block; height: 8px; border-radius: 4px; background: var(--border-color-primary); margin-top: 3px; overflow: hidden; }}
.contest-bar span {{ display: block; height: 100%; }}
.contest-key span {{ display: inline-block; margin-right: 1.2em; white-space: nowrap; }}
.contest-key svg {{ display: inline-block; width: 26px; height: 8px; margin-right: .4em; vertical-align: 2px; }}
.contest-charts {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 28px; align-items: start; margin-top: 12px; }}
"""

_GAP = 4
_BREED_CHARTS = 3


def build(page: gr.Blocks, service: Service, tabs: gr.Tabs, photo: gr.Image) -> None:
    """Builds the contents of the tab.

    Args:
        photo: where a chosen photo is opened, in the tab ``compare`` of ``tabs``.
    """
    notice = gr.Markdown(elem_id="contest-notice")
    with gr.Column() as contents:
        sentence = gr.Markdown(elem_id="contest-verdict")
        table = gr.HTML(elem_id="contest-results", elem_classes=["contest-table", "flush"])
        with gr.Column() as strips:
            gr.Markdown(
                "### Where they differ most\nThe ten test photos on which the two scores are furthest apart, whichever network had the better one. They are squashed to the size of the test. Each strip: photo, truth, FCN-8, U-Net. Choose one to open it in Compare."
            )
            gallery = gr.Gallery(
                label="Photos on which the networks differ most",
                show_label=False,
                container=False,
                elem_id="most-different",
                elem_classes="strips",
                format="png",
                allow_preview=False,
                height="auto",
                buttons=[],
                interactive=False,
            )
        gr.Markdown("### What each skip connection adds")
        skips = gr.HTML(elem_id="contest-skips", elem_classes="flush")
        with gr.Column() as training:
            gr.Markdown("### How training went")
            curves = gr.HTML(elem_id="contest-curves", elem_classes="flush")
        gr.Markdown("### Breed by breed")
        breeds = gr.HTML(elem_id="contest-breeds", elem_classes="flush")
    shown = [notice, contents, sentence, table, strips, gallery, skips, training, curves, breeds]

    def show():
        report, remark = report_for(service)
        if report is None:
            return [remark, gr.Column(visible=False), *[None] * 8]
        folder = service.bundled_folder
        bundled = report is read_report(folder)  # what comes from the Hub has neither photos nor histories
        try:
            return [
                gr.Markdown(remark, visible=bool(remark)),
                gr.Column(visible=True),
                f"## {headline(report['contest'])}\n{verdict(report['contest'])}",
                results_table(report),
                gr.Column(visible=bundled),
                most_different(folder) if bundled else None,
                skip_tables(report),
                gr.Column(visible=bundled),
                training_curves(folder) if bundled else None,
                breed_chart(report["contest"]["breeds"]),
            ]
        except (
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            AttributeError,
            ArithmeticError,
        ):  # written by another version, or damaged
            return [
                "The saved report cannot be read. `python -m seg.report` writes it anew.",
                gr.Column(visible=False),
                *[None] * 8,
            ]

    page.load(show, None, shown, api_visibility="private", show_progress="hidden")

    def open_in_compare(event: gr.SelectData):
        return str(most_different_photos(service.bundled_folder)[event.index]), gr.Tabs(selected="compare")

    chosen = gallery.select(open_in_compare, None, [photo, tabs], api_visibility="private", show_progress="hidden")
    chosen.success(None, js=f"() => {{ window.scrollTo(0, 0); return ({TO_RESULTS})(); }}")


def report_for(service: Service) -> tuple[dict | None, str]:
    """The report to show, and what to say of it.

    Returns:
        The contents of ``report.json`` or None, and Markdown: empty where the
        report is about the very networks that run.
    """
    report = read_report(service.bundled_folder)
    running = service.networks
    if is_about(report, {name: segmenter.metrics for name, segmenter in running.segmenters.items()}):
        return report, ""
    if (theirs := report_on(running.segmenters)) is not None:
        return theirs, ""
    if report is None:
        return None, f"There is no saved report of this contest yet. {HOW_TO_MAKE_ONE}"
    origins = " and ".join(sorted({html.escape(running.origins[name]) for name in running.segmenters}))
    return report, (
        f"⚠ This page runs {origins or 'no network'}, of which there is no saved report. What follows measured other weights: "
        "those of the report that comes with this app. `python -m seg.report` measures the weights in `weights/`."
    )


# Label, what it means, key, format.
_RESULTS = (
    ("Pixel accuracy", "share of the pixels with the right class", lambda n: n["pixel_accuracy"], "{:.3f}", max),
    ("Mean IoU", "overlap of answer and truth, mean of the three classes", lambda n: n["mean_iou"], "{:.3f}", max),
    ("IoU of pet", "", lambda n: n["iou"]["pet"], "{:.3f}", max),
    ("IoU of background", "", lambda n: n["iou"]["background"], "{:.3f}", max),
    ("IoU of outline", "the hardest class: thin, and drawn by hand", lambda n: n["iou"]["outline"], "{:.3f}", max),
    ("Mean Dice", "another measure of overlap, kinder to small parts", lambda n: n["mean_dice"], "{:.3f}", max),
    ("Boundary F-score", "how closely the pet's border is followed", lambda n: n["boundary_f_score"], "{:.3f}", max),
    (
        "Calibration error",
        "by how much a network is surer, or less sure, than it is right",
        lambda n: n["calibration"]["error_with_temperature"],
        "{:.3f}",
        min,
    ),
    ("Parameters", "numbers learned", lambda n: n["cost"]["parameters"] / 1e6, "{:.1f} million", min),
    ("Multiply-adds", "for one photo", lambda n: n["cost"]["multiply_adds"] / 1e9, "{:.1f} billion", min),
    (
        "Time",
        "for one photo, where the report was made",
        lambda n: 1000 * n["cost"]["seconds_per_photo"],
        "{:.0f} ms",
        min,
    ),
    ("Weights file", "", lambda n: n["cost"]["file_bytes"] / 2**20, "{:.1f} MiB", min),
)


def results_table(report: dict) -> str:
    """HTML table of both networks' scores and costs; the better value is bold."""
    networks = report["networks"]
    rows = []
    for label, meaning, value_of, form, better in _RESULTS:
        values = [form.format(value_of(numbers)) for numbers in networks.values()]
        best = form.format(better(value_of(numbers) for numbers in networks.values()))
        cells = "".join(
            f"<td>{f'<b>{value}</b>' if value == best and len(set(values)) > 1 else value}</td>" for value in values
        )
        rows.append(f'<tr><th scope="row">{label}<small>{meaning}</small></th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{TITLES[name]}</th>' for name in networks)
    return (
        f"<table><caption>{report['photos']:,} test photos that neither network was trained on, at {report['scored_at']} × {report['scored_at']} pixels</caption>"
        f'<thead><tr><th scope="col">Measure (better value in bold)</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def skip_tables(report: dict) -> str:
    """HTML of what the networks score without their skip connections, silenced and, where the report has them, never trained."""
    parts = []
    for name, numbers in report["networks"].items():
        variants = list(numbers["silenced_skips"].items())
        whole = variants[0][1]["mean_iou"]
        rows = [
            (title, score["mean_iou"], "" if place == 0 else f"{score['mean_iou'] - whole:+.3f}".replace("-", "−"))
            for place, (title, score) in enumerate(variants)
        ]
        parts.append(_bars(TITLES[name], "Mean IoU", rows, NETWORK_COLOURS[name]))
    photos = f"{variants[0][1]['photos']:,}"
    said = (
        f"<p>A skip connection carries fine detail past the narrow middle of a network. Here they are silenced in the finished networks, "
        f"on {photos} test photos. A trained network is disturbed by that: this shows how much it relies on each, not how good one without it could be.</p>"
    )
    html_parts = f'{said}<div class="contest-charts contest-table">{"".join(parts)}</div>'
    if twins := report.get("twins"):
        rows = {}
        for twin in twins:
            title = f"{'with' if twin['skips'] else 'without'} skips, seed {twin['seed']}"
            rows.setdefault(twin["network"], []).append(
                (title, twin["mean_iou"], f"accuracy {twin['pixel_accuracy']:.3f}")
            )
        tables = "".join(
            _bars(TITLES[name], "Mean IoU, validation photos", found, NETWORK_COLOURS[name])
            for name, found in rows.items()
        )
        html_parts += (
            "<p>To know how good a network without skips could be, twins were trained alike, with and without them, from several random starts (seeds):</p>"
            f'<div class="contest-charts contest-table" id="contest-twins">{tables}</div>'
        )
    return html_parts


def _bars(title, measure, rows, colour):
    lines = "".join(
        f'<tr><th scope="row">{html.escape(label)}</th><td>{value:.3f} <span class="contest-change">{change}</span>'
        f'<span class="contest-bar"><span style="width:{100 * value:.1f}%;background:{colour}"></span></span></td></tr>'
        for label, value, change in rows
    )
    return f'<table><thead><tr><th scope="col">{html.escape(title)}</th><th scope="col">{measure}</th></tr></thead><tbody>{lines}</tbody></table>'


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
                f"{TITLES[name]} goes from {rows[0][f'val_{key}']:.2f} to {rows[-1][f'val_{key}']:.2f} in {len(rows)} epochs"
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
    return f'<svg viewBox="0 0 26 8" aria-hidden="true"><line x1="1" x2="25" y1="4" y2="4" stroke="{colour}" stroke-width="2" stroke-linecap="round"{dashes}/></svg>'


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
        f'<span><svg viewBox="0 0 26 8" aria-hidden="true"><circle cx="20" cy="4" r="4" fill="{NETWORK_COLOURS[name]}"/></svg>{TITLES[name]}</span>'
        for name in names
    )
    return (
        f'<p>{html.escape(said)}</p><p class="contest-key">{key}</p><div class="contest-charts drawing">{charts}</div>'
    )


def most_different(weights_folder) -> list:
    """A strip of photo, truth and both answers for each photo, with a caption."""
    scores = {
        Path(photo["file_name"]).stem: photo["mean_iou"]
        for photo in read_report(weights_folder)["contest"]["most_different"]
    }
    shown = []
    for path in most_different_photos(weights_folder):
        name = name_of(path)
        caption = f"{name.replace('_', ' ')}: " + ", ".join(
            f"{TITLES[network]} {score:.2f}" for network, score in scores[name].items()
        )
        shown.append((_strip(path), caption))
    return shown


@functools.lru_cache(maxsize=64)
def _strip(path):
    pictures = [Image.open(path).convert("RGB")]
    for kind in ("truth", *TITLES):
        mask = path.with_name(f"{name_of(path)}.{kind}.png")
        if mask.is_file():
            with Image.open(mask) as image:
                pictures.append(image.convert("RGB"))
    width, height = pictures[0].size
    strip = Image.new("RGB", (len(pictures) * (width + _GAP) - _GAP, height), "white")
    for place, picture in enumerate(pictures):
        strip.paste(picture, (place * (width + _GAP), 0))
    return strip
