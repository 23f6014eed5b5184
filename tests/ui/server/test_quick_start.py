"""The app's start leaves out what it does not need, and nothing else."""

import gc
import importlib
import sys

import pytest

from seg.ui.server.quick_start import garbage_left, leave_out_what_is_not_needed


def test_what_the_app_does_not_need_is_not_there(monkeypatch):
    for name in ("matplotlib", "jax"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    leave_out_what_is_not_needed()
    for name in ("matplotlib", "jax"):
        with pytest.raises(ImportError):
            importlib.import_module(name)


def test_what_is_imported_already_or_runs_the_networks_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", sys)
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    leave_out_what_is_not_needed()
    assert sys.modules["matplotlib"] is sys and "jax" not in sys.modules


def test_garbage_is_collected_again_whatever_happens():
    with pytest.raises(KeyError), garbage_left():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
