"""The rules of the house: see `.importlinter` and the docstring of `seg`."""

import subprocess
import sys

import pytest

from repository import ROOT


def test_a_room_uses_only_rooms_below_it():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["train", "seg.report.__main__", "seg.training.trials", "seg.hub.deploy", "app"])
def test_no_command_waits_for_keras_before_it_has_read_its_options(module):
    code = f"import sys, {module}; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(("former", "now"), [("seg.trials", "seg.training.trials"), ("seg.deploy", "seg.hub.deploy")])
def test_commands_run_under_their_former_names(former, now):
    helps = [
        subprocess.run(
            [sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for name in (former, now)
    ]
    assert helps[0] == helps[1]
