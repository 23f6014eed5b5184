"""How long a visitor's files stay on the server."""

import asyncio
import contextlib
import os
import time
from pathlib import Path

from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

KEEP_SECONDS = 3600
"""Photos and what was made of them are deleted from the server after this time."""

SWEEP_SECONDS = 600
"""How often that is looked at."""


def kept(content: bytes, name: str, component) -> str:
    """Path of a file that a component serves; it is deleted as uploads are."""
    return save_bytes_to_cache(content, name, component.GRADIO_CACHE)


async def sweep_forever(app):
    """Deletes what Gradio's own sweep does not know of, such as an upload broken off midway."""
    folder = Path(os.path.abspath(get_upload_folder()))
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        keep = {path for component in app.get_blocks().blocks.values() for path in component.keep_in_cache}
        await asyncio.to_thread(sweep, folder, keep, KEEP_SECONDS)


def sweep(folder: Path, keep: set, seconds: float) -> None:
    """Deletes the files below ``folder`` that have not changed for so long, unless their path is in ``keep``.

    Folders that are empty for so long go as well.
    """
    oldest = time.time() - seconds
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder before the folder
        with contextlib.suppress(OSError):  # gone meanwhile, or a folder that is not empty
            if path.is_dir() and not path.is_symlink():
                if path.stat().st_ctime < oldest:
                    path.rmdir()
            elif str(path) not in keep and path.lstat().st_ctime < oldest:
                path.unlink()
