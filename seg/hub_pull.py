"""Fetches published weights from the Hugging Face Hub, or from its local cache.

Only three files of each network are fetched, all of one commit, and the saved report
on them where there is one. They are data:
nothing in them is executed or unpickled.
"""

import hashlib
import os
import re
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import IncompleteSnapshotError
from huggingface_hub.utils import tqdm

from seg.errors import UserError
from seg.hub_client import check_repo_name, explain, retrying, status_of
from seg.networks import TITLES
from seg.saved_report import REPORT_FILE
from seg.weights import CONFIG, LARGEST_BYTES, METRICS, TENSORS

TIMEOUT_SECONDS = 600
"""How long `pull_weights` may take; 80 MB need it on a line of 1 Mbit/s."""

_ANSWER_SECONDS = 10
_ATTEMPTS = 3
_COMMIT = re.compile(r"[0-9a-f]{40}")
# Smaller files are not worth a line in the log.
_TOLD_BYTES = 2**20
_NEEDED = (CONFIG, TENSORS)
_FILES = (*_NEEDED, METRICS)


@dataclass(frozen=True)
class PulledWeights:
    """What `pull_weights` brought.

    Attributes:
        folder: holds a folder for each of ``networks``, as `seg.weights`
            describes it.
        repo: ``USER/REPO``.
        revision: branch, tag or commit that was asked for.
        commit: the full hash of the commit that the files are of.
        from_cache: whether they are the local cache's, since the Hub could not
            be asked or its files not be had.
        cache_reason: why, as one sentence; None where they are the Hub's.
        networks: names of those whose files are all there.
        problems: one sentence by name for each of the others.
    """

    folder: Path
    repo: str
    revision: str
    commit: str
    from_cache: bool
    cache_reason: str | None
    networks: tuple[str, ...]
    problems: dict[str, str] = field(default_factory=dict)


def pull_weights(repo: str, revision: str = "main", timeout: float = TIMEOUT_SECONDS) -> PulledWeights:
    """Fetches the networks of a repository at one commit.

    Tried in this order: the Hub, then what the Hub's local cache holds of that
    revision. A network that is missing, damaged or absurdly large is a problem
    in the result while the other one is there. The files' contents are not
    read here, only their sizes and hashes: `seg.weights` checks the rest.

    Blocks; call it from a thread.

    Args:
        repo: ``USER/REPO``.
        revision: branch, tag or commit.
        timeout: seconds after which the Hub is given up; a Hub that does not
            answer at all is given up sooner.

    Raises:
        UserError: no network could be had from either.
    """
    check_repo_name(repo)
    fetch = _Fetch(repo, revision)
    try:
        fetched = _within(timeout, fetch)
    except Exception as error:  # answers can be odd in more ways than the client foresees
        reason = str(error) if isinstance(error, _HubFailure) else explain(error, repo, write=False)
        return _from_cache(repo, revision, reason, fetch.partial())
    if not fetched.networks:
        problems = "; ".join(problem.rstrip(".") for problem in fetched.problems.values())
        reason = f"it holds no weights that run here (commit {fetched.commit[:7]}): {problems}"
        return _from_cache(repo, revision, reason, None)
    _remember(fetched)
    return fetched


class _HubFailure(Exception):
    """The Hub could not be asked, or not to the end; says why as the end of a sentence."""


class _NotAsPromised(Exception):
    """A file's content is not what the Hub says it is."""


class _Fetch:
    """One run from the Hub; ``cancelled`` makes it stop at the next opportunity."""

    def __init__(self, repo, revision):
        self.repo, self.revision = repo, revision
        self.cancelled = threading.Event()
        self.commit = None
        self.folder = None
        self.networks = []
        self.problems = {}

    def __call__(self):
        """Returns `PulledWeights`; raises `_HubFailure`."""
        try:
            info = retrying(
                lambda: HfApi().model_info(
                    self.repo, revision=self.revision, files_metadata=True, timeout=_ANSWER_SECONDS
                ),
                _ATTEMPTS,
            )
        except Exception as error:
            about = (
                f"{self.repo} at {self.revision}" if self.revision != "main" and status_of(error) == 404 else self.repo
            )
            raise _HubFailure(explain(error, about, write=False)) from error
        if not isinstance(info.sha, str) or not _COMMIT.fullmatch(info.sha):
            raise _HubFailure("the Hub does not name a commit")
        self.commit = info.sha
        files = {sibling.rfilename: sibling for sibling in info.siblings or ()}
        failure = None
        for name in TITLES:
            try:
                problem = self._fetch_network(name, files)
            except _HubFailure as error:
                failure = failure or error
                problem = f"{TITLES[name]} could not be fetched: {error}."
            if problem is None:
                self.networks.append(name)
            else:
                self.problems[name] = problem
        if failure is not None:
            raise failure
        if self.networks:
            self._fetch_report(files)
        return self.partial()

    def partial(self):
        """What has been fetched so far, or None."""
        if self.commit is None:
            return None
        return PulledWeights(
            self.folder, self.repo, self.revision, self.commit, False, None, tuple(self.networks), dict(self.problems)
        )

    def _fetch_network(self, name, files):
        """Fetches one network; returns None or the problem with it."""
        wanted = [file for file in _FILES if f"{name}/{file}" in files]
        missing = [file for file in _NEEDED if file not in wanted]
        if missing:
            return f"{TITLES[name]} is missing in {self.repo}: there is no {name}/{' and no '.join(missing)}."
        for file in wanted:
            size = files[f"{name}/{file}"].size
            if not isinstance(size, int) or size > LARGEST_BYTES[file]:
                return f"{TITLES[name]} was not fetched: {name}/{file} would have {size} bytes, more than the {LARGEST_BYTES[file]} allowed."
        for file in wanted:
            try:
                self._fetch_file(f"{name}/{file}", files[f"{name}/{file}"])
            except _NotAsPromised as error:
                return f"{TITLES[name]} was not fetched: {error}."
        return None

    def _fetch_report(self, files):
        """Fetches the saved report; without it the app says that none is about these weights."""
        size = files[REPORT_FILE].size if REPORT_FILE in files else None
        if isinstance(size, int) and size <= LARGEST_BYTES[METRICS]:
            try:
                self._fetch_file(REPORT_FILE, files[REPORT_FILE])
            except (_NotAsPromised, _HubFailure):
                pass

    def _fetch_file(self, path, promised):
        watched = _watched_progress(
            path, self.cancelled, LARGEST_BYTES.get(path.split("/")[-1], LARGEST_BYTES[METRICS])
        )
        for force in (False, True):  # a damaged file in the cache is fetched anew
            if self.cancelled.is_set():
                raise _HubFailure("it takes too long")
            try:
                fetched = Path(
                    retrying(
                        lambda: hf_hub_download(
                            self.repo,
                            path,
                            revision=self.commit,
                            etag_timeout=_ANSWER_SECONDS,
                            force_download=force,
                            tqdm_class=watched,
                        ),
                        _ATTEMPTS,
                    )
                )
            except (_HubFailure, _NotAsPromised):
                raise
            except OSError as error:
                # The client's word for a body of another length than promised is a bare OSError.
                if status_of(error) is None and error.errno is None and "Consistency check failed" in str(error):
                    fetched = None
                else:
                    raise self._failure(error) from error
            except Exception as error:
                raise self._failure(error) from error
            if fetched is not None and _is_as_promised(fetched, promised):
                self.folder = fetched.parent.parent
                return
        if fetched is not None:
            fetched.unlink(missing_ok=True)  # a link into the cache: what it points to is looked at again next time
        raise _NotAsPromised(f"{path} arrived damaged twice (commit {self.commit[:7]})")

    def _failure(self, error):
        if isinstance(error, OSError) and status_of(error) is None and error.errno is not None:
            return _HubFailure(
                f"the cache could not be written ({error.strerror}); free some space or set HF_HOME to a folder that is writable"
            )
        return _HubFailure(explain(error, self.repo, write=False))


def _from_cache(repo, revision, reason, partial):
    """The cached networks of a revision; what the Hub gave before it failed, where that is no less."""
    try:
        folder = Path(snapshot_download(repo, revision=revision, local_files_only=True))
    except IncompleteSnapshotError as error:
        folder = Path(error.snapshot_path)
    except Exception:
        folder = None
    networks, problems = [], {}
    for name in TITLES if folder is not None else ():
        missing = [file for file in _NEEDED if not (folder / name / file).is_file()]
        damaged = [
            file for file in _FILES if (folder / name / file).is_file() and not _is_as_named(folder / name / file)
        ]
        if missing:
            problems[name] = (
                f"{TITLES[name]} is missing in the cached copy of {repo}: there is no {name}/{' and no '.join(missing)}."
            )
        elif damaged:
            problems[name] = f"{TITLES[name]} is damaged in the cached copy of {repo}: {name}/{damaged[0]}."
        else:
            networks.append(name)
    if partial is not None and partial.networks and len(partial.networks) >= len(networks):
        problems = {
            name: f"{TITLES[name]} could not be fetched: {reason}." for name in TITLES if name not in partial.networks
        }
        return PulledWeights(
            partial.folder, repo, revision, partial.commit, False, None, partial.networks, problems | partial.problems
        )
    if not networks:
        raise UserError(f"{repo} could not be fetched, and no usable copy of it is in the cache: {reason}.")
    return PulledWeights(
        folder,
        repo,
        revision,
        folder.name,
        True,
        f"The cached copy of {repo} is used: {reason}.",
        tuple(networks),
        problems,
    )


def _remember(fetched):
    """Notes in the cache that the revision is this commit, for a time without the Hub.

    Fetching by commit does not note it. Noted only now, it never names a commit
    whose files are not all here.
    """
    if fetched.revision == fetched.commit:
        return
    ref = fetched.folder.parent.parent / "refs" / fetched.revision
    partial = ref.with_name(f"{ref.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        ref.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(fetched.commit)
        os.replace(partial, ref)
    except OSError as error:
        print(
            f"The cache could not note which commit {fetched.revision} of {fetched.repo} is ({error.strerror}).",
            flush=True,
        )


def _within(seconds, action):
    """Runs ``action`` in a thread and returns what it returns, or gives up on it."""
    outcome = {}

    def run():
        try:
            outcome["value"] = action()
        except BaseException as error:
            outcome["error"] = error

    # A daemon: a thread that hangs in a stalled connection must not keep the app from ending.
    thread = threading.Thread(target=run, name="pull", daemon=True)
    thread.start()
    thread.join(seconds)
    if "error" in outcome:
        raise outcome["error"]
    if "value" in outcome:
        return outcome["value"]
    action.cancelled.set()
    raise _HubFailure(f"the Hub took longer than {seconds:g} seconds")


def _watched_progress(path, cancelled, largest_bytes):
    """The client's progress bar, which also stops what was given up or grows absurd.

    A bar draws itself on a terminal only; in a log it is a line each tenth.
    """

    class WatchedProgress(tqdm):
        def __init__(self, *args, **kwargs):
            self.transfer = (kwargs.get("name") or "").endswith(".transfer")  # Xet's second bar, of the same file
            super().__init__(*args, **kwargs)
            self.received, self.told = kwargs.get("initial") or 0, 0

        def update(self, n=1):
            if cancelled.is_set():
                raise _HubFailure("it takes too long")
            self.received += n or 0
            if self.received > largest_bytes:
                raise _NotAsPromised(f"{path} is larger than the Hub says")
            if (
                self.disable
                and not self.transfer
                and self.received - self.told >= max((self.total or 0) / 10, _TOLD_BYTES)
            ):
                self.told = self.received
                print(f"Fetching {path}: {self.received / 1e6:.1f} of {(self.total or 0) / 1e6:.1f} MB", flush=True)
            return super().update(n)

    return WatchedProgress


def _is_as_promised(path, promised):
    if promised.lfs is not None:
        return _digest(path, "sha256") == promised.lfs.sha256
    return _git_blob_id(path) == promised.blob_id


def _is_as_named(path):
    """Whether a cached file has the hash that its name in the cache is; true where links are not to be had."""
    name = path.resolve().name
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return _digest(path, "sha256") == name
    if re.fullmatch(r"[0-9a-f]{40}", name):
        return _git_blob_id(path) == name
    return True


def _digest(path, algorithm):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _git_blob_id(path):
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
