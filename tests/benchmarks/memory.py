"""How much memory the app needs while it compares a hundred photos of 12 megapixels.

python tests/benchmarks/memory.py [--photos 100]
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from load import app
from pictures import ROOT, save_photo

sys.path.insert(0, str(ROOT / "tests"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100, help="%(default)s")
    options = parser.parse_args()
    from crowd import Visitor

    with tempfile.TemporaryDirectory() as folder:
        photos = [save_photo(Path(folder) / f"{example}.jpg", 4000, 3000, example) for example in range(8)]
        with app(folder) as url:
            visitor = Visitor(url)
            print(f"before the first photo: {_memory('VmRSS')} MiB", flush=True)
            for number in range(1, options.photos + 1):
                visitor.compare(photos[number % len(photos)])
                if number % 10 == 0 or number == 1:
                    print(f"after {number}: {_memory('VmRSS')} MiB, at most {_memory('VmHWM')} MiB", flush=True)


def _memory(field):
    status = Path(f"/proc/{app.process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) >> 10


if __name__ == "__main__":
    main()
