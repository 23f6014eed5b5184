"""Folders of weights as training leaves them, small enough for a test each."""

import json
import os
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from seg.networks.weights import tensors_digest

ROOT = Path(__file__).parents[2]
CLASSES = ["pet", "background", "outline"]


def config_of(name, width=None, **training):
    """A ``config.json`` as training writes it."""
    arguments = {"fcn8": {"fc_filters": width or 4}, "unet": {"base_filters": width or 2}}[name]
    return {
        "network": name,
        "arguments": arguments | {"dropout_rate": 0.5},
        "image_size": 64,
        "classes": CLASSES,
        "parameters": 7697,
        "training": {
            "limit": None,
            "epochs": 30,
            "best_epoch": 27,
            "batch_size": 16,
            "learning_rate": 0.0003,
            "weight_decay": 0.01,
            "encoder_weights": "imagenet" if name == "fcn8" else None,
            "pretrained_layers": ["block1_conv1"] if name == "fcn8" else [],
            "optimizer": "AdamW, linear warm-up, cosine decay",
            "loss": "cross-entropy",
            "dataset": {"name": "tfds:oxford_iiit_pet/4.0.0", "train": 3312, "validation": 368, "test": 3669},
        }
        | training,
    }


def metrics_of(name, **changes):
    """A ``metrics.json`` as training writes it, with other numbers for each network."""
    shift = {"fcn8": 0.0123456789, "unet": 0.0234567891}[name]
    return {
        "split": "test",
        "limit": None,
        "photos": 3669,
        "scored_at": 64,
        "pixel_accuracy": 0.89 + shift,
        "mean_iou": 0.71 + shift,
        "mean_dice": 0.81 + shift,
        "iou": {"pet": 0.77 + shift, "background": 0.88 + shift, "outline": 0.44 + shift},
        "dice": {"pet": 0.87 + shift, "background": 0.93 + shift, "outline": 0.61 + shift},
    } | changes


def write_network(folder, name, config=None, metrics=None):
    """A network's folder with little in it: its tensors are only those that tell its width."""
    folder = Path(folder) / name
    folder.mkdir(parents=True, exist_ok=True)
    config = config or config_of(name)
    rng = np.random.default_rng(0)
    width = config["arguments"].get("fc_filters") or config["arguments"].get("base_filters")
    tensor = {"fcn8": ("fc6/kernel", (7, 7, 512, width)), "unet": ("encoder1_conv1/kernel", (3, 3, 3, width))}[name]
    save_file(
        {
            tensor[0]: rng.normal(size=tensor[1]).astype(np.float16),
            "score/bias": rng.normal(size=5000).astype(np.float32),
        },
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps(metrics or metrics_of(name)))
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n")
    (folder / "curves.png").write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    return folder


def write_report(folder, **changes):
    """A report on the networks of `write_network`, as far as the app relies on it."""
    networks = {
        name: {"sha256": tensors_digest(folder / name), "calibration": {"temperature": 1.1}}
        for name in ("fcn8", "unet")
    }
    report = {"photos": 3669, "networks": networks, "contest": {"wins": {"first": 0.4, "second": 0.6}}} | changes
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report/report.json").write_text(json.dumps(report))
    (folder / "report/report.md").write_text("Test split, 3,669 photos at 64 x 64.\n\nNeither is ahead for certain.\n")
    (folder / "report/most-different.jpg").write_bytes(b"\xff\xd8 strips")


def contents(folder):
    """The files below a folder: contents by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def clean_environment(url, home):
    """Of this process, less what would lead to the real Hub or a real token."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "HUGGING", "WEIGHTS_", "GRADIO_"))
    }
    return kept | {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        # Whole seconds only: how long a stalled download is waited for.
        "HF_HUB_DOWNLOAD_TIMEOUT": "1",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.path.dirname(__file__))),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
