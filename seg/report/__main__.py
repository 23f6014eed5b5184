"""``python -m seg.report``: reads the weights in --weights, writes report.json, report.md and pictures beside them."""

import argparse
from pathlib import Path

from seg.command_line import (
    HelpFormatter,
    add_data_options,
    check_backend,
    check_folder,
    check_limit,
    path_argument,
    run_command,
)
from seg.data.locks import locked
from seg.evaluation.saved_report import REPORT
from seg.networks import LARGEST_IMAGE_SIZE, STRIDE, chosen_pair
from seg.report.sizes import SCORED_AT
from seg.report.write import renew_experiments, renew_gallery, write_report
from seg.training.places import try_to_write


def main(arguments=None) -> int:
    """Runs ``python -m seg.report``; returns its exit status."""
    return run_command("seg.report", lambda: _run(_parse_options(arguments)))


def _parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m seg.report",
        description="Evaluates the trained networks on the test split and writes the whole comparison.",
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "--weights", type=path_argument, default="weights", help="folder with a folder for each network"
    )
    add_data_options(parser)
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="only the first N photos of each split, for a trial; written to the work dir",
    )
    parser.add_argument(
        "--native",
        type=path_argument,
        metavar="DIR",
        help=(
            "folder with images/*.jpg and trimaps/*.png (1, 2, 3) of test photos at their own size; a splits.csv in it"
            " may name those of the test split"
        ),
    )
    parser.add_argument(
        "--scored-at",
        type=int,
        metavar="PIXELS",
        default=SCORED_AT,
        help="height and width at which both networks are scored; each gets the photos at its own size",
    )
    parser.add_argument(
        "--trials-only",
        action="store_true",
        help="measure nothing: put what python -m seg.training.trials has found since into the report that is there",
    )
    parser.add_argument(
        "--gallery-only",
        action="store_true",
        help="keep the report that is there, and choose and save the photos that the page shows beside it",
    )
    options = parser.parse_args(arguments)
    check_limit(parser, options.limit)
    if not STRIDE <= options.scored_at <= LARGEST_IMAGE_SIZE:
        parser.error(f"--scored-at must be {STRIDE} to {LARGEST_IMAGE_SIZE} pixels, such as {SCORED_AT}.")
    check_folder(parser, "--weights", options.weights)
    check_folder(parser, "--native", options.native)
    return options


def _run(options):
    if options.trials_only:
        return renew_experiments(Path(options.weights))
    check_backend()
    weights, work_dir = Path(options.weights), Path(options.work_dir)
    # Before anything is measured, which takes a while.
    try_to_write("--work-dir", work_dir)
    for name in () if options.limit else (REPORT, *chosen_pair()):
        try_to_write("--weights", weights / name)
    with locked(work_dir / "report", "measures the report"):
        if options.gallery_only:
            return renew_gallery(weights, work_dir, options.data_dir)
        write_report(weights, work_dir, options.data_dir, options.limit, options.native, options.scored_at)


if __name__ == "__main__":
    raise SystemExit(main())
