"""Training on several devices and in several processes computes what one device computes.

JAX's CPU backend plays any number of devices; its collectives cross process borders too.
"""

import csv
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from seg.errors import UserError
from seg.training.distribution import distributed

from repository import ROOT

TINY = """
import sys
from tiny import NETWORK
from seg.networks import NETWORKS, TITLES
NETWORKS["tiny"], TITLES["tiny"] = NETWORK, NETWORK.title
from seg.training.command import main
sys.exit(main(sys.argv[1:]))
"""
"""``train.py`` that knows a network which is compiled in no time."""

OPTIONS = [
    "--networks", "tiny", "--limit", "40", "--epochs", "1", "--image-size", "32", "--batch-size", "8", "--precision", "float32",
    "--ema-momentum", "0.9",
]  # fmt: skip


def start(folder, data_dir, devices=1, **environment):
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests/hub'}",
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        # What one process has compiled, the next need not.
        "JAX_COMPILATION_CACHE_DIR": str(Path(folder).parent / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} --xla_backend_optimization_level=0",
        **environment,
    }
    return subprocess.Popen(
        [sys.executable, "-c", TINY, *OPTIONS, "--data-dir", str(data_dir)],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-2000:]
    return output


def history(folder):
    with (folder / "runs/first40/tiny/history.csv").open() as file:
        return [{key: float(value) for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def one_device(prepared_dataset, tmp_path_factory):
    pytest.importorskip("jax")
    folder = tmp_path_factory.mktemp("one")
    finish(start(folder, prepared_dataset))
    return history(folder)


def assert_same(rows, expected):
    assert len(rows) == len(expected) == 1
    for row, other in zip(rows, expected):
        for key in ("loss", "val_loss", "mean_iou", "val_mean_iou", "val_pixel_accuracy"):
            assert row[key] == pytest.approx(other[key], rel=2e-3), key


def test_two_processes_of_two_devices_compute_what_one_device_does(one_device, prepared_dataset, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    processes = [
        start(
            tmp_path,
            prepared_dataset,
            devices=2,
            KERAS_DISTRIBUTION_JOB_ADDRESSES=address,
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(index),
        )  # fmt: skip
        for index in (0, 1)
    ]
    first, second = map(finish, processes)
    # Gloo, which carries what the processes tell each other, prints lines of its own.
    told = "TinyNet: 1 of 1 epochs"
    assert told in first and "test pixel accuracy" in first and told not in second and "test pixel" not in second
    assert_same(history(tmp_path), one_device)


def test_uneven_batch_is_one_sentence(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0", "cpu:1", "cpu:2"])
    with pytest.raises(UserError, match="batch of 8 photos cannot be split over 3 devices"), distributed(8):
        pass
