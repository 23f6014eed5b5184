"""Puts a clone of this project on a Space of the Hugging Face Hub.

    python -m seg.hub.deploy USER/SPACE --weights-repo USER/REPO

Creates the Space, tells it by its variable WEIGHTS_REPO where its weights are,
and uploads, in one commit, what the app needs and nothing else.
"""

import argparse
import posixpath
import re
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, SpaceCard
from huggingface_hub.constants import ENDPOINT
from huggingface_hub.utils import filter_repo_objects

from seg.command_line import path_argument, run_command
from seg.errors import UserError
from seg.hub.client import check_repo_name, explain, hub, make_writable, retrying, status_of
from seg.hub.logged_progress import logged_uploads
from seg.hub.target import from_environment

FILES = ("app.py", "train.py", "README.md", "requirements.txt", "LICENSE")
FOLDERS = ("seg", "weights")
"""What goes to the Space, with the documents that the README links to and their pictures."""

_LEFT_OUT = ["*.pyc", "*.pyi", "*.partial", "*/__pycache__/*", "*/.*"]
_SMALLEST_WEIGHTS = 1024
_LINK = re.compile(r"\]\(([\w./-]+\.(?:md|png|jpg|webp|gif))(?:#[\w-]*)?\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(([\w./-]+\.(?:png|jpg|webp|gif))\)")


def main(arguments=None) -> int:
    """Runs ``python -m seg.hub.deploy``; returns its exit status."""
    return run_command("deploy", lambda: _run(arguments))


def _run(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m seg.hub.deploy", description="Deploys this clone to a Space of the Hugging Face Hub."
    )
    parser.add_argument("space", metavar="USER/SPACE", help="the Space; created where it does not exist")
    parser.add_argument(
        "--weights-repo",
        metavar="USER/REPO",
        help="model repository the Space takes its weights from; by default the environment's WEIGHTS_REPO",
    )
    parser.add_argument("--private", action="store_true", help="create the Space as a private one")
    parser.add_argument(
        "--clone",
        type=path_argument,
        default=str(Path(__file__).parents[2]),
        help="folder of the clone (default: the one this module is in)",
    )
    options = parser.parse_args(arguments)
    weights_repo, source = options.weights_repo, "--weights-repo"
    if not weights_repo:
        weights_repo, source = from_environment("WEIGHTS_REPO"), "WEIGHTS_REPO in the environment"
    if not weights_repo:
        parser.error("say where the weights are: --weights-repo USER/REPO, or WEIGHTS_REPO in the environment.")
    check_repo_name(weights_repo, source)
    check_repo_name(options.space)
    _deploy(options.space, weights_repo, Path(options.clone), options.private)
    print(f"Deployed: {ENDPOINT}/spaces/{options.space}")


def _deploy(space, weights_repo, clone, private):
    """Makes the Space what the clone is: what it has below `FOLDERS` and the clone has no longer is deleted there."""
    paths = files_to_deploy(clone)
    card = space_card((clone / "README.md").read_text(encoding="utf-8"), space, weights_repo)
    api = hub()
    try:
        retrying(api.whoami)
        if retrying(lambda: api.model_info(weights_repo)).private:
            print(
                f"{weights_repo} is private: give the Space a secret HF_TOKEN that may read it, or it will run on the"
                " bundled weights."
            )
    except Exception as error:
        hint = "; push the weights first" if status_of(error) == 404 else ""
        raise UserError(
            f"Nothing was deployed: {explain(error, weights_repo, write=status_of(error) == 401)}{hint}."
        ) from error

    def commit():
        operations = [CommitOperationAdd(path, clone / path) for path in paths if path != "README.md"]
        operations.append(CommitOperationAdd("README.md", card.encode()))
        there = api.list_repo_files(space, repo_type="space")
        operations += [
            CommitOperationDelete(path) for path in there if path.split("/")[0] in FOLDERS and path not in paths
        ]
        return api.create_commit(space, operations, commit_message="Deploy from a clone", repo_type="space")

    try:
        make_writable(space, private, "space", "gradio")
        # Before the commit, so that the first start already knows.
        retrying(lambda: api.add_space_variable(space, "WEIGHTS_REPO", weights_repo))
        print(f"Uploading {len(paths)} files to {space}.", flush=True)
        with logged_uploads():
            retrying(commit)
    except UserError:
        raise
    except Exception as error:  # whatever the client and its transports raise
        raise UserError(
            f"Deploying to {space} failed: {explain(error, space)}; the same command starts over."
        ) from error


def files_to_deploy(clone: Path) -> list[str]:
    """Paths of the clone, relative to it, that go to a Space: no tests, runs, dot files, caches of Python or stubs.

    Raises:
        UserError: something of it is missing.
    """
    files = [name for name in FILES if (clone / name).is_file()]
    missing = [name for name in FILES if name not in files and name != "train.py"]  # a Space runs without
    missing += [f"{name}/" for name in FOLDERS if not (clone / name).is_dir()]
    if missing:
        raise UserError(
            f"{clone} is no complete clone of this project: {', '.join(missing)} missing; run this from a fresh clone."
        )
    there = [path for folder in FOLDERS for path in sorted((clone / folder).rglob("*")) if path.is_file()]
    paths = [*files, *(path.relative_to(clone).as_posix() for path in there)]
    paths = list(filter_repo_objects(paths, ignore_patterns=_LEFT_OUT))
    paths += [path for path in _linked(clone) if path not in paths]
    weights = [path for path in paths if path.endswith(".safetensors")]
    if not weights:
        raise UserError(f"{clone / 'weights'} holds no weights; train first, or deploy from a fresh clone.")
    for path in weights:
        if (clone / path).stat().st_size < _SMALLEST_WEIGHTS:
            raise UserError(
                f"{clone / path} is too small to be weights, perhaps a pointer to them; fetch the file itself."
            )
    return paths


def _linked(clone):
    """README.md, what documents and pictures it links to, and what those documents link to."""
    found = ["README.md"]
    for path in found:  # which grows meanwhile
        text = (clone / path).read_text(encoding="utf-8") if path.endswith(".md") else ""
        for link in _LINK.findall(text):
            linked = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
            if linked not in found and not linked.startswith(("..", "/")) and (clone / linked).is_file():
                found.append(linked)
    return found


def space_card(readme: str, space: str, weights_repo: str) -> str:
    """The README whose YAML block has the weights as ``models`` and the address of its first picture as ``thumbnail``.

    Raises:
        UserError: the README has no YAML block of a Gradio Space.
    """
    try:
        card = SpaceCard(readme)
        if card.data.get("sdk") != "gradio":
            raise ValueError("of no Gradio Space")
    except Exception as error:  # yaml has kinds of its own
        raise UserError(
            "README.md does not start with a readable YAML block of a Gradio Space (sdk: gradio); restore it from the"
            " repository."
        ) from error
    card.data["models"] = [weights_repo]
    if picture := _IMAGE.search(readme):
        card.data["thumbnail"] = f"{ENDPOINT}/spaces/{space}/resolve/main/{picture.group(1)}"
    return str(card)


if __name__ == "__main__":
    raise SystemExit(main())
