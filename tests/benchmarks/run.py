"""Prints how fast this project is, each number against another way of doing the same.

    pip install -r tests/benchmarks/requirements.txt
    python tests/benchmarks/run.py              # every row, about twenty minutes on two cores
    python tests/benchmarks/run.py forward      # the rows of one subject
    python tests/benchmarks/run.py start --pairs 3

Both sides of a row run in turns in the same process, 15 times; the ratio is the
median of the pairs'. A busy machine makes the ratios noisy: leave it alone
meanwhile. `load.py`, `memory.py`, `agreement.py` and `space.py` beside this file
measure what is no ratio.
"""

import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import timing
from timing import Row

SUBJECTS = ("forward", "handler", "original", "start", "training", "evaluation")
"""Modules beside this one; `rows` of each yields `timing.Row`."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", default=SUBJECTS, help=", ".join(SUBJECTS))
    parser.add_argument("--pairs", type=int, help="measure no more pairs than this")
    parser.add_argument("--json", action="store_true", help="in this process, rows as JSON")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.py
    if options.json:
        timing.most_pairs = options.pairs
        for row in import_module(options.subjects[0]).rows():
            print(row.as_json(), flush=True)
        return
    print("| What | Against | Target | Ratio | | Medians | Pairs |\n|---|---|---|---|---|---|---|", flush=True)
    few = ["--pairs", str(options.pairs)] if options.pairs else []
    for subject in options.subjects:
        # A process of its own: no subject pays for the threads and the memory of another.
        with subprocess.Popen(
            [sys.executable, Path(__file__), subject, "--json", *few], stdout=subprocess.PIPE, text=True
        ) as process:
            for line in process.stdout:
                if line.startswith("{"):
                    _print(Row(**json.loads(line)))
        if process.returncode:
            sys.exit(f"The benchmark of {subject} ended with status {process.returncode}.")


def _print(row):
    verdict = "held" if row.holds else f"missed by {abs(row.ratio / row.target - 1):.0%}"
    print(
        f"| {row.what} | {row.against} | {row.better} {row.target:g} | **{row.ratio:.2f}** | {verdict} | {row.measured} | {row.pairs} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
