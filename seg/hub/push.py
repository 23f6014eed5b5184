"""Publishes trained weights in a model repository of the Hugging Face Hub."""

import os
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete
from huggingface_hub.errors import BadRequestError

from seg.errors import UserError
from seg.evaluation.saved_report import REPORT, compared_in, is_about, read_report, report_problem
from seg.hub.client import explain, hub, make_writable, retrying
from seg.hub.held import CARD, REPORT_TEXT, held_by
from seg.hub.logged_progress import logged_uploads
from seg.hub.model_card import draw_up_card, keeps_text
from seg.hub.target import MAIN, Target, push_command
from seg.networks import TITLES
from seg.networks.weights import (
    CONFIG,
    HISTORY,
    METRICS,
    TENSORS,
    check_tensors,
    read_config,
    read_metrics,
    tensors_digest,
)

# What goes up of a network's folder, where the pictures are curves and samples, and of the report's.
_OF_A_NETWORK = (CONFIG, TENSORS, METRICS, HISTORY, "*.png")
_OF_THE_REPORT = ("*.json", "*.md", "*.png", "*.jpg", "*.svg")
# Of each kind of change so many files are named.
_TOLD = 12


def prepare_target(target: Target) -> None:
    """Makes sure, before a night is spent on training, that the push can work.

    The token is no read-only one, repository and branch exist or are created, and the Hub says that this token may
    write there.

    Raises:
        UserError: one of these is not so, or the Hub cannot be asked.
    """
    api = hub()
    try:
        role = retrying(api.whoami).get("auth", {}).get("accessToken", {}).get("role")
        if role == "read":
            raise UserError(
                f"The token for the Hub is read-only and cannot push to {target.repo}; set HF_TOKEN to one that may "
                "write, from https://huggingface.co/settings/tokens."
            )
        make_writable(target.repo, target.private)
        if target.revision != MAIN:
            retrying(lambda: api.create_branch(target.repo, branch=target.revision, exist_ok=True))
    except UserError:
        raise
    except BadRequestError as error:
        raise UserError(
            f"The Hub cannot make the branch {target.revision!r} in {target.repo}; choose another --revision."
        ) from error
    except Exception as error:  # whatever the client and its transports raise
        raise UserError(f"Pushing to {target.repo} would not work: {explain(error, target.repo)}.") from error


def read_publishable(folder, names=tuple(TITLES)) -> dict:
    """Config and scores, by name, of those of the named networks that are in ``folder``.

    Raises:
        UserError: there is none, or one cannot be published: it is damaged, has no scores or comes from a smoke run.
    """
    folder = Path(folder)
    networks = {}
    for name in names:
        if not (folder / name).is_dir():
            continue
        config = read_config(folder / name)
        if config["network"] != name:
            raise UserError(
                f"{folder / name} holds {TITLES[config['network']]} instead of {TITLES[name]}; train it again."
            )
        check_tensors(folder / name, config)
        metrics = read_metrics(folder / name)
        if metrics is None:
            raise UserError(
                f"{folder / name / METRICS} holds no scores, and weights without them are not published; train again."
            )
        limits = config["training"].get("limit", "unknown"), metrics.get("limit")
        if limits != (None, None):
            raise UserError(
                f"{folder / name} comes from a smoke run (limit {limits[0]}), which is never published; train without"
                " --limit."
            )
        networks[name] = config, metrics
    if not networks:
        raise UserError(f"{folder} holds no trained network; train first, or name the folder with --output.")
    return networks


def push_weights(folder, target: Target) -> str:
    """Publishes the networks in ``folder`` and a model card in one commit; returns its address.

    What is replaced, deleted (a report on other weights) and left there is said before. The card is about what the
    repository holds then, a network pushed before included; text that somebody wrote around it stays.

    Raises:
        UserError: as `read_publishable`; or the push failed, and the sentence ends with the command that tries again.
    """
    networks = read_publishable(folder)
    try:
        return _commit(Path(folder), target, networks)
    except (Exception, KeyboardInterrupt) as error:  # after hours of training, nothing may look like a crash
        reason = "was stopped" if isinstance(error, KeyboardInterrupt) else f"failed: {explain(error, target.repo)}"
        raise UserError(
            f"The push to {target.repo} {reason}; the trained weights are safe in {os.fspath(folder)}, and this pushes"
            f" them again: {push_command(folder, target)}"
        ) from error


def _commit(folder, target, networks):
    api = hub()
    held = retrying(lambda: held_by(api, target.repo, target.revision))
    # The card tells of what is there afterwards: of a network pushed before as well.
    after = {name: known for name in TITLES if (known := networks.get(name) or held.networks.get(name))}
    digests = held.digests | {name: tensors_digest(folder / name) for name in networks}
    report_paths = _report_files(folder, digests)
    paths = [path for name in networks for path in _files(folder, name, _OF_A_NETWORK)] + report_paths
    report_stays = not report_paths and is_about(held.report, compared_in(held.report, digests))
    stale = [] if report_stays else [p for p in held.paths if p.startswith(f"{REPORT}/") and p not in paths]
    if REPORT_TEXT in report_paths:
        report = (folder / REPORT_TEXT).read_text(encoding="utf-8")
    else:
        report = held.report_text if report_stays else None
    kept = [path for path in held.paths if path not in (*paths, *stale, CARD)]
    ours = [path for path in kept if path.split("/")[0] in (*after, REPORT)]
    card = draw_up_card(target.repo, after, paths + ours, target.revision, report, held.card)

    def commit():
        # Made anew at each try: the client keeps the state of an upload in them, and what is gone cannot be deleted.
        # A second try of a commit that had arrived finds nothing to change and makes no second one.
        operations = [CommitOperationAdd(path, folder / path) for path in paths]
        operations.append(CommitOperationAdd(CARD, card.encode()))
        there = api.list_repo_files(target.repo, revision=target.revision) if stale else ()
        operations += [CommitOperationDelete(path) for path in stale if path in there]
        return api.create_commit(
            target.repo,
            operations,
            commit_message=f"Weights of {' and '.join(TITLES[name] for name in networks)}",
            revision=target.revision,
        )

    replaced = [path for path in (*paths, CARD) if path in held.paths and not (path == CARD and keeps_text(held.card))]
    others = [path for path in kept if path not in ours and path != ".gitattributes"]
    for told, files in (
        ("Replaced there", replaced),
        ("Deleted there, since it is about other weights", stale),
        ("Left there as it is", others),
    ):
        if files:
            print(f"{told}: {', '.join(files[:_TOLD])}{', ...' if len(files) > _TOLD else ''}.", flush=True)
    print(f"Pushing {len(paths) + 1} files to {target.repo}.", flush=True)
    with logged_uploads():
        return retrying(commit).commit_url


def _report_files(folder, digests):
    """Paths below ``folder`` of the saved report, where it is about the weights of these digests."""
    report = read_report(folder)
    if is_about(report, compared_in(report, digests)):
        return _files(folder, REPORT, _OF_THE_REPORT)
    if report is not None:
        told = f"{folder / REPORT} is about other weights and is not published; python -m seg.report measures these."
        print(told, flush=True)
    elif problem := report_problem(folder):
        print(f"{folder}: {problem} The weights go without it.", flush=True)
    return []


def _files(folder, part, patterns):
    """Paths below ``folder`` of what lies in its folder ``part`` and is named like one of the patterns."""
    found = sorted((folder / part).glob("[!.]*"))
    return [f"{part}/{path.name}" for path in found if any(map(path.match, patterns))]
