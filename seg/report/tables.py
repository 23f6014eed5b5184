"""The report's tables."""

from seg.classes import CLASS_NAMES
from seg.networks import TITLES
from seg.report.charts import STARTS
from seg.report.contest_in_words import in_words, seed_spreads
from seg.report.experiments import skips_of_twins, steps_of
from seg.report.sizes import PUBLISHED_SIZE

TWO_BY_TWO_CHART = "two-by-two.svg"
BREED_CHART = "breeds.svg"
"""File names, in the report's folder, of the charts that `as_markdown` shows."""


def as_markdown(report: dict) -> str:
    """The report's tables for README and model card."""
    sections = (_scores, in_words, _confusions, _breeds, _two_by_two, _silenced_table, _twins_table, _changes_table)
    return "\n\n".join(part for section in (*sections, _native_table) for part in section(report)) + "\n"


def score_rows(report: dict) -> list[tuple]:
    """What is told of each network, in order: ``(label, score of a network's entry in the report)`` each."""
    larger = report["contest"].get("larger_copies") or {"photos": 0}
    rows = [
        ("Pixel accuracy", lambda n: n["pixel_accuracy"]),
        ("Mean IoU", lambda n: n["mean_iou"]),
        *((f"IoU of {name}", lambda n, name=name: n["iou"][name]) for name in CLASS_NAMES),
        ("Mean Dice", lambda n: n["mean_dice"]),
    ]
    if 0 < larger["photos"] < report["photos"]:
        label = f"Mean IoU of the {larger['photos']:,} photos with a larger copy alone"
        rows.append((label, lambda n: n["larger_copies"]["mean_iou"]))
    if report["scored_at"] != PUBLISHED_SIZE:
        scored = f"scored at {PUBLISHED_SIZE} x {PUBLISHED_SIZE}"
        rows.append((f"Pixel accuracy {scored}", lambda n: n["published_size"]["pixel_accuracy"]))
        rows.append((f"Mean IoU {scored}", lambda n: n["published_size"]["mean_iou"]))
    return rows


def formatted(value: float | None, form: str = "{:.3f}") -> str:
    """A score as a table has it: a dash where a class is neither there nor seen, which then has none."""
    return "–" if value is None else form.format(value)


def photo_sizes(report: dict) -> str:
    """At which size each network gets the photos, and at which both are scored."""
    sizes = {TITLES[name]: numbers["image_size"] for name, numbers in report["networks"].items()}
    size = f"{report['scored_at']} x {report['scored_at']}"
    if set(sizes.values()) == {report["scored_at"]}:
        return f"Both networks get them at {size} and are scored at that."
    each = " and ".join(f"{title} at {pixels} x {pixels}" for title, pixels in sizes.items())
    return f"Each network gets them at its own size, {each}; both are scored at {size}."


def _scores(report):
    networks = report["networks"]
    rows = [(label, lambda n, score_of=score_of: formatted(score_of(n))) for label, score_of in score_rows(report)]
    rows += [
        ("Boundary F-score of the pet", lambda n: f"{n['boundary_f_score']:.3f}"),
        ("Calibration error, raw", lambda n: f"{n['calibration']['error']:.3f}"),
        (
            "Calibration error, with temperature",
            lambda n: f"{n['calibration']['error_with_temperature']:.3f} (T = {n['calibration']['temperature']:.2f})",
        ),
        ("Parameters", lambda n: f"{n['cost']['parameters'] / 1e6:.1f} million"),
        ("Multiply-adds per photo", lambda n: f"{n['cost']['multiply_adds'] / 1e9:.2f} billion{_left_out(n)}"),
        ("Time per photo", lambda n: f"{n['cost']['seconds_per_photo'] * 1000:.0f} ms"),
        ("Weights file", lambda n: f"{n['cost']['file_bytes'] / 2**20:.1f} MiB"),
    ]
    heads = ["", *(TITLES[name] for name in networks)]
    return [
        f"Test split, {report['photos']:,} photos. {photo_sizes(report)}",
        _table(heads, [[label, *map(told_of, networks.values())] for label, told_of in rows]),
    ]


def _left_out(numbers):
    """What a network's multiply-adds leave out."""
    layers = numbers["cost"].get("not_counted", [])
    return f", without {', '.join(layers)}" if layers else ""


def _confusions(report):
    rows = []
    for name, numbers in report["networks"].items():
        for true, counts in zip(CLASS_NAMES, numbers["confusion_matrix"]):
            rows.append([f"{TITLES[name]}, {true}", *(f"{100 * count / (sum(counts) or 1):.1f}" for count in counts)])
    return [
        "What is taken for what, of 100 pixels of each true class:",
        _table(["", *(f"seen as {name}" for name in CLASS_NAMES)], rows),
    ]


def _breeds(report):
    titles = " and ".join(TITLES[name] for name in report["contest"]["order"])
    return [f"![Mean IoU of each breed's photos, {titles}]({BREED_CHART})"] if report["contest"]["breeds"] else []


def _silenced_table(report):
    variants = {title: score for n in report["networks"].values() for title, score in n["silenced_skips"].items()}
    photos = next(iter(variants.values()))["photos"]
    return [
        (
            f"Skip connections silenced in the trained networks, which disturbs them ({photos} photos, evenly"
            " spread over the test split):"
        ),
        _table(
            ["Variant", "Pixel accuracy", "Mean IoU"],
            [[title, f"{v['pixel_accuracy']:.3f}", f"{v['mean_iou']:.3f}"] for title, v in variants.items()],
        ),
    ]


def _native_table(report):
    if "native" not in report:
        return []
    native = report["native"]
    rows = []
    for name, score in native["networks"].items():
        gap = score["less_network_size"]
        told = f"{gap['difference']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"
        rows.append([TITLES[name], f"{score['mean_iou']:.3f}", told])
    return [
        f"The {native['photos']} photos at hand at their own size, masks scaled up to it:",
        _table(["", "Mean IoU at own size", "less the same at its network's size (95 % interval)"], rows),
    ]


def _table(head, rows):
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def _schedule(report):
    trials = report["trials"]
    each = "; ".join(
        f"{TITLES[name]}: {schedule['photos']:,} photos, {schedule['epochs']} epochs"
        for name, schedule in trials["schedules"].items()
    )
    return f"photos of {trials['image_size']} x {trials['image_size']}; {each}; scored on the validation photos"


def _two_by_two(report):
    if "two_by_two" not in report:
        return []
    found = report["two_by_two"]
    settings, steps = found["settings"], steps_of(found)
    rows = [
        [
            TITLES[cell["decoder"]],
            STARTS[cell["start"]],
            "with" if cell["skips"] else "without",
            f"{cell['value']:.3f} ({cell['low']:.3f} to {cell['high']:.3f})",
            ", ".join(f"{score:.3f}" for score in cell["by_seed"]),
        ]
        for cell in found["cells"]
    ]
    return [
        "Decoder or start? Both decoders behind the same VGG-16, from ImageNet and from random, everything else alike:"
        f" {steps} steps of {settings['batch_size']} photos of {settings['image_size']} x {settings['image_size']}, few"
        " for a network from random; scored on the validation photos, mean over the seeds, 95 % interval over photos:",
        _table(["Decoder", "Encoder starts from", "Skip connections", "Mean IoU", "Each seed"], rows),
        f"![The four networks with skip connections as bars with intervals]({TWO_BY_TWO_CHART})",
        "\n".join(f"- {sentence}" for sentence in found["verdict"]),
    ]


def _twins_table(report):
    if "twins" not in report:
        return []
    accuracies = skips_of_twins(report, "pixel_accuracy")
    rows = [
        [TITLES[name], str(seed), *(f"{score:.3f}" for score in (*pair, *accuracies[name][seed]))]
        for name, seeds in skips_of_twins(report).items()
        for seed, pair in seeds.items()
    ]
    return [
        f"Twins trained with and without skip connections, alike in everything else ({_schedule(report)}):",
        _table(["Network", "Seed", "Mean IoU with skips", "without", "Pixel accuracy with", "without"], rows),
    ]


def _changes_table(report):
    if "trials" not in report:
        return []
    spreads = {name: f"{spread:.3f}" for name, spread in seed_spreads(report).items()}
    rows = []
    for row in sorted(report["trials"]["changes"], key=lambda row: list(TITLES).index(row["network"])):
        iou, accuracy = ([f"{row[key]:.3f}", f"{row['gained'][key]:+.3f}"] for key in ("mean_iou", "pixel_accuracy"))
        about = [TITLES[row["network"]], row["change"], str(row["seed"])]
        rows.append([*about, *iou, spreads.get(row["network"], ""), *accuracy, f"{row['minutes']:.1f}"])
    for name, network in report["networks"].items():
        iou, accuracy = (f"{network['flip_averaging']['gained'][key]:+.3f}" for key in ("mean_iou", "pixel_accuracy"))
        rows.append([f"{TITLES[name]}, as shipped", "flip averaging at inference", "", "", iou, "", "", accuracy, ""])
    heads = ["Network", "Change", "Seed", "Mean IoU", "gained", "seeds apart", "Pixel accuracy", "gained", "Minutes"]
    return [
        f"What one change bought ({_schedule(report)}; minutes on whichever machine ran it, not always an idle one):",
        _table(heads, rows),
    ]
