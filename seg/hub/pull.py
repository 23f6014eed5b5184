"""Fetches published weights from the Hugging Face Hub, or from its local cache.

Only three files of each network are fetched, all of one commit, and the saved report
on them where there is one. They are data:
nothing in them is executed or unpickled.
"""

import contextlib
import os
import queue
import re
import threading
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import IncompleteSnapshotError

from seg.errors import UserError
from seg.evaluation.saved_report import REPORT_FILE
from seg.hub.checked_file import ANSWER_SECONDS, ATTEMPTS, HubFailure, NotAsPromised, fetch_file, is_undamaged
from seg.hub.client import check_repo_name, explain, refuses_token, retrying, status_of
from seg.networks import NETWORKS, TITLES, chosen_pair
from seg.networks.weights import CONFIG, LARGEST_BYTES, METRICS, TENSORS

TIMEOUT_SECONDS = 600
"""How long `pull_weights` may take; 80 MB need it on a line of 1 Mbit/s."""

_NEEDED = (CONFIG, TENSORS)
_FILES = (*_NEEDED, METRICS)


@dataclass
class PulledWeights:
    """What `pull_weights` brought.

    Attributes:
        repo: ``USER/REPO``.
        revision: branch, tag or commit that was asked for.
        commit: the full hash of the commit that the files are of.
        folder: holds a folder for each of ``networks``, as `seg.networks.weights`
            describes it.
        networks: names of those whose files are all there.
        problems: one sentence by name for each of the others.
        from_cache: whether they are the local cache's, since the Hub could not
            be asked or its files not be had.
        cache_reason: why, as one sentence; None where they are the Hub's.
        token_problem: what is wrong with the token, where the Hub was asked without it, as one sentence.
    """

    repo: str
    revision: str
    commit: str | None = None
    folder: Path | None = None
    networks: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    from_cache: bool = False
    cache_reason: str | None = None
    token_problem: str | None = None


def pull_weights(repo: str, revision: str = "main", timeout: float = TIMEOUT_SECONDS) -> PulledWeights:
    """Fetches the networks of a repository at one commit.

    Tried in this order: the Hub, then what the Hub's local cache holds of that
    revision. A network that is missing, damaged or absurdly large is a problem
    in the result while the other one is there. The files' contents are not
    read here, only their sizes and hashes: `seg.networks.weights` checks the rest.

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
    pulled, given_up = PulledWeights(repo, revision), threading.Event()
    try:
        _within(timeout, lambda: _fetch(pulled, given_up), given_up)
    except Exception as error:  # answers can be odd in more ways than the client foresees
        reason = str(error) if isinstance(error, HubFailure) else explain(error, repo, write=False)
        return _or_from_cache(replace(pulled, problems=dict(pulled.problems)), reason)
    _remember(pulled)
    return pulled


def _fetch(pulled, given_up):
    """Fills in what the Hub has, one network after the other."""
    repo = pulled.repo
    info, token, pulled.token_problem = _ask(repo, pulled.revision)
    if not isinstance(info.sha, str) or not re.fullmatch("[0-9a-f]{40}", info.sha):
        raise HubFailure("the Hub does not name a commit")
    pulled.commit = info.sha
    files = {sibling.rfilename: sibling for sibling in info.siblings or ()}

    def fetch(paths):
        largest = [LARGEST_BYTES.get(path.split("/")[-1], LARGEST_BYTES[METRICS]) for path in paths]
        for path, most in zip(paths, largest):
            size = files[path].size
            if not isinstance(size, int) or size > most:
                raise NotAsPromised(f"{path} would have {size} bytes, more than the {most} allowed")
        return [fetch_file(repo, info.sha, files[path], most, given_up, token) for path, most in zip(paths, largest)]

    failure = None
    for name in _wanted(files):
        try:
            missing = [file for file in _NEEDED if f"{name}/{file}" not in files]
            if missing:
                pulled.problems[name] = _missing(name, repo, missing)
                continue
            fetched = fetch([f"{name}/{file}" for file in _FILES if f"{name}/{file}" in files])
            pulled.folder, pulled.networks = fetched[0].parent.parent, (*pulled.networks, name)
        except NotAsPromised as error:
            pulled.problems[name] = f"{TITLES[name]} was not fetched: {error}."
        except HubFailure as error:
            failure = failure or error
            pulled.problems[name] = f"{TITLES[name]} could not be fetched: {error}."
    if failure is not None:
        raise failure
    if not pulled.networks:
        problems = "; ".join(problem.rstrip(".") for problem in pulled.problems.values())
        raise HubFailure(f"it holds no weights that run here (commit {info.sha[:7]}): {problems}")
    if REPORT_FILE in files:  # without it the app says that none is about these weights
        with contextlib.suppress(NotAsPromised, HubFailure):
            fetch([REPORT_FILE])


def _ask(repo, revision):
    """What the Hub says of the revision; the token to go on with, False for none; and what is wrong with a bad one.

    A bad token hides what is public, so that the Hub is then asked without one.
    """
    problem = None
    for token in (None, False):
        try:
            info = retrying(
                lambda token=token: HfApi().model_info(
                    repo, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS, token=token
                ),
                ATTEMPTS,
            )
            return info, token, problem and f"{problem[0].upper()}{problem[1:]}; {repo} was asked for without it."
        except Exception as error:
            if token is None and refuses_token(error):
                problem = "the token for the Hub " + (
                    "is invalid or expired" if status_of(error) == 401 else "has a letter in it that no token has"
                )
                continue
            prefix = f"{problem}, and without it " if problem else ""
            about = f"{repo} at {revision}" if revision != "main" and status_of(error) == 404 else repo
            raise HubFailure(prefix + explain(error, about, write=False)) from error


def _or_from_cache(pulled, reason):
    """The cached networks of the revision; what the Hub gave before it failed, where that is no less."""
    repo = pulled.repo
    try:
        folder = Path(snapshot_download(repo, revision=pulled.revision, local_files_only=True))
    except IncompleteSnapshotError as error:
        folder = Path(error.snapshot_path)
    except Exception:
        folder = None
    networks, problems = [], {}
    cached = [path.relative_to(folder).as_posix() for path in folder.glob("*/*")] if folder is not None else []
    for name in _wanted(cached) if folder is not None else ():
        there = [file for file in _FILES if (folder / name / file).is_file()]
        missing = [file for file in _NEEDED if file not in there]
        damaged = [file for file in there if not is_undamaged(folder / name / file)]
        if missing:
            problems[name] = _missing(name, f"the cached copy of {repo}", missing)
        elif damaged:
            problems[name] = f"{TITLES[name]} is damaged in the cached copy of {repo}: {name}/{damaged[0]}."
        else:
            networks.append(name)
    if pulled.networks and len(pulled.networks) >= len(networks):
        for name in chosen_pair():
            if name not in pulled.networks:
                pulled.problems.setdefault(name, f"{TITLES[name]} could not be fetched: {reason}.")
        return pulled
    if not networks:
        raise UserError(f"{repo} could not be fetched, and no usable copy of it is in the cache: {reason}.")
    told = f"The cached copy of {repo} is used: {reason}."
    return PulledWeights(
        repo, pulled.revision, folder.name, folder, tuple(networks), problems, True, told, pulled.token_problem
    )


def _wanted(files):
    """The pair that is compared, and further networks that are among the files."""
    return [name for name in NETWORKS if name in chosen_pair() or f"{name}/{CONFIG}" in files]


def _missing(name, where, files):
    return f"{TITLES[name]} is missing in {where}: there is no {name}/{' and no '.join(files)}."


def _remember(pulled):
    """Notes in the cache that the revision is this commit, for a time without the Hub.

    Fetching by commit does not note it. Noted only now, it never names a commit
    whose files are not all here.
    """
    if pulled.revision == pulled.commit:
        return
    ref = pulled.folder.parent.parent / "refs" / pulled.revision
    partial = ref.with_name(f"{ref.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        ref.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(pulled.commit)
        os.replace(partial, ref)
    except OSError as error:
        told = f"which commit {pulled.revision} of {pulled.repo} is ({error.strerror})"
        print(f"The cache could not note {told}.", flush=True)


def _within(seconds, action, given_up):
    """Runs ``action`` in a thread; raises what it raises, or `HubFailure` where it takes longer."""
    outcome = queue.SimpleQueue()

    def run():
        try:
            outcome.put(action())
        except BaseException as error:
            outcome.put(error)

    # A daemon: a thread that hangs in a stalled connection must not keep the app from ending.
    threading.Thread(target=run, name="pull", daemon=True).start()
    try:
        error = outcome.get(timeout=seconds)
    except queue.Empty:
        given_up.set()
        error = HubFailure(f"the Hub took longer than {seconds:g} seconds")
    if error is not None:
        raise error
