"""One file of a repository, no larger than it may be and just what the Hub says it is."""

import functools
import hashlib
import re
import threading
from pathlib import Path

from huggingface_hub import hf_hub_download
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils.sha import git_hash

from seg.hub.client import HubFailure, retrying
from seg.hub.logged_progress import LoggedProgress

ATTEMPTS = 3


class NotAsPromised(Exception):
    """A file's content is not what the Hub says it is."""


def fetch_file(
    repo: str, commit: str, promised: RepoSibling, largest: int, given_up: threading.Event, token: bool | None = None
) -> Path:
    """Downloads a file into the Hub's local cache, where it is not there undamaged; returns its path.

    Args:
        promised: path and hash, as the Hub lists them.
        largest: bytes after which the download is stopped, whatever the Hub says.
        given_up: once set, stops the download.
        token: False to send none.

    Raises:
        NotAsPromised: larger, or damaged twice.
        HubFailure: it was given up, or could not be written.
        Exception: whatever the Hub's client does.
    """
    path = promised.rfilename
    download = functools.partial(
        hf_hub_download, repo, path, revision=commit, token=token, tqdm_class=watched_progress(path, given_up, largest)
    )
    for force in (False, True):  # a damaged file in the cache is fetched anew
        try:
            fetched = Path(retrying(functools.partial(download, force_download=force), ATTEMPTS))
        except OSError as error:
            if "Consistency check failed" in str(error):  # the client's word for another length than promised
                continue
            if error.errno is None:
                raise
            raise HubFailure(
                f"the cache could not be written ({error.strerror}); free some space or set HF_HOME to a folder that is"
                " writable"
            ) from error
        if has_hash(fetched, promised.lfs.sha256 if promised.lfs is not None else promised.blob_id):
            return fetched
        # The client leaves what is there alone, which without symbolic links is the damaged file itself.
        fetched.unlink(missing_ok=True)
    raise NotAsPromised(f"{path} arrived damaged twice (commit {commit[:7]})")


def has_hash(path: Path, expected: str) -> bool:
    """Whether a file has this SHA-256 (64 digits) or this id as Git gives it (40); False if it is neither."""
    if re.fullmatch("[0-9a-f]{64}", expected):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == expected
    return git_hash(path.read_bytes()) == expected


def is_undamaged(path: Path) -> bool:
    """Whether a cached file has the hash that it is stored under; true where it is under none."""
    name = path.readlink().name if path.is_symlink() else ""
    return not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", name) or has_hash(path, name)


def watched_progress(path: str, given_up: threading.Event, largest: int) -> type[LoggedProgress]:
    """The client's progress bar, which also stops what was given up or grows absurd."""

    class WatchedProgress(LoggedProgress):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            if not (kwargs.get("name") or "").endswith(".transfer"):  # Xet's second bar, of the same file
                self.what = f"Fetching {path}"

        def update(self, n=1):
            if given_up.is_set():
                raise HubFailure("it takes too long")
            if self.n + (n or 0) > largest:
                raise NotAsPromised(f"{path} is larger than the Hub says")
            return super().update(n)

    return WatchedProgress
