"""A crowd: how many photos a second the app compares for several clients at once.

    python tests/benchmarks/load.py                       # 1, 4, 16 and 64 clients, 200 requests a level
    python tests/benchmarks/load.py --requests 48 --concurrency 2
    python tests/benchmarks/load.py --address http://127.0.0.1:7860 --levels 1 16

`run.py load` measures 16 clients with one, two and four comparisons at a time, and the memory that they take.

Photos of four sizes go through the HTTP API on this machine, clients included;
each mask is compared with what the networks say in this process.
"""

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from pictures import ROOT, save_photo

sys.path.insert(0, str(ROOT / "tests"))

SIZES = ((500, 375), (375, 500), (1280, 960), (4000, 3000))
"""Width and height of the photos; the last one is sent once in sixteen requests."""

CLIENTS, REQUESTS = 16, 200
AT_ONCE = (1, 2, 4)
"""Comparisons at a time."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 4, 16, 64], help="clients at once")
    parser.add_argument("--requests", type=int, default=200, help="requests a level (%(default)s)")
    parser.add_argument("--concurrency", type=int, help="comparisons at a time, instead of the app's own setting")
    parser.add_argument("--address", help="an app that runs already, with the weights of this folder")
    options = parser.parse_args()
    with crowd() as (photos, measured):
        running = contextlib.nullcontext(options.address) if options.address else app(photos, options.concurrency)
        with running as url:
            for clients in options.levels:
                rate, told = measured(url, clients, options.requests)
                print(f"{clients} clients: {rate:.2f} photos/s, {told}", flush=True)


def rows():
    import timing
    from memory import memory

    requests = min(REQUESTS, 10 * (timing.most_pairs or REQUESTS))
    one = {}
    with crowd() as (photos, measured):
        for at_once in AT_ONCE:
            with app(photos, at_once) as url:
                alone, _ = measured(url, 1, requests // 2) if at_once == 1 else (None, None)
                rate, told = measured(url, CLIENTS, requests)
                told = f"{rate:.2f} photos/s, {told}, {memory('VmHWM') / 1e9:.2f} GB at the peak"
            what = f"{CLIENTS} clients' photos a second, COMPARISONS_AT_ONCE={at_once}"
            if at_once == 1:
                one["rate"] = rate
                yield timing.Row(what, "one client's", "at least", 0.9, rate / alone, told, 1)
            else:
                yield timing.Row(what, "COMPARISONS_AT_ONCE=1", "at least", 1.0, rate / one["rate"], told, 1)


@contextlib.contextmanager
def crowd():
    """A folder for an app's files, and a function that sends photos to it.

    The function takes the app's address, how many clients there are and how many requests; it returns photos a second,
    and in words how long they waited, how many failed and how many masks were not those of this process.
    """
    from crowd import send

    with tempfile.TemporaryDirectory() as folder:
        sizes = [
            save_photo(Path(folder) / f"{width}x{height}.jpg", width, height, i)
            for i, (width, height) in enumerate(SIZES)
        ]
        photos = [*sizes[:3] * 5, sizes[3]]
        expected = _references(sizes)

        def measured(url, clients, requests):
            send(url, sizes, 1, len(sizes))  # warm
            started = time.monotonic()
            answers = send(url, photos, clients, requests)
            rate = len(answers) / (time.monotonic() - started)
            good = [(path, answer) for path, answer in answers if not isinstance(answer, Exception)]
            wrong = sum(not all(map(np.array_equal, answer.masks, expected[path])) for path, answer in good)
            waits = [answer.done - answer.joined for _, answer in good] or [float("nan")]
            return rate, (
                f"waits {statistics.median(waits):.2f} s (median) to {max(waits):.2f} s, {len(answers) - len(good)} of"
                f" {len(answers)} failed, {wrong} wrong masks"
            )

        yield folder, measured


def _references(photos):
    from seg.images.photos import open_photo
    from seg.inference.comparison import Networks

    networks = Networks(ROOT / "weights", "here")
    return {
        path: [seen.class_map for seen in networks.compare(open_photo(path)).segmentations.values()] for path in photos
    }


@contextlib.contextmanager
def app(folder, concurrency=None):
    """`python app.py` on a free port; yields its address, and its process as ``app.process``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_TEMP_DIR": str(Path(folder) / "uploads"),
    }
    if concurrency:
        settings["COMPARISONS_AT_ONCE"] = str(concurrency)
    app.process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            assert app.process.poll() is None, "app.py ended"
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=5).close()
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        app.process.terminate()
        app.process.wait(30)


if __name__ == "__main__":
    main()
