"""Simulates a Space: what a visitor waits for, and how much memory it takes.

    python tests/benchmarks/space.py

Copies what `seg.hub.deploy` would upload to a clean folder, makes a fresh virtual
environment as the Space's builder does (Gradio at sdk_version, then
requirements.txt), and starts app.py there on port 7860, as a user who may write
nowhere but in a cache. Prints the seconds from start to the first finished
comparison and the peak memory of the app.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

PORT = 7860
_PATIENCE_SECONDS = 600
_UNPRIVILEGED = 65534  # nobody


def main():
    from seg.hub.deploy import files_to_deploy

    sdk_version = re.search(r"^sdk_version: (\S+)", (ROOT / "README.md").read_text(), re.M).group(1)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        space, cache = folder / "space", folder / "cache"
        for path in files_to_deploy(ROOT):
            (space / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, space / path)
        cache.mkdir()
        print(
            f"{sum(p.stat().st_size for p in space.rglob('*') if p.is_file()) / 2**20:.0f} MiB would be uploaded.",
            flush=True,
        )
        python = _build(folder / "venv", sdk_version, space / "requirements.txt")
        _forbid_writing(space)
        _measure(python, space, cache)


def _build(folder, sdk_version, requirements):
    started = time.monotonic()
    venv.create(folder, with_pip=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"gradio[oauth,mcp]=={sdk_version}"], check=True)
    subprocess.run([*pip, "-r", requirements], check=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "check"], check=True)
    print(f"Built in {time.monotonic() - started:.0f} s.", flush=True)
    return folder / "bin/python"


def _forbid_writing(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _measure(python, space, cache):
    from gradio_client import Client, handle_file

    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {
        "HOME": str(cache),
        "TMPDIR": str(cache),
        "GRADIO_SERVER_PORT": str(PORT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    who = {}
    if os.geteuid() == 0:
        os.chown(cache, _UNPRIVILEGED, _UNPRIVILEGED)
        who = {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED, "extra_groups": []}
    started = time.monotonic()
    app = subprocess.Popen([python, "app.py"], cwd=space, env=environment, stdout=subprocess.DEVNULL, **who)
    try:
        while True:
            assert app.poll() is None, "app.py ended"
            assert time.monotonic() - started < _PATIENCE_SECONDS, "app.py did not start in time"
            try:
                client = Client(f"http://127.0.0.1:{PORT}", verbose=False, download_files=tempfile.mkdtemp(dir=cache))
                break
            except Exception:  # not up yet
                time.sleep(0.2)
        up = time.monotonic() - started
        photo = handle_file(str(space / "seg/ui/examples/boxer_26.jpg"))
        client.predict(image=photo, api_name="/compare")
        first = time.monotonic() - started
        client.predict(image=photo, api_name="/compare")
        second = time.monotonic() - started - first
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{app.pid}/status").read_text())
        print(f"Page up after {up:.1f} s, first comparison after {first:.1f} s, the next one took {second:.2f} s.")
        print(f"Peak memory {int(peak.group(1)) / 2**10:.0f} MiB on {os.cpu_count()} cores.")
    finally:
        app.terminate()
        app.wait(30)


if __name__ == "__main__":
    main()
