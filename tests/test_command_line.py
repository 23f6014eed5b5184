"""What every command line does alike: its output can end nothing, and what goes wrong is one sentence."""

import argparse
import contextlib
import importlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from seg.command_line import once_stopped, path_argument, run_command, wait_for_stop
from seg.errors import UserError

from repository import ROOT

COMMANDS = ("app", "seg.training.command", "seg.report.__main__", "seg.training.trials", "seg.hub.deploy")

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


def test_every_command_is_run_in_the_same_way(monkeypatch):
    files = [ROOT / "app.py", *(ROOT / "seg").rglob("*.py")]
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files if "\ndef main(" in file.read_text()
    }
    assert modules == set(COMMANDS)
    monkeypatch.syspath_prepend(str(ROOT))
    for name in COMMANDS:
        module = importlib.import_module(name)
        monkeypatch.setattr(module, "run_command", lambda *_, **__: 7)
        assert module.main() == 7, name


@pytest.mark.parametrize("name", COMMANDS[1:])
def test_home_folder_in_every_path_option(name, monkeypatch):
    parsers = []
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", lambda parser, *_: parsers.append(parser) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        importlib.import_module(name).main([])
    options = [
        action
        for action in parsers[0]._actions
        if action.nargs != 0
        and re.search(r"\bfolder for|\bfolder (with|of)|DIR|FILE", f"{action.help} {action.metavar}")
    ]
    assert len(options) >= (1 if name == "seg.hub.deploy" else 4)
    assert {action.dest for action in options if action.type is not path_argument} == set()


def test_what_goes_wrong_is_one_sentence(capsys, monkeypatch):
    def fail():
        raise UserError("There is no disk.")

    def stop(number=None):
        if number is None:
            raise KeyboardInterrupt
        os.kill(os.getpid(), number)
        time.sleep(60)

    def stop_late():
        with once_stopped("the weights are safe"):
            stop()

    # Started by nohup, the tests themselves ignore it, and it would stay so.
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    ended = []
    for command in (fail, stop, stop_late, lambda: stop(signal.SIGTERM), lambda: stop(signal.SIGHUP), lambda: None):
        status = run_command("pets", command, stopped="go on")
        ended.append((status, capsys.readouterr().err.strip()))
    signal.signal(signal.SIGHUP, hang_up)
    stopped = (130, "pets: stopped; go on.")
    assert ended[:2] == [(2, "pets: There is no disk."), stopped]
    assert ended[2:] == [(130, "pets: stopped; the weights are safe."), stopped, stopped, (0, "")]


def test_signals_that_are_ignored_stay_so_and_others_end_as_asked():
    former, handler = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        assert run_command("pets", lambda: os.kill(os.getpid(), signal.SIGHUP)) == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN and signal.getsignal(signal.SIGTERM) == handler
    finally:
        signal.signal(signal.SIGHUP, former)
    for wait in (lambda: time.sleep(60), wait_for_stop):
        stop = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
        stop.start()
        assert run_command("pets", wait, until_stopped=True) == 0
        stop.join()


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_stop_that_an_import_made_another_error_or_lost(number, status, capsys):
    """As C++ code does with what a signal raises while it is imported."""

    def lose():
        with contextlib.suppress(BaseException):
            os.kill(os.getpid(), number)
            time.sleep(60)

    def make_an_import_error():
        lose()
        raise ImportError("initialization failed")

    for command in (make_an_import_error, lambda: lose() or wait_for_stop()):
        assert run_command("pets", command, until_stopped=True) == status
        assert capsys.readouterr().err == ("\npets: stopped; the same command starts over.\n" if status else "")
    with pytest.raises(ImportError):
        run_command("pets", lambda: importlib.import_module("seg.nothing"))


def test_this_machine_is_asked_past_every_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "intranet,localhost")
    monkeypatch.delenv("no_proxy", raising=False)
    seen = []
    run_command("pets", lambda: seen.append([os.environ[name] for name in ("NO_PROXY", "no_proxy")]))
    assert seen == [["intranet,localhost,127.0.0.1,::1", "localhost,127.0.0.1,::1"]]
