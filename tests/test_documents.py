"""The documents: their numbers are those of the files beside the weights, their commands and links work."""

import argparse
import importlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seg.training.options import parse_options

import documents
from repository import ROOT

NAMES = (
    "README.md",
    "weights/README.md",
    "tests/benchmarks/README.md",
    ".github/CONTRIBUTING.md",
    ".github/DEPLOY.md",
    ".github/SECURITY.md",
)
TEXTS = {name: (ROOT / name).read_text() for name in NAMES}
PINS = dict(re.sub(r"\[.*]", "", line).split("==") for line in (ROOT / "requirements.txt").read_text().split())


def commands(text):
    """The command lines of a document's bash blocks, comments left out."""
    for block in re.findall(r"^ *```bash\n(.*?)^ *```", text, re.S | re.M):
        for line in block.replace("\\\n", " ").splitlines():
            if command := re.sub(r"(^|\s)#.*", "", line).strip():
                yield command


COMMANDS = sorted({(name, command) for name, text in TEXTS.items() for command in commands(text)})


class Understood(Exception):
    """The command line was read."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder in which the documents' placeholders exist."""
    (tmp_path / "DIR").mkdir()
    for name in ("FILE", "vgg16.npz", "imagenet_convolutions.npz"):
        (tmp_path / name).touch()
    (tmp_path / "weights").symlink_to(ROOT / "weights")
    monkeypatch.chdir(tmp_path)
    for name in ("WEIGHTS_REPO", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("document", "command"), COMMANDS, ids=[f"{name}: {command}" for name, command in COMMANDS])
def test_commands_are_understood(document, command, place, monkeypatch):
    """Each program reads its command line; what it then does, the tests of its room try."""
    for part in command.split(" && "):
        words = [word for word in shlex.split(part) if not re.fullmatch(r"[A-Z_]+=\S+", word)]
        assert words, part
        understand(words, monkeypatch)


def understand(words, monkeypatch):
    program, *rest = words
    if program.startswith("python") or program.endswith("/python"):
        understand_python(rest, monkeypatch)
    elif program in ("pip", ".venv/bin/pip"):
        assert rest[0] == "install"
        for option, value in zip(rest[1:], rest[2:]):
            if option == "-r":
                assert (ROOT / value).is_file(), value
        for name, version in re.findall(r"(\S+?)(?:\[.*?])?==(\S+)", " ".join(rest)):
            assert PINS[name] == version
    elif program == "hf":
        subprocess.run([Path(sys.executable).with_name("hf"), *rest, "--help"], capture_output=True, check=True)
    elif program == "bash":
        assert (ROOT / rest[0]).is_file()
    else:
        assert program in ("git", "cd", ".", "ruff", "lint-imports", "pytest"), program


def understand_python(words, monkeypatch):
    if words[0] == "train.py":
        parse_options(words[1:])
    elif words[0] == "-m" and words[1].startswith("seg."):
        module = importlib.import_module(words[1])
        if not hasattr(module, "main"):
            module = importlib.import_module(f"{words[1]}.__main__")
        read = argparse.ArgumentParser.parse_args

        def read_alone(parser, arguments=None, namespace=None):
            read(parser, arguments, namespace)
            raise Understood

        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", read_alone)
        with pytest.raises(Understood):
            module.main(words[2:])
    elif words[0] == "-m":
        assert words[1] in ("venv", "pytest")
    else:
        assert (ROOT / words[0]).is_file()


@pytest.mark.slow
def test_the_clone_that_readme_makes_is_whole(tmp_path):
    command = next(command for command in commands(TEXTS["README.md"]) if command.startswith("git clone"))
    assert "--depth 1" in command and (ROOT / ".git").exists()
    subprocess.run(
        ["bash", "-c", command.replace("URL", f"file://{ROOT}") + " && ls app.py seg weights/unet/model.safetensors"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", TEXTS[name]):
        path, _, section = target.partition("#")
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.exists(), target
        titles = re.findall(r"^#+ (.*)", there.read_text(), re.M) if section else []
        slugs = {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}
        assert not section or section in slugs, target


def test_readme_is_short():
    """Counted without its YAML block."""
    assert len(TEXTS["README.md"].split("\n---\n", 1)[1].split()) <= 1200


def test_no_word_of_readme_beyond_the_written_parts_is_a_score():
    rest = re.sub(r"<!-- begin (\S+) -->.*?<!-- end \1 -->", "", TEXTS["README.md"], flags=re.S)
    assert "<!--" not in rest and not re.findall(r"\b0\.\d{3}\b", rest)


def test_parts_are_what_the_files_beside_the_weights_say():
    assert documents.out_of_date() == [], "run python tests/documents.py --write"


def test_scores_are_those_of_training():
    """The report measures anew what metrics.json has, where both are scored at one size."""
    for name, measured in documents.report()["networks"].items():
        metrics = json.loads((ROOT / "weights" / name / "metrics.json").read_text())
        if metrics["scored_at"] == documents.report()["scored_at"]:
            assert measured["mean_iou"] == pytest.approx(metrics["mean_iou"], abs=5e-4)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The documents and what they are written from, in a folder of their own."""
    beside = [f"weights/{network}/{file}" for network in documents.TITLES for file in ("config.json", "history.csv")]
    for name in (*documents.PARTS, *beside):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "weights/report", tmp_path / "weights/report")
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    monkeypatch.setattr(documents, "WEIGHTS", tmp_path / "weights")
    return tmp_path


def test_a_new_report_makes_parts_out_of_date_and_the_command_writes_them(copied, capsys):
    path = copied / "weights/report/report.json"
    report = json.loads(path.read_text())
    report["networks"]["unet"]["mean_iou"] = 0.98765
    path.write_text(json.dumps(report))
    assert documents.out_of_date() == ["README.md: results", "weights/README.md: reached"]
    assert documents.main([]) == 1 and "0.988" not in (copied / "README.md").read_text()
    assert documents.main(["--write"]) == 0 and "0.988" in (copied / "README.md").read_text()
    assert documents.out_of_date() == [] and documents.main([]) == 0
    assert "README.md: results" in capsys.readouterr().out


def test_a_document_without_its_marks_is_one_sentence(copied):
    (copied / "README.md").write_text("# Nothing")
    with pytest.raises(SystemExit, match="put them back"):
        documents.out_of_date()


def contest(difference, low, high):
    wins = {"first": 0.4, "second": 0.6, "tie": 0.0}
    gap = {"difference": difference, "low": low, "high": high}
    return {"contest": {"order": ["fcn8", "unet"], "mean_iou": gap, "wins": wins}}


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        ((-0.02, -0.03, -0.01), "U-Net is ahead by 0.020 mean IoU (95 % interval 0.010 to 0.030, over photos), and is the better one on 60 % of them."),
        ((0.02, 0.01, 0.03), "FCN-8 is ahead by 0.020 mean IoU (95 % interval 0.010 to 0.030, over photos), though U-Net is the better one on 60 % of them."),
        ((0.01, -0.01, 0.03), "Neither is ahead for certain: FCN-8 less U-Net is +0.010 mean IoU (95 % interval -0.010 to +0.030"),
    ],
)  # fmt: skip
def test_who_is_ahead(gap, said):
    assert documents._lead(contest(*gap)).startswith(said)


def test_answer_has_at_most_five_sentences():
    assert 1 <= len(re.findall(r"\.(?= [A-Z]|$)", documents.better())) <= 5


def test_two_by_two_in_words():
    scores = {("fcn8", "imagenet"): 0.7, ("fcn8", "random"): 0.5, ("unet", "imagenet"): 0.72, ("unet", "random"): 0.61}
    found = {
        "cells": [
            {"skips": skips, "by_seed": [value, value + 0.02 + skips / 100]}
            for value in scores.values()
            for skips in (True, False)
        ],
        "start": {name: {"value": scores[name, "imagenet"] - scores[name, "random"]} for name in ("fcn8", "unet")},
        "decoder": {key: {"value": scores["unet", key] - scores["fcn8", key]} for key in ("imagenet", "random")},
    }
    said = documents.two_by_two_in_words(found)
    assert re.findall(r"[+-]\d\.\d{3}", said) == ["+0.200", "+0.110", "+0.020", "+0.110"]
    assert "2 seeds, up to 0.030 apart" in said
    assert documents.two_by_two_in_words(None) == ""
    assert documents.two_by_two_in_words(found | {"decoder": {"imagenet": None, "random": None}}) == ""


def test_deploying_names_the_settings_and_their_defaults():
    from seg.ui.server import request_limits, turns

    for stated in (
        f"`MAX_WAITING` ({turns.MAX_WAITING})",
        f"`COMPARISONS_AT_ONCE` ({turns.AT_ONCE})",
        f"{request_limits.MAX_UPLOAD_MB} MB",
    ):
        assert stated in TEXTS[".github/DEPLOY.md"], stated


def test_the_workflow_tries_every_python_that_readme_names():
    import yaml

    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    tried = workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"]
    first, last = re.search(r"Python (3\.\d+) to (3\.\d+)", TEXTS["README.md"]).groups()
    assert tried == [f"3.{minor}" for minor in range(int(first[2:]), int(last[2:]) + 1)]
