"""The parts of README.md and weights/README.md that say what the weights in this repository are and reach.

    python tests/documents.py            says which parts are out of date; exit status 1 if any is
    python tests/documents.py --write    writes them anew

They stand between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``, and every number in them comes from the files beside the
weights: config.json, history.csv and report/report.json.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from seg.networks import TITLES
from seg.networks.stages import stages_of

WEIGHTS = ROOT / "weights"
VGG16_CONVOLUTIONS = 13
GOALS = {"fcn8": {"mean_iou": 0.80, "pixel_accuracy": 0.928}, "unet": {"mean_iou": 0.80, "pixel_accuracy": 0.926}}
"""What this project aims at, on the official test split."""
GOALS_SCORED_AT = 256
LAST_EPOCHS = 5


def out_of_date(write: bool = False) -> list[str]:
    """Names of the parts whose text is not what the files beside the weights give; ``write`` mends them."""
    found = []
    for document, parts in PARTS.items():
        path = ROOT / document
        before = text = path.read_text()
        for name, make in parts.items():
            text = with_part(document, text, name, make())
            if text != before:
                found.append(f"{document}: {name}")
                before = text
        if write:
            path.write_text(text)
    return found


def with_part(document: str, text: str, name: str, made: str) -> str:
    """The text of a document with ``made`` in place of its part of that name."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise SystemExit(f"{document} does not hold {begin} and {end} once each; put them back.")
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{made}\n{end}{rest.partition(end)[2]}"


def report() -> dict:
    return json.loads((WEIGHTS / "report/report.json").read_text())


def image_size(name) -> int:
    """Height and width of the photos that a network was trained on, pixels."""
    return json.loads((WEIGHTS / name / "config.json").read_text())["image_size"]


def training(name: str) -> list:
    """The runs that made a network's weights, the first one first."""
    return stages_of(json.loads((WEIGHTS / name / "config.json").read_text()))


def results() -> str:
    """One table of both networks' scores on the test split."""
    measured = report()
    size = measured["scored_at"]
    rows = [
        [TITLES[name], n["pixel_accuracy"], n["mean_iou"], *n["iou"].values(), n["mean_dice"]]
        for name, n in measured["networks"].items()
    ]
    classes = next(iter(measured["networks"].values()))["iou"]
    given = " and ".join(f"{TITLES[name]} at {image_size(name)}" for name in measured["networks"])
    return (
        f"All {measured['photos']:,} photos of the official test split, given to {given}, all scored at {size} x {size} in"
        " one confusion matrix:\n\n"
        + table(
            ["", "Pixel accuracy", "Mean IoU", *(f"IoU {name}" for name in classes), "Mean Dice"],
            [[title, *(f"{value:.3f}" for value in values)] for title, *values in rows],
        )
    )


def better() -> str:
    """Which network is better and why, in at most five sentences."""
    measured = report()
    sentences = (_lead(measured), _borders_and_costs(measured), _start(measured), _skips(measured), _chance(measured))
    return " ".join(sentence for sentence in sentences if sentence)


def _lead(measured):
    contest = measured["contest"]
    gap, wins = contest["mean_iou"], contest["wins"]
    first, second = (TITLES[name] for name in contest["order"])
    interval = f"{gap['low']:+.3f} to {gap['high']:+.3f}"
    if gap["low"] * gap["high"] <= 0:
        return (
            f"Neither is ahead for certain: {first} less {second} is {gap['difference']:+.3f} mean IoU (95 % interval"
            f" {interval}, over photos)."
        )
    ahead = first if gap["difference"] > 0 else second
    often, share = max((first, wins["first"]), (second, wins["second"]), key=lambda pair: pair[1])
    low, high = sorted((abs(gap["low"]), abs(gap["high"])))
    also = f"and is the better one on {100 * share:.0f} %"
    if often != ahead:
        also = f"though {often} is the better one on {100 * share:.0f} %"
    return (
        f"{ahead} is ahead by {abs(gap['difference']):.3f} mean IoU (95 % interval {low:.3f} to {high:.3f}, over photos),"
        f" {also} of them."
    )


def _borders_and_costs(measured):
    networks, order = measured["networks"], measured["contest"]["order"]
    fine, coarse = sorted(order, key=lambda name: -networks[name]["boundary_f_score"])
    small, large = sorted(order, key=lambda name: networks[name]["cost"]["parameters"])
    times = [networks[large]["cost"][key] / networks[small]["cost"][key] for key in ("parameters", "multiply_adds")]
    joined = " and makes do" if fine == small else f"; {TITLES[small]} makes do"
    return (
        f"{TITLES[fine]} draws the finer borders (boundary F-score {networks[fine]['boundary_f_score']:.3f} against"
        f" {networks[coarse]['boundary_f_score']:.3f}){joined} with {times[0]:.1f} times fewer parameters and"
        f" {_fewer_or_more(times[1])} multiply-adds."
    )


def _fewer_or_more(times):
    return f"{times:.1f} times fewer" if times >= 1 else f"{1 / times:.1f} times more"


def _start(measured):
    """What the start of the encoder is worth: from the two-by-two, or else from the trials."""
    if told := two_by_two_in_words(measured.get("two_by_two")):
        return told
    layers = len(training("fcn8")[-1].get("pretrained_layers", ()))
    count = "all" if layers == VGG16_CONVOLUTIONS else f"{layers} of"
    told = f"FCN-8 started with {count} {VGG16_CONVOLUTIONS} convolutions of VGG-16 from ImageNet, U-Net at random"
    for row in measured.get("trials", {}).get("changes", ()):
        if row["network"] == "fcn8" and row["change"].startswith("encoder at random"):
            return (
                f"{told}; in a short trial five such layers were worth {-row['gained']['mean_iou']:.3f} mean IoU to it."
            )
    return f"{told}."


def two_by_two_in_words(found: dict | None) -> str:
    """What start and decoder are worth, each with the other held; empty where that was not measured.

    Args:
        found: effects as `seg.training.two_by_two.effects` returns them, or None.
    """
    if found is None or None in (*found["start"].values(), *found["decoder"].values()):
        return ""
    start, decoder = ({key: effect["value"] for key, effect in found[kind].items()} for kind in ("start", "decoder"))
    seeds = [cell["by_seed"] for cell in found["cells"] if cell["skips"]]
    count = min(map(len, seeds))
    return (
        f"FCN-8 started from ImageNet, U-Net at random: trained briefly and alike ({count} seed{'s'[: count > 1]},"
        f" up to {max(max(each) - min(each) for each in seeds):.3f} apart), that start"
        f" gains {start['fcn8']:+.3f} mean IoU with FCN-8's decoder and {start['unet']:+.3f} with U-Net's, and U-Net's"
        f" decoder {decoder['imagenet']:+.3f} from ImageNet and {decoder['random']:+.3f} from random."
    )


def _skips(measured):
    pairs = {}
    for twin in measured.get("twins", ()):
        pairs.setdefault(twin["network"], {}).setdefault(bool(twin["skips"]), []).append(twin["mean_iou"])
    whole = {TITLES[name]: scores for name, scores in pairs.items() if len(scores) == 2}
    if not whole:
        return ""
    reached = " and ".join(f"{mean(scores[True]):.3f} ({title})" for title, scores in whole.items())
    without = " and ".join(f"{mean(scores[False]):.3f}" for scores in whole.values())
    return f"Skip connections help both: twins trained briefly and alike reach {reached} with them, {without} without."


def _chance(measured):
    seeds = {}
    for row in measured.get("trials", {}).get("changes", ()):
        if row["change"] == "as it is":
            seeds.setdefault(row["network"], []).append(row["mean_iou"])
    spreads = [f"{max(scores) - min(scores):.3f} ({TITLES[name]})" for name, scores in seeds.items() if len(scores) > 1]
    apart = f" (in short trials by {' and '.join(spreads)})" if spreads else ""
    return f"One run of each was compared; another seed would move both{apart}."


def how_made() -> str:
    """A row for each training run that the shipped weights went through."""
    rows = [
        [
            f"{title}, {number}", f"{run['image_size']}", f"{run['epochs']}", f"{run['best_epoch']}",
            f"{run['batch_size']}", f"{run['learning_rate']:g}", run["loss"], f"{run['seed']}", run["precision"],
            f"{run['minutes']:.0f}",
        ]
        for name, title in TITLES.items()
        for number, run in enumerate(training(name), 1)
    ]  # fmt: skip
    head = ["Run", "Pixels", "Epochs", "Kept", "Batch", "Peak rate", "Loss", "Seed", "Precision", "Minutes"]
    return table(head, rows)


def reached() -> str:
    """What was aimed at and what was reached."""
    measured = report()
    told = f"The goal is {GOALS['fcn8']['mean_iou']:.3f} mean IoU with both networks, at {GOALS_SCORED_AT} x {GOALS_SCORED_AT}."
    rows = []
    for name, goal in GOALS.items():
        for key, label in (("mean_iou", "mean IoU"), ("pixel_accuracy", "pixel accuracy")):
            got = measured["networks"][name][key]
            missing = goal[key] - got
            rows.append(
                [
                    f"{TITLES[name]}, {label}",
                    f"{goal[key]:.3f}",
                    f"{got:.3f}",
                    f"{missing:.3f}" if missing > 0 else "nothing",
                ]
            )
    if measured["scored_at"] != GOALS_SCORED_AT:
        told += f" These weights were scored at {measured['scored_at']} x {measured['scored_at']}."
    return told + "\n\n" + table(["", "Goal", "Reached", "Missing"], rows) + "\n\n" + _what_is_left(measured)


def _what_is_left(measured):
    """What more of the same might bring: the last epochs, and flip averaging."""
    last, flips = [], []
    for name, title in TITLES.items():
        with (WEIGHTS / name / "history.csv").open() as file:
            scores = [float(row["val_mean_iou"]) for row in csv.DictReader(file)]
        last.append(f"{scores[-1] - scores[-1 - LAST_EPOCHS]:+.3f} ({title})")
        flips.append(f"{measured['networks'][name]['flip_averaging']['gained']['mean_iou']:+.3f} ({title})")
    return (
        f"In the last {LAST_EPOCHS} epochs validation mean IoU changed by {' and '.join(last)}; each run's"
        " curve flattens as its learning rate ends. The mean of a photo's prediction and its mirror"
        f" image's would add {' and '.join(flips)}, for twice the work."
    )


def mean(values):
    return sum(values) / len(values)


def table(head, rows) -> str:
    lines = ["| " + " | ".join(line) + " |" for line in (head, *rows)]
    return "\n".join([lines[0].replace("|  |", "| |"), "|---" * len(head) + "|", *lines[1:]])


PARTS = {
    "README.md": {"results": results, "better": better},
    "weights/README.md": {"how-made": how_made, "reached": reached},
}


def main(arguments=None) -> int:
    """Runs the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python tests/documents.py", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the parts that are out of date anew")
    options = parser.parse_args(arguments)
    found = out_of_date(options.write)
    for part in found:
        print(f"{part} {'was' if options.write else 'is'} out of date.")
    return int(bool(found) and not options.write)


if __name__ == "__main__":
    sys.exit(main())
