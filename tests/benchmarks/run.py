"""Prints how fast this project is, each number against another way of doing the same.

    pip install -r tests/benchmarks/requirements.txt
    python tests/benchmarks/run.py --write --pairs 5    # every row, into README.md beside this file; some twelve minutes
    python tests/benchmarks/run.py forward              # the rows of one subject
    python tests/benchmarks/run.py start --pairs 3

Both sides of a row run in turns, 15 times; the ratio is the median of the
pairs'. A busy machine makes the ratios noisy: leave it alone meanwhile.
`agreement.py` and `space.py` beside this file measure what is no ratio.
"""

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import timing
from pictures import ROOT
from timing import Row

SUBJECTS = (
    "forward", "handler", "page", "start", "original", "training", "evaluation", "idle", "memory", "load",
)  # fmt: skip
"""Modules beside this one; `rows` of each yields `timing.Row`."""

HEAD = "| What | Against | Target | Ratio | | Measured | Pairs |\n|---|---|---|---|---|---|---|"
README = "tests/benchmarks/README.md"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", default=SUBJECTS, help=", ".join(SUBJECTS))
    parser.add_argument("--pairs", type=int, help="measure no more pairs than this")
    parser.add_argument("--write", action="store_true", help=f"write the table of all subjects into {README}")
    parser.add_argument("--json", action="store_true", help="in this process, rows as JSON")
    options = parser.parse_args()
    if options.write and tuple(options.subjects) != SUBJECTS:
        parser.error("--write writes one table, measured in one run: leave the subjects out.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.py
    if options.json:
        timing.most_pairs = options.pairs
        for row in import_module(options.subjects[0]).rows():
            print(row.as_json(), flush=True)
        return
    print(HEAD, flush=True)
    few = ["--pairs", str(options.pairs)] if options.pairs else []
    lines, failed = [], []
    for subject in options.subjects:
        # A process of its own: no subject pays for the threads and the memory of another.
        with subprocess.Popen(
            [sys.executable, Path(__file__), subject, "--json", *few], stdout=subprocess.PIPE, text=True
        ) as process:
            for line in process.stdout:
                if line.startswith("{"):
                    lines.append(_line(Row(**json.loads(line))))
                    print(lines[-1], flush=True)
        if process.returncode:
            failed.append(subject)
    if options.write:
        _write([HEAD, *lines], failed)
    if failed:
        sys.exit(f"The benchmark of {', '.join(failed)} failed.")


def _line(row):
    verdict = "held" if row.holds else f"missed by {abs(row.ratio / row.target - 1):.0%}"
    return (
        f"| {row.what} | {row.against} | {row.better} {row.target:g} | **{row.ratio:.3g}** | {verdict} | {row.measured} |"
        f" {row.pairs} |"
    )


def _write(table, failed):
    sys.path.insert(0, str(ROOT / "tests"))
    from documents import with_part

    missing = [f"Not measured, because it failed: {', '.join(failed)}.", ""] if failed else []
    path = ROOT / README
    made = "\n".join([conditions(), "", *missing, *table])
    path.write_text(with_part(README, path.read_text(), "speed", made))


def conditions() -> str:
    """A sentence on when, on which machine and of which weights."""
    from seg.networks import TITLES
    from seg.networks.compilation import inference_precision
    from seg.networks.weights import read_config, tensors_digest

    networks = " and ".join(
        f"{title} at {read_config(folder)['image_size']} (weights {tensors_digest(folder)[:7]})"
        for folder, title in ((ROOT / "weights" / name, title) for name, title in TITLES.items())
        if folder.is_dir()
    )
    return (
        f"Measured on {datetime.date.today()} on {os.cpu_count()} cores of {processor()}, in {inference_precision()} where"
        f" nothing else is said: {networks}."
    )


def processor() -> str:
    """Its name, and what it has for bfloat16."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"^model name\s*:\s*(.+)", told, re.M)
    has = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in told.split()]
    return f"{name.group(1) if name else platform.machine()} ({', '.join(has) or 'without AVX-512'})"


if __name__ == "__main__":
    main()
