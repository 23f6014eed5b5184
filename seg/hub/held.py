"""What a repository holds before a push, as far as the push must know it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

from seg.errors import UserError
from seg.evaluation.saved_report import REPORT, REPORT_FILE, read_report
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

    paths: list[str]
    networks: dict
    digests: dict
    card: str | None
    report: dict | None
    report_text: str | None


def held_by(api: HfApi, repo: str, revision: str) -> Held:
    """Looks into a repository; of the networks it fetches all but the weights.

    Raises:
        Exception: whatever the Hub's client does.
    """
    info = api.model_info(repo, revision=revision, files_metadata=True)
    files = {sibling.rfilename: sibling.lfs for sibling in info.siblings or ()}
    wanted = [CARD, REPORT_FILE, REPORT_TEXT, *(f"{name}/{file}" for name in TITLES for file in (CONFIG, METRICS))]
    wanted = [path for path in wanted if path in files]
    with tempfile.TemporaryDirectory(prefix="pets-") as place:
        folder = Path(place)
        if wanted:
            snapshot_download(repo, revision=info.sha, allow_patterns=wanted, local_dir=folder)
        known = {name: _network(folder / name) for name in TITLES if f"{name}/{TENSORS}" in files}
        networks = {name: network for name, network in known.items() if network}
        tensors = {name: files[f"{name}/{TENSORS}"] for name in networks}
        digests = {name: lfs and lfs.sha256 for name, lfs in tensors.items()}
        return Held(
            sorted(files), networks, digests, _text(folder / CARD), read_report(folder), _text(folder / REPORT_TEXT)
        )


def _network(folder):
    """Config and scores; None where it is of another version, or somebody else's."""
    try:
        config, metrics = read_config(folder), read_metrics(folder)
    except UserError:
        return None
    return (config, metrics) if config["network"] == folder.name and metrics is not None else None


def _text(path):
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
