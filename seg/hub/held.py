"""What a repository holds before a push, as far as the push must know it."""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

from seg.errors import UserError
from seg.evaluation.saved_report import REPORT, REPORT_FILE
from seg.networks import TITLES
from seg.networks.weights import CONFIG, METRICS, TENSORS, read_config, read_metrics

CARD = "README.md"
REPORT_TEXT = f"{REPORT}/report.md"


@dataclass(frozen=True)
class Held:
    """What is in a repository.

    Attributes:
        paths: of its files.
        networks: config and scores, as `seg.networks.weights` reads them, of each network that is whole.
        digests: SHA-256 of their weights files, as the Hub tells it.
        card: the text of its card, or None.
        report: the contents of the saved report's ``report.json``, or None.
        report_text: its Markdown, or None.
    """

    paths: tuple[str, ...] = ()
    networks: dict = field(default_factory=dict)
    digests: dict = field(default_factory=dict)
    card: str | None = None
    report: dict | None = None
    report_text: str | None = None


def held_by(api: HfApi, repo: str, revision: str) -> Held:
    """Looks into a repository; of the networks it fetches all but the weights.

    Raises:
        Exception: whatever the Hub's client does.
    """
    info = api.model_info(repo, revision=revision, files_metadata=True)
    digests = {sibling.rfilename: sibling.lfs.sha256 for sibling in info.siblings or () if sibling.lfs}
    paths = tuple(sorted(sibling.rfilename for sibling in info.siblings or ()))
    whole = [name for name in TITLES if {f"{name}/{file}" for file in (CONFIG, TENSORS, METRICS)} <= set(paths)]
    wanted = [f"{name}/{file}" for name in whole for file in (CONFIG, METRICS)]
    wanted += [path for path in (CARD, REPORT_FILE, REPORT_TEXT) if path in paths]
    if not wanted:
        return Held(paths)
    with tempfile.TemporaryDirectory(prefix="pets-") as place:
        folder = Path(snapshot_download(repo, revision=info.sha, allow_patterns=wanted, local_dir=place))
        networks = {name: known for name in whole if (known := _network(folder / name, name))}
        text = {path: _text(folder / path) for path in (CARD, REPORT_FILE, REPORT_TEXT)}
    try:
        report = json.loads(text[REPORT_FILE] or "null")
    except (ValueError, RecursionError):
        report = None
    known_digests = {name: digests.get(f"{name}/{TENSORS}") for name in networks}
    return Held(paths, networks, known_digests, text[CARD], report, text[REPORT_TEXT])


def _network(folder, name):
    try:
        config, metrics = read_config(folder), read_metrics(folder)
    except UserError:  # of another version, or somebody else's
        return None
    return (config, metrics) if config["network"] == name and metrics is not None else None


def _text(path):
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
