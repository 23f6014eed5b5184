"""Every place that a run will write to, tried before the run costs anybody a night."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

from seg.errors import UserError
from seg.networks import build_network
from seg.training.recipe import Recipe

# config, scores, history, curves and samples of one network
_RESULT_FILES_BYTES = 4 * 2**20


def check_places(output: Path, work_dir: Path, recipes: dict[str, Recipe], checkpoints: dict[str, Path]) -> None:
    """Makes sure that checkpoints and results can be written.

    Args:
        output: folder for the results, each network in one of its own.
        work_dir: folder for cache and checkpoints.
        recipes, checkpoints: by network.

    Raises:
        UserError: a place is a file, not writable, or has too little space.
    """
    for folder in (work_dir, work_dir / "cache", *(path.parent for path in checkpoints.values())):
        try_to_write("--work-dir", folder)
    for folder in (output, *(output / name for name in recipes)):
        try_to_write("--output", folder)
    _check_space(output, recipes, checkpoints)


def try_to_write(option: str, folder) -> None:
    """Makes sure that a folder, which need not exist, can be written to.

    Raises:
        UserError: it cannot, with the option to change.
    """
    nearest = _nearest(folder)
    if not nearest.is_dir():
        raise UserError(f"{option}: {nearest} is a file, not a folder; give another {option}.")
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"tried")
    except OSError as error:
        raise UserError(
            f"{option}: nothing can be written to {nearest} ({error.strerror or error}); make it writable, or give"
            f" another {option}."
        ) from error


def _check_space(output, recipes, checkpoints):
    needed, places = Counter(), {}

    def need(path, size):
        nearest = _nearest(path)
        device = nearest.stat().st_dev
        needed[device] += size
        places.setdefault(device, nearest)

    largest = 0
    for name, recipe in recipes.items():
        parameters = build_network(recipe.network, recipe.arguments).count_params()
        # Weights, the best ones so far, two averages of AdamW and, if asked for, that of the weights; float32.
        checkpoint = parameters * 4 * (4 + (recipe.ema_momentum is not None))
        largest = max(largest, checkpoint)
        if not checkpoints[name].exists():
            need(checkpoints[name], checkpoint)
        need(output, parameters * 2 + _RESULT_FILES_BYTES)
    need(next(iter(checkpoints.values())), largest)  # each new one is whole before it replaces the last
    for device, size in needed.items():
        free = shutil.disk_usage(places[device]).free
        if free < size:
            raise UserError(
                f"{places[device]} has {free / 1e6:,.0f} MB free, but checkpoints and results take"
                f" {size / 1e6:,.0f} MB; free some space, or give another --work-dir or --output."
            )


def _nearest(path):
    """The path, or what exists of the way to it."""
    path = Path(path).absolute()
    while not (path.exists() or path.is_symlink()):
        path = path.parent
    return path
