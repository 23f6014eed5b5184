"""What can stop a run: it is said in one sentence, early where possible, and costs no finished epoch."""

import importlib
import os
import signal
import time
from pathlib import Path

import pytest

from seg.data.locks import locked

from repository import train as run_here

OPTIONS = [
    "--networks", "unet", "--limit", "12", "--epochs", "1", "--image-size", "32", "--batch-size", "4", "--base-filters", "2",
    "--precision", "float32",
]  # fmt: skip


@pytest.fixture
def train(prepared_dataset, tmp_path):
    """Runs ``train.py`` in an empty folder; returns its status and what it said of what went wrong."""

    def run(*options):
        done = run_here(*OPTIONS, "--data-dir", prepared_dataset, *options, cwd=tmp_path)
        return done.returncode, done.stderr.strip().splitlines()[-1] if done.returncode else done.stdout

    return run


@pytest.fixture
def no_training(monkeypatch):
    def train(*_):
        raise AssertionError("this should have been found before")

    monkeypatch.setattr("seg.training.fit.fit_network", train)
    monkeypatch.setattr("seg.data.dataset.load_pets", train)


@pytest.mark.slow
def test_a_signal_stops_like_ctrl_c(train, monkeypatch):
    def wait(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)

    monkeypatch.setattr("seg.training.fit.fit_network", wait)
    told = "train.py: stopped; go on from the last finished epoch with the same command and --resume."
    assert train() == (130, told)


@pytest.mark.slow
def test_second_run_in_a_work_dir_says_who_holds_it(train, tmp_path, no_training):
    with locked(tmp_path / "runs/checkpoints/unet-first12.safetensors", "trains U-Net"):
        status, told = train()
    assert status == 2 and f"process {os.getpid()} on " in told and "trains U-Net since" in told


@pytest.mark.parametrize(
    "module, place", [("seg.report.__main__", "report"), ("seg.training.trials", "checkpoints/trial.safetensors")]
)
def test_so_do_a_second_report_and_second_trials(tmp_path, capsys, module, place):
    (tmp_path / "weights").mkdir()
    given = ["--work-dir", str(tmp_path), "--weights" if "report" in module else "--output", str(tmp_path / "weights")]
    with locked(tmp_path / place, "got here first"):
        assert importlib.import_module(module).main(given) == 2
    assert "got here first since" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--output", "--work-dir"])
@pytest.mark.parametrize("kind", ["a file", "below a file", "nowhere"])
def test_places_that_cannot_be_written_are_found_at_once(train, tmp_path, no_training, option, kind):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("/nowhere/at/all")
    place = {"a file": "file", "below a file": "file/deeper/down", "nowhere": "link"}[kind]
    status, told = train(option, place)
    assert status == 2 and told.startswith(f"train.py: {option}: ") and "is a file, not a folder" in told
    assert (tmp_path / "file").read_text() == "mine" and not (tmp_path / "runs/checkpoints").exists()


@pytest.mark.parametrize("taken", ["out/unet", "work/cache", "work/checkpoints"])
def test_a_file_where_a_folder_will_be(train, tmp_path, no_training, taken):
    (tmp_path / taken).parent.mkdir()
    (tmp_path / taken).write_text("mine")
    status, told = train("--output", "out", "--work-dir", "work")
    assert status == 2 and f"{tmp_path / taken} is a file, not a folder" in told


@pytest.mark.parametrize("option", ["--output", "--work-dir"])
def test_a_folder_that_is_not_writable(train, tmp_path, no_training, option):
    """/proc stands for it: not even root writes there."""
    status, told = train(option, "/proc/sys")
    assert status == 2 and told.startswith(f"train.py: {option}: nothing can be written to /proc/sys (")


@pytest.mark.parametrize(
    "command, option",
    [("report", "--weights"), ("report", "--work-dir"), ("trials", "--output"), ("trials", "--work-dir")],
)
def test_reports_and_trials_find_it_at_once_too(tmp_path, monkeypatch, capsys, option, command):
    """Below a file; nothing is loaded."""
    from seg.report import __main__ as report
    from seg.training import trials

    def load(*_):
        raise AssertionError("this should have been found before")

    monkeypatch.setattr("seg.data.dataset.load_pets", load)
    monkeypatch.setattr("seg.report.measure.Contestant", load)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/report").write_text("")
    (tmp_path / "file").write_text("")
    given = tmp_path / ("weights" if option == "--weights" else "file")
    options = {"--weights": str(tmp_path / "weights")} if command == "report" else {}
    options |= {option: str(given)}
    arguments = [word for pair in options.items() for word in pair]
    if option != "--weights":
        (tmp_path / "weights/report").unlink()
    assert {"report": report, "trials": trials}[command].main(arguments) == 2
    assert f"{option}: {tmp_path}" in (said := capsys.readouterr().err) and "is a file, not a folder" in said


def test_too_little_space(train, monkeypatch, no_training):
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _: os.terminal_size((0, 0)) and type("Usage", (), {"free": 3_000_000})
    )
    status, told = train()
    assert status == 2 and "has 3 MB free, but checkpoints and results take" in told


@pytest.mark.slow
def test_results_that_cannot_be_written_cost_no_epoch(train, tmp_path, monkeypatch):
    from seg.networks import weights

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(weights, "save", full)
        status, told = train()
    assert status == 2 and "The disk is full" in told and "the same command with --resume goes on from there" in told
    status, told = train("--resume", "--output", "elsewhere")
    assert status == 0 and "Resuming U-Net after epoch 1 of 1." in told and "Epoch 1" not in told
    assert (tmp_path / "elsewhere/unet/model.safetensors").exists()


def test_home_folder_in_every_path_option(monkeypatch, tmp_path):
    from seg.training.options import parse_options

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "start").mkdir()
    (tmp_path / "vgg.npz").write_bytes(b"")
    names = {
        "data_dir": "data",
        "output": "out",
        "work_dir": "work",
        "start_weights": "start",
        "encoder_weights": "vgg.npz",
    }
    arguments = [f"--{name.replace('_', '-')}=~/{folder}" for name, folder in names.items()]
    options = parse_options(arguments)
    assert {name: getattr(options, name) for name in names} == {
        name: str(Path(tmp_path) / folder) for name, folder in names.items()
    }
    assert parse_options([]).encoder_weights == "imagenet"
