"""What every test shares: one thread, examples that repeat, and room for the toys."""

import os
import sys

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("faults", deadline=None)  # other inputs each time
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(autouse=True)
def own_modules_are_forgotten(tmp_path_factory):
    """No test finds the modules that another wrote for itself, which have the same names."""
    yield
    folder = str(tmp_path_factory.getbasetemp())
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in, importable from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    return tmp_path
