"""Where weights come from and go to, as the environment says it."""

import re

import pytest

from seg.hub.target import from_environment

from repository import ROOT


@pytest.mark.parametrize(
    ("value", "read"),
    [("me/pets\n", "me/pets"), (" me/pets\r\n", "me/pets"), ("v2\t", "v2"), ("", None), (" \n", None), (None, None)],
)
def test_what_a_shell_left_around_a_setting_is_no_part_of_it(monkeypatch, value, read):
    for variable in ("WEIGHTS_REPO", "WEIGHTS_REVISION"):
        monkeypatch.delenv(variable, raising=False)
        if value is not None:
            monkeypatch.setenv(variable, value)
        assert from_environment(variable) == read


def test_nothing_reads_these_settings_in_another_way():
    for path in (ROOT / "app.py", ROOT / "train.py", *(ROOT / "seg").rglob("*.py")):
        assert not re.search(r"(environ|getenv)\W.*WEIGHTS_", path.read_text()), path


COMMANDS = {
    "push": ("seg.training.command:main", ["--push-only"]),
    "deploy": ("seg.hub.deploy:main", ["me/space"]),
}


def test_a_newline_is_no_part_of_the_name(hub, call, weights):
    function, arguments = COMMANDS["push"]
    outcome = call(function, arguments, token="hf_write", environment={"WEIGHTS_REPO": "me/pets\n"})
    assert outcome.value == 0, outcome.output


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("value", ["pets\n", "https://huggingface.co/me/pets", "me/pets more"])
def test_a_refusal_names_variable_and_value(hub, call, weights, command, value):
    function, arguments = COMMANDS[command]
    outcome = call(function, arguments, token="hf_write", environment={"WEIGHTS_REPO": value})
    assert outcome.value == 2 and f"WEIGHTS_REPO in the environment: {value.strip()!r} is no" in outcome.output
    assert not hub.requests


def test_the_app_names_variables_and_values(hub, call, published):
    for repo, revision, told in (
        ("pets", "main", "'pets' is no repository"),
        ("me/none", "main", "me/none does not exist"),
        ("me/pets", "v9", "me/pets at v9 does not exist"),
    ):
        notice = call("client_calls:fetch_as_the_app", repo, revision).value
        assert f"WEIGHTS_REPO is {repo!r}, WEIGHTS_REVISION {revision!r}: " in notice and told in notice
