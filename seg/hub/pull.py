"""Fetches published weights from the Hugging Face Hub, or from its local cache.

Only three files of each network are fetched, all of one commit, and the saved report on them where there is one.
They are data: nothing in them is executed or unpickled.
"""

import contextlib
import os
import re
import threading
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from huggingface_hub import HfApi, try_to_load_from_cache

from seg.errors import UserError
from seg.evaluation.saved_report import REPORT_FILE
from seg.hub.checked_file import ATTEMPTS, NotAsPromised, fetch_file, is_undamaged
from seg.hub.client import HubFailure, check_repo_name, explain, retrying, status_of, token_problem
from seg.hub.target import MAIN
from seg.networks import NETWORKS, TITLES, chosen_pair
from seg.networks.weights import CONFIG, LARGEST_BYTES, METRICS, TENSORS

TIMEOUT_SECONDS = 600
"""After so long `pull_weights` gives the Hub up; 80 MB need it on a line of 1 Mbit/s."""

ANSWER_SECONDS = 10
"""How long the Hub may take to say what a repository holds."""

_NEEDED = (CONFIG, TENSORS)
_FILES = (*_NEEDED, METRICS)


@dataclass
class PulledWeights:
    """What `pull_weights` brought.

    Attributes:
        commit: the full hash of the commit that the files are of.
        folder: holds a folder for each of ``networks``, as `seg.networks.weights` describes it.
        networks: names of those whose files are all there.
        problems: one sentence by name for each of the others.
        cache_reason: one sentence on why they are the local cache's; None where they are the Hub's.
        token_problem: one sentence on what is wrong with the token, where the Hub was asked without it.
    """

    commit: str | None = None
    folder: Path | None = None
    networks: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    cache_reason: str | None = None
    token_problem: str | None = None


def pull_weights(repo: str, revision: str = MAIN) -> PulledWeights:
    """Fetches the networks of a repository at one commit: from the Hub, else from its local cache. It may take long.

    A network that is missing, damaged or absurdly large is a problem in the result while the other one is there. Only
    sizes and hashes are looked at here: `seg.networks.weights` checks the contents.

    Args:
        repo: ``USER/REPO``.
        revision: branch, tag or commit.

    Raises:
        UserError: no network could be had from either.
    """
    check_repo_name(repo)
    pulled, given_up = PulledWeights(), threading.Event()
    try:
        _in_time(lambda: _fetch(repo, revision, pulled, given_up), given_up)
    except Exception as error:  # answers can be odd in more ways than the client foresees
        # A copy, since what was given up may still go on.
        fetched = replace(pulled, problems=dict(pulled.problems))
        return _or_from_cache(repo, revision, fetched, explain(error, repo, write=False))
    _remember(repo, revision, pulled)
    return pulled


def _fetch(repo, revision, pulled, given_up):
    """Fills in what the Hub has, one network after the other."""
    info, token, pulled.token_problem = _ask(repo, revision)
    if not isinstance(info.sha, str) or not re.fullmatch("[0-9a-f]{40}", info.sha):
        raise HubFailure("the Hub does not name a commit")
    pulled.commit = info.sha
    files = {sibling.rfilename: sibling for sibling in info.siblings or ()}

    def fetch(paths):
        largest = {path: LARGEST_BYTES.get(path.split("/")[-1], LARGEST_BYTES[METRICS]) for path in paths}
        for path, most in largest.items():
            size = files[path].size
            if not isinstance(size, int) or size > most:
                raise NotAsPromised(f"{path} would have {size} bytes, more than the {most} allowed")
        return [fetch_file(repo, info.sha, files[path], most, given_up, token) for path, most in largest.items()]

    failure = None
    for name in _wanted(files):
        if problem := _missing(name, repo, files):
            pulled.problems[name] = problem
            continue
        try:
            fetched = fetch(_paths(name, files))
            pulled.folder, pulled.networks = fetched[0].parents[1], (*pulled.networks, name)
        except NotAsPromised as error:
            pulled.problems[name] = f"{TITLES[name]} was not fetched: {error}."
        except Exception as error:
            failure = failure or error
            pulled.problems[name] = f"{TITLES[name]} could not be fetched: {explain(error, repo, write=False)}."
    if failure is not None:
        raise failure
    if not pulled.networks:
        problems = "; ".join(problem.rstrip(".") for problem in pulled.problems.values())
        raise HubFailure(f"it holds no weights that run here (commit {info.sha[:7]}): {problems}")
    if REPORT_FILE in files:
        with contextlib.suppress(Exception):  # without it the app says that none is about these weights
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
            if token is None and (problem := token_problem(error)):
                continue
            prefix = f"{problem}, and without it " if problem else ""
            about = f"{repo} at {revision}" if revision != MAIN and status_of(error) == 404 else repo
            raise HubFailure(prefix + explain(error, about, write=False)) from error


def _or_from_cache(repo, revision, fetched, reason):
    """The cached networks of the revision; what the Hub gave before it failed, where that is no less."""
    paths = [f"{name}/{file}" for name in NETWORKS for file in _FILES]
    cached = {}
    with contextlib.suppress(OSError, ValueError):  # a cache that cannot be read holds nothing
        found = {path: try_to_load_from_cache(repo, path, revision=revision) for path in paths}
        cached = {path: Path(place) for path, place in found.items() if isinstance(place, str)}
    networks, problems = [], {}
    for name in _wanted(cached):
        damaged = [path for path in _paths(name, cached) if not is_undamaged(cached[path])]
        if problem := _missing(name, f"the cached copy of {repo}", cached):
            problems[name] = problem
        elif damaged:
            problems[name] = f"{TITLES[name]} is damaged in the cached copy of {repo}: {damaged[0]}."
        else:
            networks.append(name)
    if fetched.networks and len(fetched.networks) >= len(networks):
        for name in [name for name in chosen_pair() if name not in fetched.networks]:
            fetched.problems.setdefault(name, f"{TITLES[name]} could not be fetched: {reason}.")
        return fetched
    if not networks:
        raise UserError(f"{repo} could not be fetched, and no usable copy of it is in the cache: {reason}.")
    folder = cached[f"{networks[0]}/{CONFIG}"].parents[1]
    told = f"The cached copy of {repo} is used: {reason}."
    return PulledWeights(folder.name, folder, tuple(networks), problems, told, fetched.token_problem)


def _wanted(files):
    """The pair that is compared, and further networks that are among the files."""
    return [name for name in NETWORKS if name in chosen_pair() or f"{name}/{CONFIG}" in files]


def _paths(name, files):
    """Those of a network's files that are there."""
    return [path for file in _FILES if (path := f"{name}/{file}") in files]


def _missing(name, where, files):
    """The sentence on a network that is not whole, or None."""
    missing = [file for file in _NEEDED if f"{name}/{file}" not in files]
    return f"{TITLES[name]} is missing in {where}: there is no {name}/{' and no '.join(missing)}." if missing else None


def _remember(repo, revision, pulled):
    """Notes in the cache, for a time without the Hub, which commit the revision is, now that its files are all here.

    Fetching by commit does not note it.
    """
    if revision == pulled.commit:
        return
    ref = pulled.folder.parents[1] / "refs" / revision
    partial = ref.with_name(f"{ref.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        ref.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(pulled.commit)
        os.replace(partial, ref)
    except OSError as error:
        print(f"The cache could not note which commit {revision} of {repo} is ({error.strerror}).", flush=True)


def _in_time(action, given_up):
    """Runs ``action`` in a thread; raises what it raises, or `HubFailure` where it takes too long."""
    outcome = Future()

    def run():
        try:
            outcome.set_result(action())
        except BaseException as error:
            outcome.set_exception(error)

    # A daemon: a thread that hangs in a stalled connection must not keep the app from ending.
    threading.Thread(target=run, name="pull", daemon=True).start()
    try:
        outcome.result(TIMEOUT_SECONDS)
    except TimeoutError as error:
        if outcome.done():  # the action's own
            raise
        given_up.set()
        raise HubFailure(f"the Hub took longer than {TIMEOUT_SECONDS} seconds") from error
