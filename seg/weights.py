"""A trained network on disk: a folder with its weights and what made them.

    config.json        rebuilds the network and says how it was trained
    model.safetensors  plain tensors; kernels in half precision
    metrics.json       scores on the test split
    history.csv        one line an epoch
    curves.png         the same, drawn
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from seg.classes import CLASS_NAMES
from seg.errors import UserError, writing
from seg.networks import DEFAULT_ARGUMENTS, STRIDE, TITLES, build_network

CONFIG = "config.json"
TENSORS = "model.safetensors"
METRICS = "metrics.json"

_LARGEST_IMAGE_SIZE = 1024
_LARGEST_WIDTH = 4096


def tensors_of(network) -> dict:
    """The network's weights as NumPy arrays by variable path, such as ``fc6/kernel``."""
    return {weight.path: np.asarray(weight.value) for weight in network.weights}


def as_stored(tensors: dict) -> dict:
    """The tensors as a weights file holds them: kernels as float16.

    Biases and statistics of batch normalisation are few and need the range of
    float32.
    """
    return {name: np.asarray(a, np.float16 if a.ndim > 1 else a.dtype, order="C") for name, a in tensors.items()}


def assign_tensors(network, tensors: dict, source) -> None:
    """Gives the network the weights that `tensors_of` returned.

    Args:
        source: what to name in an error: the file the tensors came from.

    Raises:
        UserError: a tensor is missing, superfluous, of another shape or not finite.
    """
    weights = {weight.path: weight for weight in network.weights}
    wrong = sorted(weights.keys() ^ tensors.keys())
    if wrong:
        raise UserError(f"{source} does not fit its {CONFIG}: {len(wrong)} tensors differ, first {wrong[0][:80]}; fetch both files again.")
    for path, weight in weights.items():
        array = tensors[path]
        if tuple(weight.shape) != array.shape:
            raise UserError(f"{source} does not fit its {CONFIG}: {path} has shape {array.shape} instead of {tuple(weight.shape)}.")
        if not np.isfinite(array).all():
            raise UserError(f"{source} is damaged: {path} holds numbers that are not finite; fetch it again.")
        weight.assign(array.astype(np.float32))


def save_network_folder(folder, config: dict, tensors: dict, files: dict) -> None:
    """Writes a network's folder, replacing a former one only when all is written.

    Args:
        config: as `read_config` returns it.
        tensors: as `tensors_of` returns them; stored `as_stored`.
        files: further files, bytes by name.

    Raises:
        UserError: the disk is full or the place not writable.
    """
    folder = Path(folder)
    partial = folder.with_name(f".{folder.name}.partial")
    former = folder.with_name(f".{folder.name}.former")
    with writing(folder):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            save_file(as_stored(tensors), partial / TENSORS)
        except SafetensorError as error:
            raise UserError(f"{folder / TENSORS} could not be written ({error}); free some space and run again.") from error
        (partial / CONFIG).write_text(json.dumps(config, indent=2) + "\n")
        for name, content in files.items():
            (partial / name).write_bytes(content)
        shutil.rmtree(former, ignore_errors=True)
        if folder.exists():
            os.replace(folder, former)
        os.replace(partial, folder)
        shutil.rmtree(former, ignore_errors=True)


def read_config(folder) -> dict:
    """Reads and checks ``config.json``.

    Returns:
        ``{"network": name, "arguments": {...}, "image_size": pixels,
        "classes": [...], "training": {...}}``.

    Raises:
        UserError: the file is missing, unreadable, or describes a network that
            this version cannot build.
    """
    path = Path(folder) / CONFIG
    config = _read_json(path)
    name, arguments, image_size = config.get("network"), config.get("arguments"), config.get("image_size")
    if name not in TITLES:
        raise UserError(f"{path} names the network {str(name)[:40]!r}; known are {', '.join(TITLES)}.")
    if config.get("classes") != list(CLASS_NAMES):
        raise UserError(f"{path} has other classes than {', '.join(CLASS_NAMES)}.")
    if not _is_int(image_size, STRIDE, _LARGEST_IMAGE_SIZE) or image_size % STRIDE:
        raise UserError(f"{path}: image_size must be a multiple of {STRIDE} up to {_LARGEST_IMAGE_SIZE}, not {str(image_size)[:40]}.")
    width = {"fcn8": "fc_filters", "unet": "base_filters"}[name]
    if (
        not isinstance(arguments, dict)
        or set(arguments) - {width, "dropout_rate"}
        or not _is_int(arguments.get(width), 1, _LARGEST_WIDTH)
        or not isinstance(arguments.get("dropout_rate", 0.0), (int, float))
        or not 0 <= arguments.get("dropout_rate", 0.0) < 1
    ):
        raise UserError(f"{path}: the arguments of {TITLES[name]} must be {width}, 1 to {_LARGEST_WIDTH}, and dropout_rate, 0 to 1.")
    return config


def read_metrics(folder) -> dict | None:
    """The scores in ``metrics.json``, or None where the file is missing or unreadable."""
    try:
        return _read_json(Path(folder) / METRICS)
    except UserError:
        return None


def load_network(folder):
    """Builds the network that a folder describes and gives it its weights.

    Returns:
        The network, float32, and its config.

    Raises:
        UserError: a file is missing, damaged, or does not fit the other.
    """
    path = Path(folder) / TENSORS
    config = read_config(folder)
    try:
        tensors = load_file(path)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing; train the network or fetch its weights.") from error
    except (OSError, SafetensorError, ValueError) as error:
        raise UserError(f"{path} is damaged; fetch it again or train the network.") from error
    network = build_network(config["network"], config["arguments"])
    assign_tensors(network, tensors, path)
    return network, config


def _read_json(path):
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing; train the network or fetch its weights.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged; fetch it again or train the network.") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} is damaged; fetch it again or train the network.")
    return content


def _is_int(value, smallest, largest):
    return isinstance(value, int) and not isinstance(value, bool) and smallest <= value <= largest
