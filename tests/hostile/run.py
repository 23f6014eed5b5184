"""Sends every file of the corpus to a running app.

    python tests/hostile/run.py            starts the app, tries every file, prints what came of it
    python tests/hostile/run.py JPEG bomb  only those with JPEG or bomb in their name

Each file must end in a mask or in one sentence within 5 seconds, the server's
memory must grow by no more than 1 GiB, and after each file a good photo must get its right
mask. Exits with status 1 where one of these fails. Memory, and the seconds of all
processors together, are read from /proc, on Linux only.
"""

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np
from PIL import Image

from corpus import MASK, SENTENCE, corpus
from repository import EXAMPLES
from visitor import Visitor

SECONDS = 5
MEMORY_MIB = 1024
GOOD_PHOTO = EXAMPLES / "Bengal_93.jpg"


class Outcome(NamedTuple):
    """What came of a file: `seg`'s word for it, seconds, and what is wrong with that, or None."""

    ended: str
    seconds: float
    wrong: str | None


def try_case(visitor: Visitor, case) -> Outcome:
    """Sends one file and judges how it ended."""
    content = case.make()
    started = time.perf_counter()
    try:
        ended = visitor.compare_file(case.filename, content)
    except OSError as error:
        return Outcome("nothing", time.perf_counter() - started, f"no answer: {error}")
    seconds = time.perf_counter() - started
    if ended.results is not None:
        said = "a mask"
        wrong = None if case.ends != SENTENCE else "a mask of what is no photo"
        for result in ended.results[1:3]:
            mask = Image.open(io.BytesIO(visitor.download(result)))
            if mask.format != "PNG" or mask.mode != "P" or mask.convert("L").size != mask.size:
                wrong = "a mask that is none"
    else:
        said = ended.sentence or "no sentence"
        wrong = None if is_a_sentence(ended.sentence) else "no clear sentence"
        if case.ends == MASK:
            wrong = "no mask"
    return Outcome(said, seconds, wrong)


def is_a_sentence(text) -> bool:
    """Whether a person can be told this: one or two plain sentences without a path, a class name or markup."""
    return bool(
        isinstance(text, str)
        and re.fullmatch(r"[A-Z][^\n<>{}\\]{10,200}\.", text)
        and not re.search(r"/\w+/|Error|Exception|None|0x", text)
    )


def good_photo_is_right(visitor: Visitor, masks) -> bool:
    """Whether a good photo still gets the masks, class ids, that it must."""
    ended = visitor.compare_file(GOOD_PHOTO.name, GOOD_PHOTO.read_bytes())
    if ended.results is None:
        return False
    seen = [np.asarray(Image.open(io.BytesIO(visitor.download(result)))) for result in ended.results[1:3]]
    return all(np.array_equal(mask, expected) for mask, expected in zip(seen, masks))


def right_masks():
    """The good photo's masks, computed in this process."""
    from seg.images.photos import open_photo
    from seg.inference.comparison import Networks

    seen = Networks(ROOT / "weights", "here").compare(open_photo(GOOD_PHOTO)).segmentations
    return [segmentation.class_map for segmentation in seen.values()]


def memory_mib(pid, reset=False):
    """The largest resident size since the last reset, and the present one."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        if reset:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return float("nan"), float("nan")
    return tuple(int(re.search(rf"{key}:\s+(\d+)", status)[1]) / 1024 for key in ("VmHWM", "VmRSS"))


def processor_seconds(pid):
    """What the app has computed since its start, on all processors together: other work does not count."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(wanted):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    masks = right_masks()
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w+") as log:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_TEMP_DIR": f"{folder}/uploads",
        }
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while True:
                assert app.poll() is None, Path(log.name).read_text()
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            visitor, failures, outcomes = Visitor(url), 0, []
            assert good_photo_is_right(visitor, masks), "the app is not right even before"
            at_rest = memory_mib(app.pid)[1]
            print(f"{'seconds':>7} {'of processors':>13} {'MiB at most':>11}  file: how it ended")
            for case in corpus():
                if wanted and not any(word in case.name for word in wanted):
                    continue
                memory_mib(app.pid, reset=True)
                computed = -processor_seconds(app.pid)
                outcome = try_case(visitor, case)
                computed += processor_seconds(app.pid)
                peak, _ = memory_mib(app.pid)
                wrong = [outcome.wrong] if outcome.wrong else []
                wrong += ["took too long"] if outcome.seconds > SECONDS else []
                wrong += ["took too much memory"] if peak - at_rest > MEMORY_MIB else []
                if app.poll() is not None:
                    wrong.append("the server ended")
                elif not good_photo_is_right(visitor, masks):
                    wrong.append("the next good photo went wrong")
                failures += bool(wrong)
                outcomes.append((outcome.seconds, peak))
                print(
                    f"{outcome.seconds:7.2f} {computed:13.2f} {peak:11.0f}  {case.name}: {outcome.ended}{'   WRONG: ' + ', '.join(wrong) if wrong else ''}",
                    flush=True,
                )
                if app.poll() is not None:
                    break
            _, end = memory_mib(app.pid)
            seconds, peaks = zip(*outcomes)
            print(
                f"{len(outcomes)} files, {failures} wrong; slowest {max(seconds):.2f} s; memory {at_rest:.0f} MiB at first, {max(peaks):.0f} at most, {end:.0f} at last"
            )
            said = Path(log.name).read_text()
            if "Traceback" in said:
                failures += 1
                print("The log has a traceback:\n" + said)
        finally:
            app.terminate()
            app.wait(30)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
