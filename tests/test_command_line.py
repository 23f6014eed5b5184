"""What every command line does alike: its output can end nothing."""

import os
import subprocess
import sys

import pytest

from repository import ROOT

SAY = """
import sys
from seg.command_line import unbreakable_output
with unbreakable_output():
    print("pets \\N{CAT FACE} in Z\\u00fcrich", flush=True)
    print("fehlt \\N{DOG FACE}", file=sys.stderr)
    for _ in range(20000):
        print("a line of a log")
    sys.exit(7)
"""
ENCODINGS = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


def say(redirected="", **environment):
    command = f'"{sys.executable}" -c "$CODE" {redirected}'
    environment = os.environ | {"CODE": SAY} | environment
    return subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, timeout=60)


@pytest.mark.parametrize("environment", ENCODINGS, ids=lambda e: next(iter(e.values())))
def test_a_console_that_lacks_a_letter(environment):
    done = say(**environment)
    assert done.returncode == 7 and b"Traceback" not in done.stderr
    assert done.stdout.startswith(rb"pets \U0001f431 in Z") and done.stdout.count(b"a line of a log") == 20000
    assert rb"fehlt \U0001f436" in done.stderr


@pytest.mark.parametrize(
    "redirected", [">&-", "2>&-", ">&- 2>&-", "> /dev/full", "2> /dev/full", "> >(head -c 1 >/dev/null)"]
)
def test_an_output_that_cannot_be_written(redirected):
    done = say(redirected)
    assert done.returncode == 7 and b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


def test_console_that_knows_the_letters():
    done = say(PYTHONIOENCODING="utf-8")
    assert done.stdout.decode().startswith("pets \N{CAT FACE} in Zürich\n")


def test_log_is_written_line_by_line():
    code = (
        "import sys\nfrom seg.command_line import unbreakable_output\n"
        "with unbreakable_output():\n    print('address')\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "address\n"
    process.communicate("", timeout=60)
