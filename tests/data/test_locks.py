"""Two processes that want the same file."""

import os
import subprocess
import sys

import pytest

from seg.data.locks import locked
from seg.errors import UserError

from repository import ROOT

HOLD = "import sys\nfrom seg.data.locks import locked\nwith locked(sys.argv[1], 'trains U-Net'):\n    print('held', flush=True)\n    sys.stdin.read()\n"


@pytest.fixture
def holder(tmp_path):
    """Another process that holds ``tmp_path / "file"`` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "file")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.stdin.close()
    process.wait(30)


def test_second_is_told_who_holds_it(holder, tmp_path):
    with (
        pytest.raises(
            UserError, match=rf"in use: process {holder.pid} on .* trains U-Net since 20.*another --work-dir"
        ),
        locked(tmp_path / "file", "trains FCN-8"),
    ):
        pass


@pytest.mark.parametrize("end", ["close", "kill"])
def test_lock_ends_with_its_holder(holder, tmp_path, end):
    if end == "close":
        holder.stdin.close()
    else:
        holder.kill()
    holder.wait(30)
    with locked(tmp_path / "file", "trains U-Net"):
        assert f"process {os.getpid()} on " in (tmp_path / "file.lock").read_text()
    assert (tmp_path / "file.lock").read_text() == ""


def test_a_place_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(UserError, match="could not be written"), locked(tmp_path / "runs/cache", "decodes"):
        pass
