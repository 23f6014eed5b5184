"""The state of an unfinished training run, in one file."""

import json
import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from seg.errors import UserError, unreadable, writing


def save_checkpoint(path, state: dict, tensors: dict) -> None:
    """Replaces the checkpoint at ``path`` in one step.

    A process killed at any moment leaves the old or the new one, never half.

    Args:
        state: anything JSON can hold.
        tensors: arrays by name.

    Raises:
        UserError: the disk is full or the place not writable.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    arrays = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file(arrays, partial, metadata={"state": json.dumps(state)})
        except SafetensorError as error:  # wraps the operating system's error
            partial.unlink(missing_ok=True)
            raise UserError(
                f"{path} could not be written ({error}); free some space and run again with --resume."
            ) from error
        os.replace(partial, path)


def load_checkpoint(path, tensors: bool = True) -> tuple[dict, dict] | None:
    """The state and tensors at ``path``, or None where there is no file.

    Args:
        tensors: whether to read them; else there are none.

    Raises:
        UserError: the file is no checkpoint, or cannot be read.
    """
    path = Path(path)
    try:
        path.open("rb").close()  # the next line says "missing" of what it may not read
        with safe_open(path, framework="numpy") as file:
            state = json.loads(file.metadata()["state"])
            return state, {name: file.get_tensor(name) for name in file.keys()} if tensors else {}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(f"The checkpoint {path}", error) from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The checkpoint {path} is damaged; delete it and run without --resume.") from error
