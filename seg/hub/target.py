"""Where weights go on the Hub. Needs no client of the Hub: who only trains has none."""

import os
import shlex
from dataclasses import dataclass

MAIN = "main"


def from_environment(variable: str) -> str | None:
    """WEIGHTS_REPO or WEIGHTS_REVISION without spaces and newlines around it; None if it is empty."""
    return os.environ.get(variable, "").strip() or None


@dataclass(frozen=True)
class Target:
    """Where weights go.

    Attributes:
        repo: ``USER/REPO``.
        private: whether a repository that has yet to be created is private.
        revision: branch; created from main where it does not exist.
    """

    repo: str
    private: bool = False
    revision: str = MAIN


def push_command(folder, target: Target | None = None) -> str:
    """The command that publishes the weights in ``folder``, quoted for a shell."""
    words = ["python", "train.py", "--push-only", "--push-to", target.repo if target else "USER/REPO"]
    if target and target.private:
        words.append("--private")
    if target and target.revision != MAIN:
        words += ["--revision", target.revision]
    if os.fspath(folder) != "weights":
        words += ["--output", os.fspath(folder)]
    return shlex.join(words)
