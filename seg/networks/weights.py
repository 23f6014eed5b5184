"""A trained network on disk: a folder with its weights and what made them.

config.json        rebuilds the network and says how it was trained
model.safetensors  plain tensors; kernels in half precision
metrics.json       scores on the test split
history.csv        one line an epoch
curves.png         the same, drawn
samples.png        photos of the test split with true and predicted masks
"""

import csv
import hashlib
import json
import math
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from seg.classes import CLASS_NAMES
from seg.errors import UserError, unreadable, writing
from seg.networks import LARGEST_IMAGE_SIZE, NETWORKS, STRIDE, TITLES, build_network
from seg.networks.stages import is_number

CONFIG = "config.json"
TENSORS = "model.safetensors"
METRICS = "metrics.json"
HISTORY = "history.csv"

LARGEST_BYTES = {CONFIG: 2**20, METRICS: 2**20, TENSORS: 2**30}
"""Size of each file, bytes, above which it is refused unread. FCN-8 as wide as
the paper's takes half of the last one in float32."""


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
    _check_shapes(network, {name: array.shape for name, array in tensors.items()}, source)
    for weight in network.weights:
        path, array = weight.path, tensors[weight.path]
        if not np.isfinite(array).all():
            raise UserError(f"{source} is damaged: {path} holds numbers that are not finite; fetch it again.")
        weight.assign(array.astype(np.float32))


def save_network_folder(folder, config: dict, tensors: dict, files: dict) -> None:
    """Writes a network's folder, replacing a former one only when all is written.

    Args:
        config: as `read_config` returns it.
        tensors: as `seg.networks.tensors_of` returns them; stored `as_stored`.
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
        (partial / TENSORS).write_bytes(save(as_stored(tensors)))
        (partial / CONFIG).write_text(json.dumps(config, indent=2) + "\n")
        for name, content in files.items():
            (partial / name).write_bytes(content)
        shutil.rmtree(former, ignore_errors=True)
        if folder.exists():
            os.replace(folder, former)
        os.replace(partial, folder)
        shutil.rmtree(former, ignore_errors=True)


def read_config(folder) -> dict:
    """Reads and checks ``config.json``; fields that are not known here are dropped.

    Returns:
        ``{"network": name, "arguments": {...}, "image_size": pixels,
        "classes": [...], "parameters": number, "training": {...}}``, with None
        for ``parameters`` and an empty ``training`` where the file does not say.

    Raises:
        UserError: the file is missing, unreadable, or describes a network that
            this version cannot build.
    """
    path = Path(folder) / CONFIG
    config, shown = _read_json(path), _shown_path(path)
    name, arguments, image_size = config.get("network"), config.get("arguments"), config.get("image_size")
    if not isinstance(name, str) or name not in TITLES:
        raise UserError(f"{shown} names the network {_shown(name)}; known are {', '.join(TITLES)}.")
    if config.get("classes") != list(CLASS_NAMES):
        raise UserError(f"{shown} has other classes than {', '.join(CLASS_NAMES)}.")
    if not _is_int(image_size, STRIDE, LARGEST_IMAGE_SIZE) or image_size % STRIDE:
        raise UserError(
            f"{shown}: image_size must be a multiple of {STRIDE} up to {LARGEST_IMAGE_SIZE}, not {_shown(image_size)}."
        )
    _check_arguments(shown, NETWORKS[name], arguments, image_size)
    parameters, training = config.get("parameters"), config.get("training")
    return {
        "network": name,
        "arguments": arguments,
        "image_size": image_size,
        "classes": list(CLASS_NAMES),
        "parameters": parameters if _is_int(parameters, 1, 10**9) else None,
        "training": training if isinstance(training, dict) else {},
    }


def read_metrics(folder) -> dict | None:
    """The scores in ``metrics.json``, or None where they are missing or no scores."""
    try:
        metrics = _read_json(Path(folder) / METRICS)
    except UserError:
        return None
    by_class = [metrics.get("iou"), metrics.get("dice")]
    if not all(isinstance(scores, dict) and set(scores) == set(CLASS_NAMES) for scores in by_class):
        return None
    shares = [metrics.get(key, "missing") for key in ("pixel_accuracy", "mean_iou", "mean_dice")]
    shares += [share for scores in by_class for share in scores.values()]
    return metrics if all(share is None or is_number(share) and 0 <= share <= 1 for share in shares) else None


def check_tensors(folder, config: dict) -> dict:
    """Compares the header of ``model.safetensors`` with the config; reads no tensor.

    Args:
        config: as `read_config` returns it.

    Returns:
        The shape of each tensor by name.

    Raises:
        UserError: the file is missing, larger than a network can be, damaged,
            or plainly of another network or width.
    """
    path = Path(folder) / TENSORS
    shown = _shown_path(path)
    with _reading(path):
        path.open("rb").close()  # the next line says "missing" of what it may not read
        with safe_open(path, framework="numpy") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}
            shapes = {name: tuple(slice_.get_shape()) for name, slice_ in slices.items()}
            dtypes = {slice_.get_dtype() for slice_ in slices.values()}
    if odd := dtypes - {"F16", "F32"}:
        raise UserError(f"{shown} holds tensors of type {', '.join(sorted(odd))[:80]} instead of F16 and F32.")
    for argument in NETWORKS[config["network"]].arguments:
        if not argument.tensors:
            continue
        tensor = next((tensor for tensor in argument.tensors if tensor in shapes), argument.tensors[0])
        if tensor not in shapes:
            raise UserError(f"{shown} does not fit its {CONFIG}: it holds no tensor {tensor}; fetch both files again.")
        if shapes[tensor][-1:] != (width := config["arguments"][argument.name],):
            raise UserError(
                f"{shown} does not fit its {CONFIG}: {tensor} has shape {shapes[tensor]}, but"
                f" {argument.name} is {width}."
            )
    return shapes


def tensors_digest(folder) -> str:
    """SHA-256 of ``model.safetensors``, in hexadecimal: of these weights and no others.

    Raises:
        UserError: the file is missing or cannot be read.
    """
    path = Path(folder) / TENSORS
    with _reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_history(folder) -> list[dict]:
    """The rows of ``history.csv``: numbers by column, one row an epoch.

    Raises:
        UserError: the file is missing or damaged.
    """
    path = Path(folder) / HISTORY
    with _reading(path), path.open(newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
        return [row | {"epoch": int(row["epoch"])} for row in rows]


def load_network(folder):
    """Builds the network that a folder describes and gives it its weights.

    Nothing is allocated before config and header agree, and no tensor is read
    before all shapes do.

    Returns:
        The network, float32, and its config.

    Raises:
        UserError: a file is missing, damaged, or does not fit the other.
    """
    path = Path(folder) / TENSORS
    config = read_config(folder)
    shapes = check_tensors(folder, config)
    network = _built_at_zero(config)
    _check_shapes(network, shapes, _shown_path(path))
    with _reading(path), safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in shapes}
    assign_tensors(network, tensors, _shown_path(path))
    return network, config


def _built_at_zero(config):
    """The network without random numbers, which take longer than all else of it and would be replaced."""
    import keras

    random = ("he_normal", "glorot_uniform")
    with keras.saving.custom_object_scope(dict.fromkeys(random, keras.initializers.Zeros)):
        return build_network(config["network"], config["arguments"])


def _check_arguments(shown, network, arguments, image_size):
    known = {argument.name: argument for argument in network.arguments}
    needed = {name for name, argument in known.items() if argument.tensors}
    if not isinstance(arguments, dict) or not (
        needed <= set(arguments) <= set(known) and all(known[key].allows(value) for key, value in arguments.items())
    ):
        allowed = ", ".join(argument.in_words() for argument in network.arguments) or "none"
        raise UserError(f"{shown}: the arguments of {network.title} must be {allowed}.")
    if problem := network.problem(arguments, image_size):
        raise UserError(f"{shown}: {problem}.")


def _check_shapes(network, shapes, source):
    weights = {weight.path: tuple(weight.shape) for weight in network.weights}
    if wrong := sorted(weights.keys() ^ shapes.keys()):
        raise UserError(
            f"{source} does not fit its {CONFIG}: {len(wrong)} tensors differ, first {wrong[0][:80]}; fetch both files"
            " again."
        )
    for path, shape in weights.items():
        if shapes[path] != shape:
            raise UserError(f"{source} does not fit its {CONFIG}: {path} has shape {shapes[path]} instead of {shape}.")


@contextmanager
def _reading(path):
    """Refuses a file that is too large, and turns what else can go wrong while it is read into one sentence."""
    shown = _shown_path(path)
    try:
        if path.stat().st_size > (most := LARGEST_BYTES.get(path.name, math.inf)):
            raise UserError(f"{shown} is larger than {most >> 20} MiB, which no such file is; fetch it again.")
        yield
    except FileNotFoundError as error:
        raise UserError(f"{shown} is missing; train the network or fetch its weights.") from error
    except OSError as error:
        raise unreadable(shown, error) from error
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise UserError(f"{shown} is damaged; fetch it again or train the network.") from error


def _read_json(path):
    with _reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise TypeError(f"{type(content).__name__} instead of an object")
    return content


def _is_int(value, smallest, largest):
    return isinstance(value, int) and is_number(value) and smallest <= value <= largest


def _shown_path(path):
    """A file as an error names it: a visitor of the page need not know the server's folders."""
    return f"{path.parent.name}/{path.name}"


def _shown(value):
    """A value from a file as an error can quote it: short, whatever it is."""
    is_short = isinstance(value, (str, float)) or _is_int(value, -(10**9), 10**9)
    return repr(value)[:40] if is_short else f"a {type(value).__name__}"
