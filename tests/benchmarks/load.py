"""A crowd: how many photos a second the app compares for 1, 4, 16 and 64 clients at once.

    python tests/benchmarks/load.py                       # 200 requests a level
    python tests/benchmarks/load.py --requests 48 --concurrency 2
    python tests/benchmarks/load.py --address http://127.0.0.1:7860 --levels 1 16

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 4, 16, 64], help="clients at once")
    parser.add_argument("--requests", type=int, default=200, help="requests a level (%(default)s)")
    parser.add_argument("--concurrency", type=int, help="comparisons at a time, instead of the app's own setting")
    parser.add_argument("--address", help="an app that runs already, with the weights of this folder")
    options = parser.parse_args()
    from crowd import send

    with tempfile.TemporaryDirectory() as folder:
        sizes = [
            save_photo(Path(folder) / f"{width}x{height}.jpg", width, height, i)
            for i, (width, height) in enumerate(SIZES)
        ]
        photos = [*sizes[:3] * 5, sizes[3]]
        expected = _references(sizes)
        with contextlib.nullcontext(options.address) if options.address else app(folder, options.concurrency) as url:
            send(url, sizes, 1, len(sizes))  # warm
            print(
                "| Clients | Requests | Photos/s | of one client's rate | Median wait | Longest wait | Deepest place | Failed | Wrong masks |",
                flush=True,
            )
            print("|---|---|---|---|---|---|---|---|---|", flush=True)
            alone = None
            for clients in options.levels:
                started = time.monotonic()
                answers = send(url, photos, clients, options.requests)
                rate = len(answers) / (time.monotonic() - started)
                alone = alone or rate
                good = [(path, answer) for path, answer in answers if not isinstance(answer, Exception)]
                wrong = sum(not all(map(np.array_equal, answer.masks, expected[path])) for path, answer in good)
                waits = [answer.done - answer.joined for _, answer in good]
                deepest = max((place for _, answer in good for place in answer.places), default=0)
                print(
                    f"| {clients} | {len(answers)} | {rate:.2f} | {rate / alone:.2f} | {statistics.median(waits):.2f} s | {max(waits):.2f} s "
                    f"| {deepest + 1} | {len(answers) - len(good)} | {wrong} |",
                    flush=True,
                )
                for error in {str(answer) for _, answer in answers if isinstance(answer, Exception)}:
                    print(f"  failed: {error}")


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
