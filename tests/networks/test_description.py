"""What each network's file says of it is so, and is said nowhere else."""

import re
import subprocess
import sys

import pytest

from seg.errors import UserError
from seg.networks import DEFAULT_PAIR, NETWORKS, chosen_pair
from seg.training.command import main
from seg.training.options import parse_options

from repository import ROOT

SMALL = {"fcn8": {"fc_filters": 4}, "unet": {"base_filters": 2}}


def test_no_other_file_knows_a_network_by_name():
    names = re.compile(rf"""["']({"|".join(NETWORKS)})["']""")
    files = [path for path in (ROOT / "seg").rglob("*.py") if path.parent != ROOT / "seg/networks"]
    assert len(files) > 50
    assert [str(path) for path in files if names.search(path.read_text("utf-8"))] == []


def test_descriptions_do_not_wait_for_keras():
    code = "import sys, seg.networks; print(sorted({'keras', 'tensorflow', 'jax'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", NETWORKS)
def test_arguments_are_within_their_limits(name):
    network = NETWORKS[name]
    for argument in network.arguments:
        assert argument.allows(argument.default), argument.name
        assert not argument.allows(None) and not argument.allows([argument.default])
        if argument.is_number:
            least, most = argument.limits
            assert argument.allows(most) and not argument.allows(most + 1) and not argument.allows(least - 1)
            assert not argument.allows(float("nan")) and not argument.allows(True)
    assert network.problem(network.defaults, 128) is None
    for experiment in network.trials:
        assert all(argument.allows(value) for argument in network.arguments
                   for value in [experiment.arguments.get(argument.name, argument.default)])  # fmt: skip


@pytest.mark.parametrize("given", ["fcn8", "unet,unet", "fcn8,unet,unet", "fcn8,nobody", ","])
def test_a_pair_is_two_networks_that_are_known(monkeypatch, given):
    monkeypatch.setenv("NETWORKS", given)
    with pytest.raises(UserError, match="NETWORKS is '.*' in the environment; give two of fcn8, unet"):
        chosen_pair()


def test_the_pair_is_as_the_environment_says(monkeypatch):
    monkeypatch.setenv("NETWORKS", "unet, fcn8")
    assert chosen_pair() == ("unet", "fcn8")
    monkeypatch.setenv("NETWORKS", "")
    assert chosen_pair() == DEFAULT_PAIR == tuple(NETWORKS)[:2]


def test_train_py_trains_the_pair_and_refuses_what_is_none(monkeypatch, capsys):
    monkeypatch.setenv("NETWORKS", "unet,fcn8")
    assert parse_options([]).networks == list(DEFAULT_PAIR)
    assert parse_options(["--networks", "unet"]).networks == ["unet"]
    monkeypatch.setenv("NETWORKS", "unet")
    assert main([]) == 2 and "NETWORKS is 'unet' in the environment" in capsys.readouterr().err
