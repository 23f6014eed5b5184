"""This repository as the tests use it."""

import asyncio
import contextlib
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "seg/ui/examples"

PATIENCE = 300
"""Seconds for which a test waits for what must come: a busy machine is slow, not wrong."""

TOKEN = "hf_NotARealTokenButMustNeverBeShown"
"""What HF_TOKEN is while the tests' app runs; no answer and no log may hold it."""


def example_photo(name) -> Image.Image:
    return Image.open(EXAMPLES / f"{name}.jpg").convert("RGB")


def example_truth(name) -> np.ndarray:
    """Class ids of an example's trimap."""
    return np.asarray(Image.open(EXAMPLES / f"{name}.png")) - 1


def save_tiny_networks(folder, widths) -> None:
    """Saves networks with random weights for photos of 32 x 32, as trained ones are saved.

    Args:
        widths: arguments by network name.
    """
    from seg.classes import CLASS_NAMES
    from seg.networks import build_network, tensors_of
    from seg.networks.weights import save_network_folder

    for name, arguments in widths.items():
        config = {
            "network": name,
            "arguments": arguments,
            "image_size": 32,
            "classes": list(CLASS_NAMES),
            "parameters": None,
            "training": {},
        }
        save_network_folder(folder / name, config, tensors_of(build_network(name, arguments)), {})


def run_train(*options, cwd):
    """`python train.py` as a person runs it."""
    command = [sys.executable, str(ROOT / "train.py"), *map(str, options)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def train(*options, cwd):
    """The same in this process, which has TensorFlow already, and without a report; as `subprocess.run` tells it."""
    from seg.training.command import main

    said, wrong = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        try:
            status = main([str(option) for option in options])
        except SystemExit as end:
            status = end.code
    return subprocess.CompletedProcess(options, status, said.getvalue(), wrong.getvalue())


def run_async(coroutine):
    """What a coroutine returns. It runs in a thread of its own: Playwright keeps a loop running in that of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
