"""Pushing weights, against a Hub of our own that the real client speaks with.

Large files take the way of large-file storage (LFS). The way over Xet, which
the real Hub prefers, is not covered: its server is not to be had.
"""

import json
import re
import shlex
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from hub_samples import config_of, contents, metrics_of, write_network, write_report

ONE_SENTENCE = re.compile(r"[^\n]{20,600}")


def push(call, weights, *more, token="hf_write", repo="me/pets", **settings):
    """``train.py --push-only``; returns the `Outcome`, whose value is the exit status."""
    arguments = ["--push-only", "--push-to", repo, "--output", str(weights), *more]
    return call("seg.training.command:main", arguments, token=token, **settings)


def sentence(outcome):
    """The last line of what was printed, which is the error in one sentence."""
    assert "Traceback" not in outcome.output, outcome.output
    line = outcome.output.strip().splitlines()[-1]
    assert line.startswith("train.py: "), outcome.output
    return line


def test_one_commit_holds_everything(hub, call, weights):
    (weights / "fcn8" / "samples.png").write_bytes(b"\x89PNG samples")
    (weights / "unet" / ".hidden.png").write_bytes(b"no")
    (weights / "unet" / "notes.txt").write_bytes(b"no")
    outcome = push(call, weights)
    assert outcome.value == 0, outcome.output
    assert "No files" not in outcome.output and "0it" not in outcome.output, "nothing is fetched from a new one"
    assert hub.repos["model", "me/pets"].messages == ["initial commit", "Weights of FCN-8 and U-Net"]
    files = dict(hub.files("me/pets"))
    assert files.pop("README.md").startswith(b"---\n") and files.pop(".gitattributes")
    expected = contents(weights)
    del expected["unet/.hidden.png"], expected["unet/notes.txt"]
    assert files == expected
    assert re.search(r"Pushed: http://127.0.0.1:\d+/me/pets/commit/[0-9a-f]{40}\n", outcome.output)


def test_progress_in_a_log_is_a_line_each_tenth(hub, call, weights):
    path = weights / "fcn8" / "model.safetensors"
    save_file(load_file(path) | {"more": np.zeros(10_000_000, np.float16)}, path)
    outcome = push(call, weights)
    assert outcome.value == 0 and "%|" not in outcome.output and "\r" not in outcome.output, outcome.output
    told = [float(sent) for sent in re.findall(r"Uploading model.safetensors: (\S+) of \S+ MB\n", outcome.output)]
    assert 5 <= len(told) <= 10 and told == sorted(told)


def test_progress_over_xet_in_a_log_is_a_line_each_tenth(call):
    """The client's reporter alone: no bytes go over Xet here."""
    outcome = call("client_calls:xet_upload", [1_000_000] * 5 + [35_000_000])
    assert outcome.error is None, outcome.text
    assert outcome.output.splitlines() == [f"Uploading: {4 * tenth}.0 of 40.0 MB" for tenth in range(1, 11)]


def test_a_report_on_these_weights_goes_along(hub, call, weights):
    write_report(weights)
    (weights / "report" / "gallery").mkdir()
    outcome = push(call, weights)
    assert outcome.value == 0, outcome.output
    files = hub.files("me/pets")
    assert {path for path in files if path.startswith("report/")} == {
        "report/report.json",
        "report/report.md",
        "report/most-different.jpg",
    }
    card = files["README.md"].decode()
    assert (
        "## The contest\n\nTest split, 3,669 photos" in card
        and "![report/most-different.jpg](report/most-different.jpg)" in card
    )


def test_a_report_on_other_weights_stays(hub, call, weights):
    write_report(
        weights,
        networks={name: {"sha256": "of others", "calibration": {"temperature": 1}} for name in ("fcn8", "unet")},
    )
    outcome = push(call, weights)
    assert outcome.value == 0 and "is about other weights and is not published" in outcome.output
    assert not [path for path in hub.files("me/pets") if path.startswith("report/")]


def test_weights_repo_in_the_environment_is_enough(hub, call, weights):
    outcome = call(
        "seg.training.command:main", ["--push-only"], token="hf_write", environment={"WEIGHTS_REPO": "me/pets"}
    )
    assert outcome.value == 0, outcome.output  # the working directory holds weights/
    assert "unet/model.safetensors" in hub.files("me/pets")


def test_private_and_branch(hub, call, weights):
    outcome = push(call, weights, "--private", "--revision", "v2")
    assert outcome.value == 0, outcome.output
    repo = hub.repos["model", "me/pets"]
    assert (
        repo.private
        and "unet/config.json" not in hub.files("me/pets")
        and "unet/config.json" in hub.files("me/pets", revision="v2")
    )
    assert b"revision='v2'" in hub.files("me/pets", revision="v2")["README.md"]


def test_a_public_repository_is_not_taken_for_a_private_one(hub, call, weights):
    hub.add("me/pets")
    outcome = push(call, weights, "--private")
    assert outcome.value == 2 and "exists and is public" in sentence(outcome)
    assert len(hub.repos["model", "me/pets"].commits) == 1


def test_the_second_push_of_the_same_makes_no_commit(hub, call, weights):
    assert push(call, weights).value == 0
    assert push(call, weights).value == 0
    assert len(hub.repos["model", "me/pets"].commits) == 2


def test_a_fine_grained_token_may_write_where_it_may(hub, call, weights):
    hub.add("me/fine-pets")
    hub.add("me/other-pets")
    assert push(call, weights, token="hf_fine", repo="me/fine-pets").value == 0
    refused = push(call, weights, token="hf_fine", repo="me/other-pets")
    assert refused.value == 2 and "may not write to me/other-pets" in sentence(refused)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("token", "told"),
    [
        (None, "there is no token for the Hub; run `hf auth login`"),
        ("hf_wrong", "does not accept the token"),
        ("hf_read", "is read-only and cannot push to me/pets"),
        ("hf_fine", "may not write to me/pets"),
    ],
)
def test_a_token_that_cannot_is_told_before_training(hub, call, tmp_path, token, told):
    patches = {"seg.data.dataset:load_pets": None}  # training would crash on it
    outcome = call(
        "seg.training.command:main",
        ["--push-to", "me/pets", "--output", str(tmp_path / "new")],
        token=token,
        patches=patches,
    )
    assert outcome.value == 2 and told in sentence(outcome)
    assert not hub.repos and hub.counted("POST", "/commit/") == 0


def test_the_check_before_training_creates_the_repository(hub, call):
    target = {"repo": "me/pets", "private": True, "revision": "v2"}
    outcome = call("client_calls:prepare", target, token="hf_write")
    assert outcome.error is None
    repo = hub.repos["model", "me/pets"]
    assert repo.private and set(repo.branches) == {"main", "v2"} and len(repo.commits) == 1


def test_a_name_that_is_none(call, weights):
    for name in ("pets", "me/pets/more", "me/pe ts", "../x", "https://huggingface.co/me/pets"):
        outcome = push(call, weights, repo=name)
        assert outcome.value == 2 and "is named USER/REPO" in outcome.output, outcome.output


def test_a_branch_that_cannot_be(hub, call, weights):
    outcome = push(call, weights, "--revision", "refs/pr/1")
    assert outcome.value == 2 and "cannot make the branch 'refs/pr/1'" in sentence(outcome)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda weights: write_network(weights, "unet", config_of("unet", limit=64)), "a smoke run (limit 64)"),
        (lambda weights: write_network(weights, "unet", metrics=metrics_of("unet", limit=64)), "a smoke run"),
        (
            lambda weights: write_network(weights, "unet", config_of("unet") | {"training": None}),
            "a smoke run (limit unknown)",
        ),
        (lambda weights: (weights / "unet" / "metrics.json").write_text("{}"), "holds no scores"),
        (lambda weights: (weights / "unet" / "config.json").unlink(), "config.json is missing"),
        (lambda weights: (weights / "unet" / "model.safetensors").write_bytes(b"half"), "is damaged"),
        (
            lambda weights: (
                write_network(weights, "unet").joinpath("config.json").write_text(json.dumps(config_of("fcn8")))
            ),
            "holds FCN-8 instead of U-Net",
        ),
    ],
    ids=["limit in config", "limit in metrics", "limit unknown", "no scores", "no config", "damaged", "other network"],
)
def test_what_is_never_published(hub, call, weights, change, told):
    change(weights)
    outcome = push(call, weights)
    assert outcome.value == 2 and told in sentence(outcome)
    assert not hub.requests


def test_nothing_to_push(hub, call, tmp_path):
    outcome = push(call, tmp_path / "empty")
    assert outcome.value == 2 and "holds no trained network" in sentence(outcome)


def test_limit_and_push_exclude_each_other(call):
    outcome = call("seg.training.command:main", ["--limit", "64", "--push-to", "me/pets"], token="hf_write")
    assert outcome.value == 2 and "smoke run, which is never published" in outcome.output


def test_options_without_a_target(call):
    for options in (["--push-only"], ["--private"], ["--revision", "v2"]):
        outcome = call("seg.training.command:main", options)
        assert outcome.value == 2 and "need --push-to USER/REPO, or WEIGHTS_REPO" in outcome.output


# A repository that holds something already.


def test_a_network_pushed_later_does_not_make_the_card_forget_the_other(hub, call, weights, tmp_path):
    write_network(tmp_path / "first", "fcn8")
    (tmp_path / "first" / "fcn8" / "samples.png").write_bytes(b"\x89PNG samples")
    write_network(tmp_path / "second", "unet")
    assert push(call, tmp_path / "first").value == 0
    outcome = push(call, tmp_path / "second")
    assert outcome.value == 0, outcome.output
    card = hub.files("me/pets")["README.md"].decode()
    assert "FCN-8 and U-Net for photos of pets" in card and "![fcn8/samples.png](fcn8/samples.png)" in card
    assert f"{metrics_of('fcn8')['mean_iou']:.4f}" in card and f"{metrics_of('unet')['mean_iou']:.4f}" in card
    assert "Replaced there" not in outcome.output and "Left there" not in outcome.output
    assert hub.repos["model", "me/pets"].messages[-1] == "Weights of U-Net"


@pytest.mark.parametrize("damage", ["config.json", "metrics.json"])
def test_what_is_no_network_here_is_not_in_the_card(hub, call, weights, tmp_path, damage):
    files = contents(weights) | {f"fcn8/{damage}": b'{"network": "resnet"}'}
    hub.add("me/pets", files)
    write_network(tmp_path / "second", "unet")
    outcome = push(call, tmp_path / "second")
    assert outcome.value == 0, outcome.output
    assert "FCN-8" not in hub.files("me/pets")["README.md"].decode() and "fcn8/model.safetensors" in outcome.output


def test_a_repository_of_something_else_is_told_what_is_replaced(hub, call, weights):
    hub.add("me/pets", {"README.md": b"# My other project\n", "pytorch_model.bin": b"x", "unet/config.json": b"{}"})
    outcome = push(call, weights)
    assert outcome.value == 0, outcome.output
    assert "Replaced there: unet/config.json, README.md.\n" in outcome.output
    assert "Left there as it is: pytorch_model.bin.\n" in outcome.output
    assert outcome.output.index("Replaced there") < outcome.output.index("Pushing")
    assert hub.files("me/pets")["pytorch_model.bin"] == b"x"


def test_text_around_the_marks_stays(hub, call, weights):
    assert push(call, weights).value == 0
    card = hub.files("me/pets")["README.md"].decode()
    head, _, text = card.partition("\n---\n")
    mine = f"{head}\nthumbnail: https://example.org/cat.png\n---\n\nMy **own** words.\n{text}\n## Thanks\n\nTo Mia.\n"
    hub.commit("me/pets", {"README.md": mine.encode()})
    write_network(weights, "unet", metrics=metrics_of("unet", mean_iou=0.5))
    outcome = push(call, weights)
    assert outcome.value == 0 and "README.md" not in outcome.output
    again = hub.files("me/pets")["README.md"].decode()
    assert "\n---\n\nMy **own** words.\n" in again and again.endswith("\n## Thanks\n\nTo Mia.\n")
    assert "thumbnail: https://example.org/cat.png\n" in again and "0.5000" in again
    assert again.count("## Results") == 1 and again.count("Written by each push") == 2
    assert push(call, weights).value == 0
    assert hub.files("me/pets")["README.md"].decode() == again


@pytest.mark.parametrize("lost", [False, True])
def test_a_report_on_former_weights_is_deleted(hub, call, weights, lost):
    write_report(weights)
    assert push(call, weights).value == 0
    assert "## The contest" in hub.files("me/pets")["README.md"].decode()
    shutil.rmtree(weights / "report")
    outcome = push(call, weights)  # the same weights, from a folder without their report
    assert outcome.value == 0 and "report/report.json" in hub.files("me/pets")
    assert "## The contest" in hub.files("me/pets")["README.md"].decode()
    _train_again(weights)
    if lost:
        hub.inject("POST", "/commit/", "lost", times=1)
    outcome = push(call, weights)
    assert outcome.value == 0, outcome.output
    assert not [path for path in hub.files("me/pets") if path.startswith("report/")]
    assert "## The contest" not in hub.files("me/pets")["README.md"].decode()
    assert "Deleted there, since it is about other weights: report/" in outcome.output


def _train_again(weights):
    """Puts other weights, with other scores, in place of U-Net's."""
    tensors = weights / "unet" / "model.safetensors"
    write_network(weights, "unet", metrics=metrics_of("unet", pixel_accuracy=0.5))
    content = bytearray(tensors.read_bytes())
    content[-1] ^= 1
    tensors.write_bytes(content)


# The end of training: everything but the training itself is real.


@pytest.mark.slow
def test_training_ends_with_a_push(hub, call, tmp_path):
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "trained", name)
    ended = call("client_calls:train_without_training", ["--push-to", "me/pets"], "trained", token="hf_write")
    assert ended.value == 0, ended.output
    assert {"fcn8/model.safetensors", "unet/model.safetensors", "README.md"} <= set(hub.files("me/pets"))


@pytest.mark.slow
def test_training_ends_with_the_command_where_nothing_is_set(hub, call, tmp_path):
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "trained", name)
    ended = call("client_calls:train_without_training", [], "trained", token="hf_write")
    assert ended.value == 0, ended.output
    assert ended.output.strip().endswith("python train.py --push-only --push-to USER/REPO") and not hub.requests


@pytest.mark.slow
def test_a_smoke_run_ends_without_a_push(hub, call, tmp_path):
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "trained", name, config_of(name, limit=64))
    environment = {"WEIGHTS_REPO": "me/pets"}
    ended = call(
        "client_calls:train_without_training", ["--limit", "64"], "trained", token="hf_write", environment=environment
    )
    assert ended.value == 0, ended.output
    assert "smoke run; such weights are never pushed" in ended.output and not hub.requests


@pytest.mark.slow
def test_a_push_that_fails_after_training_loses_nothing(hub, call, tmp_path):
    for name in ("fcn8", "unet"):
        write_network(tmp_path / "trained", name)
    hub.inject("POST", "/commit/", "status", status=403)
    ended = call("client_calls:train_without_training", ["--push-to", "me/pets"], "trained", token="hf_write")
    assert ended.value == 2
    assert sentence(ended).endswith(
        "the trained weights are safe in weights, and this pushes them again: python train.py --push-only --push-to me/pets"
    )
    assert (tmp_path / "weights" / "unet" / "model.safetensors").is_file()


# Failures at the wire. Those of the check come before training; those of the
# push leave the weights on disk and say how to push them again.

WRITES = [
    ("POST", "/api/validate-yaml"),
    ("POST", "/preupload/"),
    ("POST", "/info/lfs/objects/batch"),
    ("PUT", "/storage/"),
    ("POST", "/verify/"),
    ("POST", "/commit/"),
]


COMMIT = ("POST", "/commit/")
PASSING = [(write, kind) for write in WRITES for kind in ("status 500", "drop")]
PASSING += [(COMMIT, kind) for kind in ("status 409", "status 429", "lost", "cut")]
PASSING += [(("PUT", "/storage/"), "status 429"), (("PUT", "/storage/"), "lost"), (("POST", "/preupload/"), "cut")]


@pytest.mark.slow
@pytest.mark.parametrize(("write", "kind"), PASSING, ids=str)
def test_what_passes_is_tried_again(hub, call, weights, write, kind):
    method, path = write
    if kind.startswith("status"):
        hub.inject(method, path, "status", status=int(kind[-3:]), headers={"Retry-After": "7"}, times=1)
    else:
        hub.inject(method, path, kind, times=1)
    outcome = push(call, weights)
    assert outcome.value == 0, outcome.output
    assert contents(weights).items() <= hub.files("me/pets").items()
    # Even where the answer to a commit was lost after it was made.
    assert len(hub.repos["model", "me/pets"].commits) == 2
    assert outcome.pauses, "tried again without a pause"
    if kind == "status 429":
        assert max(outcome.pauses) >= 7, "did not wait as long as the Hub asked for"


STAYING = {
    "401": ({"kind": "status", "status": 401}, "does not accept the token"),
    "403": ({"kind": "status", "status": 403}, "may not write to me/pets"),
    "404": ({"kind": "status", "status": 404}, "me/pets does not exist"),
    "409": ({"kind": "status", "status": 409}, "changed by somebody else"),
    "413": ({"kind": "status", "status": 413}, "the Hub answered 413"),
    "429": ({"kind": "status", "status": 429}, "limits how often"),
    "500": ({"kind": "status", "status": 500}, "is having trouble (it answered 500)"),
    "drop": ({"kind": "drop"}, "could not be reached or the connection broke"),
}
CASES = [(COMMIT, name) for name in STAYING] + [
    (write, name) for write in WRITES[:4] for name in ("403", "500", "drop")
]


@pytest.mark.slow
@pytest.mark.parametrize(("write", "name"), CASES, ids=str)
def test_what_stays_leaves_the_weights_and_the_command(hub, call, weights, write, name):
    (method, path), (fault, told) = write, STAYING[name]
    hub.inject(method, path, **fault)
    before = contents(weights)
    outcome = push(call, weights)
    told_so = sentence(outcome)
    assert outcome.value == 2 and told in told_so
    assert f"the trained weights are safe in {weights}" in told_so
    assert told_so.endswith(f"python train.py --push-only --push-to me/pets --output {weights}")
    assert contents(weights) == before
    assert len(hub.repos["model", "me/pets"].commits) == 1, "half a push was committed"
    assert sum(outcome.pauses) < 500, "tried for too long"  # of four uploads at the same time


@pytest.mark.slow
def test_a_hub_that_never_answers(hub, call, weights):
    hub.inject("POST", "/commit/", "stall")
    outcome = push(call, weights, patches={"seg.hub.client:ANSWER_SECONDS": 0.3})
    assert outcome.value == 2 and "did not answer in time" in sentence(outcome)
    assert outcome.seconds < 10


def test_no_hub_at_all(hub, call, weights):
    hub.inject("GET", "whoami", "drop")
    outcome = push(call, weights)
    assert outcome.value == 2 and "could not be reached" in sentence(outcome)
    assert hub.counted("GET", "whoami") == 4


@pytest.mark.parametrize("path", ["whoami", "/auth-check/write"])
@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_failures_of_the_check(hub, call, weights, path, status):
    hub.inject("GET", path, "status", status=status)
    outcome = push(call, weights)
    assert outcome.value == 2 and ONE_SENTENCE.fullmatch(sentence(outcome))
    assert hub.counted("GET", path) == (4 if status in (429, 500) else 1)


@pytest.mark.parametrize("status", [402, 403, 500])
def test_failures_of_creating(hub, call, weights, status):
    hub.inject("POST", "/api/repos/create", "status", status=status)
    outcome = push(call, weights)
    assert outcome.value == 2 and ONE_SENTENCE.fullmatch(sentence(outcome))


def test_a_hub_that_answers_nonsense(hub, call, weights):
    hub.inject("POST", "/preupload/", "metadata", change=lambda _: b"<html>Log in to the hotel's network</html>")
    outcome = push(call, weights)
    assert outcome.value == 2 and "the trained weights are safe" in sentence(outcome)


def test_offline(hub, call, weights):
    outcome = push(call, weights, environment={"HF_HUB_OFFLINE": "1"})
    assert outcome.value == 2 and "HF_HUB_OFFLINE" in sentence(outcome)


def test_the_command_survives_a_shell(call, tmp_path):
    outcome = call("client_calls:command", "my weights; rm", {"repo": "me/pets", "private": True, "revision": "v 2"})
    words = shlex.split(outcome.value)
    assert words == [
        "python",
        "train.py",
        "--push-only",
        "--push-to",
        "me/pets",
        "--private",
        "--revision",
        "v 2",
        "--output",
        "my weights; rm",
    ]
    assert call("client_calls:command", "weights", None).value == "python train.py --push-only --push-to USER/REPO"


def test_a_push_that_is_stopped(hub, call, weights):
    outcome = call("client_calls:stopped_push", weights, {"repo": "me/pets"}, token="hf_write")
    assert (
        outcome.error == "UserError" and "was stopped" in outcome.text and "python train.py --push-only" in outcome.text
    )
