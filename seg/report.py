"""The contest between the trained networks, measured and drawn.

    python -m seg.report                              downloads the data
    python -m seg.report --data-dir DIR               DIR holds a prepared oxford_iiit_pet/4.*
    python -m seg.report --native DIR                 also scores photos at their own size
    python -m seg.report --trials-only                measures nothing, puts new trials into the tables

Reads the weights in --weights and writes report.json, report.md and pictures to
the folder ``report`` beside them.
"""

import argparse
import csv
import json
import os
import platform
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from seg.command_line import HelpFormatter, check_backend, check_folder, check_limit
from seg.errors import UserError, writing
from seg.networks import TITLES
from seg.saved_report import REPORT, read_report
from seg.trials import TRIALS, changes, read_trials, twins

# TensorFlow's log of its own start is of no use here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# Of mean IoU: a lead that no eye sees, however certain it is.
_PRACTICALLY_LEVEL = 0.01
_SHOWN_PHOTOS = 10
_SILENCED_PHOTOS = 200
_SMALLEST_BREED = 20


@dataclass
class Measured:
    """One network on the test split.

    Attributes:
        confusions: int array (photos, 3, 3), rows are the truth.
        boundary_f: one value for each photo, None where there is no border.
        class_maps: uint8 array (photos, s, s).
        confidences: float16 array (photos, s, s), calibrated probabilities of those classes.
        numbers: everything that goes to the report.
    """

    confusions: np.ndarray
    boundary_f: list
    class_maps: np.ndarray
    confidences: np.ndarray
    numbers: dict = field(default_factory=dict)


def main(arguments=None) -> int:
    """Runs ``python -m seg.report``; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m seg.report",
        description="Evaluates the trained networks on the test split and writes the whole comparison.",
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--weights", default="weights", help="folder with a folder for each network")
    parser.add_argument("--data-dir", help="folder with a prepared oxford_iiit_pet/4.*; without it TFDS downloads")
    parser.add_argument("--work-dir", default="runs", help="folder for the cache of decoded photos")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="only the first N photos of each split, for a trial; written to the work dir",
    )
    parser.add_argument(
        "--native",
        metavar="DIR",
        help="folder with images/*.jpg and trimaps/*.png (1, 2, 3) of test photos at their own size; a splits.csv in it may name those of the test split",
    )
    parser.add_argument(
        "--trials-only",
        action="store_true",
        help="measure nothing: put what python -m seg.trials has found since into the report that is there",
    )
    options = parser.parse_args(arguments)
    check_limit(parser, options.limit)
    for option, folder in (("--weights", options.weights), ("--native", options.native)):
        check_folder(parser, option, folder)
    try:
        if options.trials_only:
            renew_trials(Path(options.weights))
        else:
            check_backend()
            write_report(options)
    except UserError as error:
        print(f"seg.report: {error}", file=sys.stderr)
        return 2
    return 0


def write_report(options) -> dict:
    """Measures both networks and writes the report.

    Raises:
        UserError: weights or data are missing or damaged.
    """
    from seg.dataset import load_pets
    from seg.inference import Segmenter
    from seg.report_pictures import draw_report
    from seg.weights import read_history

    weights = Path(options.weights)
    segmenters = {name: Segmenter(weights / name) for name in TITLES}
    sizes = {segmenter.image_size for segmenter in segmenters.values()}
    if len(sizes) > 1:
        raise UserError(
            f"The networks were trained at different sizes ({sorted(sizes)}); photos are compared at one size."
        )
    pets = load_pets(Path(options.work_dir) / "cache", sizes.pop(), options.data_dir, options.limit)

    measured = {}
    for name, segmenter in segmenters.items():
        print(f"Measuring {TITLES[name]} on {len(pets.test)} test photos.", flush=True)
        measured[name] = _measure(segmenter, pets)
    report = {
        "split": "test",
        "photos": len(pets.test),
        "limit": options.limit,
        "scored_at": pets.test.image_size,
        "networks": {name: m.numbers for name, m in measured.items()},
        "contest": _contest(measured, pets.test),
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
    }
    if options.native:
        report["native"] = _native(segmenters, Path(options.native))
    report |= _trials(weights)
    folder = weights / REPORT if options.limit is None else Path(options.work_dir) / f"report-first{options.limit}"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, report)
        draw_report(folder, report, measured, pets.test, {name: read_history(weights / name) for name in TITLES})
    print(f"The report is in {folder}.")
    return report


def renew_trials(weights: Path) -> None:
    """Puts the trials' results into the saved report of ``weights``, which keeps what was measured.

    Raises:
        UserError: there is no report, or the trials' results are damaged.
    """
    folder = weights / REPORT
    report = read_report(weights)
    if report is None:
        raise UserError(f"{folder} holds no report that can be read; run python -m seg.report without --trials-only.")
    with writing(folder):
        _write(folder, report | _trials(weights))
    print(f"The report in {folder} has the trials of {folder / TRIALS}.")


def _trials(weights):
    results = read_trials(weights / REPORT)
    return {"twins": twins(results), "trials": {**results["settings"], "changes": changes(results)}} if results else {}


def _write(folder, report):
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "report.md").write_text(as_markdown(report))


def as_markdown(report: dict) -> str:
    """The report's tables for README and model card."""
    networks = report["networks"]
    rows = [("Pixel accuracy", "pixel_accuracy"), ("Mean IoU", "mean_iou")]
    lines = [
        f"Test split, {report['photos']:,} photos at {report['scored_at']} x {report['scored_at']}.",
        "",
        "| | " + " | ".join(TITLES[n] for n in networks) + " |",
        "|---|" + "---|" * len(networks),
    ]

    silenced_photos = next(iter(next(iter(networks.values()))["silenced_skips"].values()))["photos"]

    def row(label, values):
        lines.append(f"| {label} | " + " | ".join(values) + " |")

    for label, key in rows:
        row(label, [f"{n[key]:.3f}" for n in networks.values()])
    for class_name in next(iter(networks.values()))["iou"]:
        row(f"IoU of {class_name}", [f"{n['iou'][class_name]:.3f}" for n in networks.values()])
    row("Mean Dice", [f"{n['mean_dice']:.3f}" for n in networks.values()])
    row("Boundary F-score of the pet", [f"{n['boundary_f_score']:.3f}" for n in networks.values()])
    row("Calibration error, raw", [f"{n['calibration']['error']:.3f}" for n in networks.values()])
    row(
        "Calibration error, with temperature",
        [
            f"{n['calibration']['error_with_temperature']:.3f} (T = {n['calibration']['temperature']:.2f})"
            for n in networks.values()
        ],
    )
    row("Parameters", [f"{n['cost']['parameters'] / 1e6:.1f} million" for n in networks.values()])
    row("Multiply-adds per photo", [f"{n['cost']['multiply_adds'] / 1e9:.2f} billion" for n in networks.values()])
    row("Time per photo", [f"{n['cost']['seconds_per_photo'] * 1000:.0f} ms" for n in networks.values()])
    row("Weights file", [f"{n['cost']['file_bytes'] / 2**20:.1f} MiB" for n in networks.values()])
    lines += [
        "",
        verdict(report["contest"]),
        "",
        *_surer_in_words(report["contest"]),
        f"Skip connections silenced in the trained networks, which disturbs them ({silenced_photos} photos, evenly spread over the test split):",
        "",
        "| Variant | Pixel accuracy | Mean IoU |",
        "|---|---|---|",
    ]
    for network in networks.values():
        for title, score in network["silenced_skips"].items():
            row(title, [f"{score['pixel_accuracy']:.3f}", f"{score['mean_iou']:.3f}"])
    if "twins" in report:
        lines += ["", *_twins_table(report)]
    if "trials" in report:
        lines += ["", *_changes_table(report)]
    if "native" in report:
        native = report["native"]
        lines += [
            "",
            f"The {native['photos']} photos at hand at their own size, masks scaled up to it:",
            "",
            "| | Mean IoU at own size | less the same at network size (95 % interval) |",
            "|---|---|---|",
        ]
        for name, score in native["networks"].items():
            gap = score["less_network_size"]
            row(
                TITLES[name],
                [f"{score['mean_iou']:.3f}", f"{gap['difference']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"],
            )
    return "\n".join(lines) + "\n"


def _schedule(report):
    trials = report["trials"]
    each = "; ".join(
        f"{TITLES[name]}: {schedule['photos']:,} photos, {schedule['epochs']} epochs"
        for name, schedule in trials["schedules"].items()
    )
    return f"photos of {trials['image_size']} x {trials['image_size']}; {each}; scored on the validation photos"


def _twins_table(report):
    lines = [f"Twins trained with and without skip connections, alike in everything else ({_schedule(report)}):", ""]
    lines += [
        "| Network | Seed | Mean IoU with skips | without | Pixel accuracy with | without |",
        "|---|---|---|---|---|---|",
    ]
    found = {(twin["network"], twin["seed"], twin["skips"]): twin for twin in report["twins"]}
    for name, seed in sorted({(name, seed) for name, seed, _ in found}):
        pair = [found.get((name, seed, skips)) for skips in (True, False)]
        if None not in pair:
            scores = [f"{twin[key]:.3f}" for key in ("mean_iou", "pixel_accuracy") for twin in pair]
            lines.append(f"| {TITLES[name]} | {seed} | " + " | ".join(scores) + " |")
    return lines


def _changes_table(report):
    lines = [
        f"What one change bought ({_schedule(report)}; minutes on whichever machine ran it, not always an idle one):",
        "",
    ]
    lines += [
        "| Network | Change | Seed | Mean IoU | gained | Pixel accuracy | gained | Minutes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(report["trials"]["changes"], key=lambda row: list(TITLES).index(row["network"])):
        scores = [f"{row[key]:.3f} | {row['gained'][key]:+.3f}" for key in ("mean_iou", "pixel_accuracy")]
        lines.append(
            f"| {TITLES[row['network']]} | {row['change']} | {row['seed']} | "
            + " | ".join(scores)
            + f" | {row['minutes']:.1f} |"
        )
    for name, network in report["networks"].items():
        gained = network["flip_averaging"]["gained"]
        lines.append(
            f"| {TITLES[name]}, as shipped | flip averaging at inference | | | {gained['mean_iou']:+.3f} | | {gained['pixel_accuracy']:+.3f} | |"
        )
    return lines


def headline(contest: dict) -> str:
    """The contest in a few words; ``contest`` is the report's."""
    gap = contest["mean_iou"]
    if gap["low"] * gap["high"] <= 0 or abs(gap["difference"]) < _PRACTICALLY_LEVEL:
        return "In practice the two are level"
    return f"{TITLES[contest['order'][gap['difference'] < 0]]} is the better one"


def verdict(contest: dict) -> str:
    """Which network is ahead, by how much and how surely, in two sentences; ``contest`` is the report's."""
    gap = contest["mean_iou"]
    first, second = (TITLES[name] for name in contest["order"])
    ahead, behind = (first, second) if gap["difference"] > 0 else (second, first)
    low, high = (
        sorted((abs(gap["low"]), abs(gap["high"]))) if gap["low"] * gap["high"] > 0 else (gap["low"], gap["high"])
    )
    wins = dict(zip((first, second), (contest["wins"]["first"], contest["wins"]["second"])))
    if gap["low"] * gap["high"] > 0:
        sentence = f"{ahead} is ahead by {abs(gap['difference']):.3f} mean IoU (95 % interval {low:.3f} to {high:.3f}, paired bootstrap over photos)"
    else:
        sentence = f"Neither is ahead for certain: {first} less {second} is {gap['difference']:+.3f} mean IoU (95 % interval {low:+.3f} to {high:+.3f}, paired bootstrap over photos)"
    return f"{sentence}. {ahead} is the better one on {100 * wins[ahead]:.0f} % of the photos, {behind} on {100 * wins[behind]:.0f} %."


def _surer_in_words(contest):
    surer = contest.get("surer")  # not in reports of earlier versions, which --trials-only renews
    if surer is None or surer["closer"] is None:
        return []
    return [
        f"Where the two differ, the one that is surer by {surer['least_lead']:.2f} or more was the closer one to the truth on "
        f"{100 * surer['closer']:.0f} % of the {surer['photos']:,} photos on which there was such a lead.",
        "",
    ]


def _measure(segmenter, pets):
    from seg.boundary import boundary_f_score
    from seg.calibration import ReliabilityCounts, fit_temperature, probabilities
    from seg.classes import NUM_CLASSES
    from seg.complexity import multiply_adds, seconds_per_photo
    from seg.evaluation import logits_over
    from seg.metrics import confusion_matrix, scores
    from seg.weights import TENSORS, load_network

    network, _ = load_network(segmenter.folder)
    held_out = [(masks, logits) for _, masks, logits in logits_over(network, pets.validation)]
    temperature = fit_temperature(np.concatenate([l for _, l in held_out]), np.concatenate([m for m, _ in held_out]))

    size = pets.test.image_size
    confusions = np.zeros((len(pets.test), NUM_CLASSES, NUM_CLASSES), np.int64)
    class_maps = np.empty((len(pets.test), size, size), np.uint8)
    confidences = np.empty(class_maps.shape, np.float16)
    boundary_f, raw, calibrated, start = [], ReliabilityCounts(), ReliabilityCounts(), 0
    for _, masks, logits in logits_over(network, pets.test):
        predicted = logits.argmax(axis=-1).astype(np.uint8)
        class_maps[start : start + len(masks)] = predicted
        confidences[start : start + len(masks)] = probabilities(logits, temperature).max(axis=-1)
        for mask, class_map in zip(masks, predicted):
            confusions[start] = confusion_matrix(mask, class_map)
            boundary_f.append(boundary_f_score(mask, class_map))
            start += 1
        raw.add(logits, masks)
        calibrated.add(logits, masks, temperature)
    pooled = confusions.sum(0)
    numbers = {
        **scores(pooled),
        "confusion_matrix": pooled.tolist(),
        "boundary_f_score": float(np.mean([f for f in boundary_f if f is not None])),
        "calibration": {
            "error": raw.expected_calibration_error(),
            "temperature": temperature,
            "error_with_temperature": calibrated.expected_calibration_error(),
        },
        "cost": {
            "parameters": network.count_params(),
            "multiply_adds": multiply_adds(network, size),
            "seconds_per_photo": seconds_per_photo(network, size),
            "file_bytes": (segmenter.folder / TENSORS).stat().st_size,
        },
        "flip_averaging": _flip_averaging(network, pets.validation),
        "silenced_skips": _silenced(network, segmenter.name, _spread(pets.test)),
    }
    return Measured(confusions, boundary_f, class_maps, confidences, numbers)


def _flip_averaging(network, photos):
    from seg.evaluation import evaluate

    without, averaged = (evaluate(network, photos, flip_averaging=on) for on in (False, True))
    gained = {key: averaged[key] - without[key] for key in ("pixel_accuracy", "mean_iou")}
    return {"split": "validation", "photos": len(photos), "gained": gained}


def _spread(photos):
    """Photos evenly spread over the split: enough for differences of some hundredths."""
    count = min(_SILENCED_PHOTOS, len(photos))
    return photos.subset([round(i * (len(photos) - 1) / max(1, count - 1)) for i in range(count)])


def _silenced(network, name, photos):
    from seg.evaluation import evaluate
    from seg.silencing import silenced_variants
    from seg.networks import tensors_of
    from seg.weights import assign_tensors

    results = {}
    for title, tensors in silenced_variants(name, tensors_of(network)).items():
        print(f"Measuring {title}.", flush=True)
        assign_tensors(network, tensors, title)
        score = evaluate(network, photos)
        results[title] = {
            "photos": len(photos),
            "pixel_accuracy": score["pixel_accuracy"],
            "mean_iou": score["mean_iou"],
        }
    return results


def _contest(measured, photos):
    from seg.contest import mean_ious, paired_bootstrap, pixel_accuracies, share_of_wins

    order = list(measured)
    first, second = (measured[name].confusions for name in order)
    each = {name: mean_ious(m.confusions) for name, m in measured.items()}
    ahead = each[order[0]] - each[order[1]]
    groups = {"species": _groups(photos.species), "breeds": _groups(photos.breeds)}
    return {
        "order": order,
        "mean_iou": paired_bootstrap(first, second),
        "pixel_accuracy": paired_bootstrap(first, second, pixel_accuracies),
        "wins": share_of_wins(first, second),
        "surer": _surer(measured.values(), ahead),
        **{
            kind: {
                group: {
                    "photos": len(places),
                    **{name: float(mean_ious(m.confusions[places].sum(0))) for name, m in measured.items()},
                    "wins": share_of_wins(first[places], second[places]),
                }
                for group, places in sorted(found.items())
                if kind == "species" or len(places) >= _SMALLEST_BREED
            }
            for kind, found in groups.items()
        },
        "most_different": [_photo(photos, each, i) for i in np.argsort(-np.abs(ahead), kind="stable")[:_SHOWN_PHOTOS]],
        "worst": {
            name: [_photo(photos, each, i) for i in np.argsort(each[name], kind="stable")[:_SHOWN_PHOTOS]]
            for name in order
        },
    }


def _surer(measured, ahead):
    """Whether the network that is clearly surer where they differ is the closer one to the truth."""
    from seg.confidence import CLEAR_LEAD, disputed_confidence

    pairs = zip(zip(*(m.class_maps for m in measured)), zip(*(m.confidences for m in measured)))
    means = [disputed_confidence(*pair) or (0, 0) for pair in pairs]
    lead = np.array([first - second for first, second in means])
    clear = (np.abs(lead) >= CLEAR_LEAD) & (ahead != 0)
    closer = float((np.sign(lead) == np.sign(ahead))[clear].mean()) if clear.any() else None
    return {"least_lead": CLEAR_LEAD, "photos": int(clear.sum()), "closer": closer}


def _photo(photos, mean_ious_by_network, index):
    scores = {name: float(values[index]) for name, values in mean_ious_by_network.items()}
    return {"index": int(index), "file_name": photos.file_names[index], "mean_iou": scores}


def _groups(names):
    groups = {}
    for place, name in enumerate(names):
        groups.setdefault(name, []).append(place)
    return groups


def _native(segmenters, folder):
    from seg.boundary import boundary_f_score
    from seg.contest import mean_ious, paired_bootstrap
    from seg.geometry import fit_mask
    from seg.metrics import confusion_matrix, scores

    names = _native_names(folder)
    result = {"photos": len(names), "networks": {}}
    for network, segmenter in segmenters.items():
        own, small, boundary_f = [], [], []
        for name in names:
            try:
                photo = Image.open(folder / "images" / f"{name}.jpg").convert("RGB")
                trimap = Image.open(folder / "trimaps" / f"{name}.png")
            except OSError as error:
                raise UserError(
                    f"The photo {name} or its trimap in {folder} cannot be read; fetch it again."
                ) from error
            truth = np.asarray(trimap) - 1
            predicted = segmenter.segment(photo)
            own.append(confusion_matrix(truth, predicted))
            boundary_f.append(boundary_f_score(truth, predicted))
            size = (segmenter.image_size, segmenter.image_size)
            small.append(confusion_matrix(fit_mask(trimap, segmenter.image_size) - 1, segmenter.segment(photo, size)))
        result["networks"][network] = {
            **scores(np.sum(own, 0)),
            "boundary_f_score": float(np.mean([f for f in boundary_f if f is not None])),
            "mean_iou_at_network_size": float(mean_ious(np.sum(small, 0))),
            "less_network_size": paired_bootstrap(np.array(own), np.array(small)),
        }
    return result


def _native_names(folder):
    names = sorted(path.stem for path in (folder / "images").glob("*.jpg"))
    splits = folder / "splits.csv"
    if splits.exists():
        with splits.open() as file:
            test = {row["image_id"] for row in csv.DictReader(file) if row["split"] == "test"}
        names = [name for name in names if name in test]
    if not names:
        raise UserError(f"{folder} holds no images/*.jpg of the test split; give a folder with images/ and trimaps/.")
    return names


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    raise SystemExit(main())
