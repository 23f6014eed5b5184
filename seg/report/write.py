"""Writes the report beside the weights that it is about."""

import json
import os
import platform
import time
from pathlib import Path

from seg.errors import UserError, writing
from seg.evaluation.saved_report import GALLERY, REPORT, forget_reports, is_about, read_report, report_problem
from seg.images.svg import as_file
from seg.networks import chosen_pair
from seg.networks.weights import METRICS
from seg.progress import duration
from seg.report.charts import breed_chart, breed_rows, two_by_two_chart
from seg.report.compare import compare_networks
from seg.report.gallery import candidates, choose_photos, save_gallery
from seg.report.native import measure_native
from seg.report.pictures import draw_report
from seg.report.sizes import PUBLISHED_SIZE, SCORED_AT
from seg.report.tables import BREED_CHART, TWO_BY_TWO_CHART, as_markdown
from seg.training.trials import TRIALS, changes, read_trials, twins
from seg.training.two_by_two import effects, read_two_by_two, skips_verdict, two_by_two_verdict


def write_report(
    weights, work_dir, data_dir=None, limit: int | None = None, native=None, scored_at: int = SCORED_AT
) -> None:
    """Measures both networks and writes the report, and into each network's ``metrics.json`` what it scored here.

    Training scores a network at its own size; beside another one, both have to be scored at the same.

    Args:
        weights: folder with a folder for each network; `seg.networks.chosen_pair` says which two are compared.
        work_dir: folder for the cache of decoded photos, and for the report of a trial with ``limit``.
        data_dir: see `seg.data.dataset.load_pets`.
        limit: only the first photos of each split.
        native: folder with photos at their own size, see `seg.report.native`.
        scored_at: height and width at which both are scored, pixels.

    Raises:
        UserError: weights or data are missing or damaged.
    """
    from seg.report.measure import Contestant, measure_test, measure_validation, numbers_of, shown_photos

    started = time.monotonic()
    weights, work_dir = Path(weights), Path(work_dir)
    contestants = [Contestant(weights / name) for name in chosen_pair()]
    digests = {c.name: c.digest for c in contestants}
    test, validation = _load_at_all_sizes(contestants, scored_at, work_dir, data_dir, limit)
    validation = _same_photos(validation)

    flips = {c.name: measure_validation(c, validation, scored_at) for c in contestants}
    measured, disputed = measure_test(contestants, test, scored_at)
    confusions = {name: found.confusions for name, found in measured.items()}
    contest = compare_networks(confusions, disputed, test[scored_at])
    chosen = choose_photos(contest, confusions, test[scored_at].breeds)
    shown = shown_photos(contestants, test, scored_at, chosen)
    further = {"native": measure_native(contestants, Path(native))} if native else {}
    report = {
        "split": "test",
        "photos": len(test[scored_at]),
        "limit": limit,
        "scored_at": scored_at,
        "networks": {
            c.name: numbers_of(c, measured[c.name], test, scored_at) | {"flip_averaging": flips[c.name]}
            for c in contestants
        },
        "contest": contest,
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        **further,
        **_experiments(weights),
    }
    folder = weights / REPORT if limit is None else work_dir / f"report-first{limit}"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, report)
        draw_report(folder, report, shown)
        save_gallery(folder, chosen, confusions, test[scored_at], shown, digests)
        if limit is None:
            for name in digests:
                (weights / name / METRICS).write_text(json.dumps(_metrics(report, name), indent=2) + "\n")
    print(f"The report is in {folder}; it took {duration(time.monotonic() - started)} minutes.", flush=True)


def renew_gallery(weights: Path, work_dir: Path, data_dir=None) -> None:
    """Chooses and saves the gallery's photos anew, for the saved report, which stays; arguments as of `write_report`.

    Raises:
        UserError: there is no report on these weights; weights or data are missing or damaged.
    """
    from seg.report.measure import Contestant, confusions_of, forwards_of, shown_photos

    contestants = [Contestant(weights / name) for name in chosen_pair()]
    digests = {c.name: c.digest for c in contestants}
    report = read_report(weights)
    if not is_about(report, digests):
        raise UserError(
            f"{weights / REPORT} holds no report on these weights; run python -m seg.report without --gallery-only."
        )
    scored_at = report["scored_at"]
    test, _ = _load_at_all_sizes(contestants, scored_at, work_dir, data_dir)
    looked_at = candidates(report["contest"], len(test[scored_at]))
    subject = "Both networks, photos for the page"
    confusions = confusions_of(test, scored_at, forwards_of(contestants), subject, looked_at)
    chosen = choose_photos(report["contest"], confusions, test[scored_at].breeds)
    shown = shown_photos(contestants, test, scored_at, chosen)
    with writing(weights / REPORT):
        save_gallery(weights / REPORT, chosen, confusions, test[scored_at], shown, digests)
    print(f"{len(chosen)} photos are in {weights / REPORT / GALLERY}.")


def _load_at_all_sizes(contestants, scored_at, work_dir, data_dir, limit=None):
    """The test photos and the validation photos, each by image size."""
    from seg.data.dataset import load_pets

    sizes = sorted({contestant.image_size for contestant in contestants} | {scored_at, PUBLISHED_SIZE})
    pets = {size: load_pets(work_dir / "cache", size, data_dir, limit) for size in sizes}
    return {size: each.test for size, each in pets.items()}, {size: each.validation for size, each in pets.items()}


def _same_photos(split):
    """The photos that are there at every size: at a small one a tiny pet may be lost, and its photo left out."""
    common = set.intersection(*(set(photos.file_names) for photos in split.values()))
    return {
        size: photos.subset([i for i, name in enumerate(photos.file_names) if name in common])
        for size, photos in split.items()
    }


def _metrics(report, name):
    """A network's scores as its own folder keeps them, which page and card tell: those that the contest compares."""
    numbers = report["networks"][name]
    kept = ("pixel_accuracy", "mean_iou", "mean_dice", "iou", "dice", "confusion_matrix")
    return {key: report[key] for key in ("split", "limit", "photos", "scored_at")} | {key: numbers[key] for key in kept}


def renew_experiments(weights: Path) -> None:
    """Puts the experiments' results into the saved report of ``weights``, which keeps what was measured.

    Raises:
        UserError: there is no report, or an experiment's results are damaged.
    """
    folder = weights / REPORT
    report = read_report(weights)
    if report is None:
        raise UserError(
            report_problem(weights) or f"{folder} holds no report; run python -m seg.report without --trials-only."
        )
    with writing(folder):
        _write(folder, report | _experiments(weights))
    print(f"The report in {folder} has the trials of {folder / TRIALS}.")


def _experiments(weights):
    """What experiments beside the contest have found, each in a file of its own in the report's folder.

    They are about other networks than the measured ones, trained briefly for the purpose, so that they can
    come into a report that is there already.
    """
    found = {}
    if results := read_trials(weights / REPORT):
        found |= {"twins": twins(results), "trials": {**results["settings"], "changes": changes(results)}}
    if results := read_two_by_two(weights / REPORT):
        worth = effects(results)
        verdict = two_by_two_verdict(worth) + skips_verdict(worth)
        found["two_by_two"] = {"settings": results["settings"], **worth, "verdict": verdict}
    return found


def _write(folder, report):
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(as_markdown(report), encoding="utf-8")
    names = report["contest"]["order"]
    if rows := breed_rows(report["contest"]["breeds"], names):
        scores = [score for _, *pair in rows for score in pair]
        chart = breed_chart(names, rows, (min(scores), max(scores)))
        (folder / BREED_CHART).write_text(as_file(chart), encoding="utf-8")
    if "two_by_two" in report:
        (folder / TWO_BY_TWO_CHART).write_text(as_file(two_by_two_chart(report["two_by_two"])), encoding="utf-8")
    forget_reports()


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
