"""What a plug-in reads, or imports in a way of its own, is noticed when it is edited."""

import importlib
import os
import sys

import numpy as np
import pytest

from vmi.stages.cells import _cached_dataset
from vmi.stages.cohort import Cohort as Given
from vmi.stages.cohort import cohort, due
from vmi.stages.provenance import of_cohort, of_description
from vmi.stages.reads import _hash, recording
from vmi.suites.file import load_suite

SUITE = """
title: T
seeds: [0]
datasets: ['mine:data']
models: [vae]
metrics: ['mine:ink']
pictures: [samples]
latents: {gaussian: 2}
training: {steps: 2, batch_size: 16}
"""
MINE = """
import importlib
from pathlib import Path
import numpy as np
from vmi.data.dataset import from_arrays

def data():
    READ
    images = np.load('images.npy')
    return from_arrays('mine', images)

def ink(images):
    return images.mean() * float(Path('scale.txt').read_text())
"""


@pytest.fixture
def made(workplace):
    """A suite that was run once, whose data set READs something beside its images."""

    def made(read="pass"):
        _cached_dataset.cache_clear()
        (workplace / "mine.yaml").write_text(SUITE)
        (workplace / "mine.py").write_text(MINE.replace("READ", read))
        (workplace / "scale.txt").write_text("1")
        np.save("images.npy", np.zeros((40, 1, 4, 4), "f4"))
        cohort(load_suite("mine.yaml"), "data", "vae", [0], quiet=True)
        return workplace

    return made


def left_to_do():
    _hash.cache_clear()  # a process asks once
    given = Given(load_suite("mine.yaml"), "data", "vae", [0])
    return due(given, of_cohort(given.suite, "data", "vae", [0]))


ALL = ["fit", "encode", "measure", "draw"]


def test_what_is_as_it_was_has_no_say(made):
    folder = made()
    suite = load_suite("mine.yaml")
    before = of_cohort(suite, "data", "vae", [0])
    assert "reads" not in str(before) and left_to_do() == []
    os.utime(folder / "images.npy", (1, 1))
    assert of_cohort(suite, "data", "vae", [0]) == before


def test_data_that_is_replaced_trains_anew_once_and_again_when_it_is_put_back(made):
    made()
    images = np.load("images.npy")
    for now in (images + 1, images):
        np.save("images.npy", now)
        assert left_to_do() == ALL
        _cached_dataset.cache_clear()
        cohort(load_suite("mine.yaml"), "data", "vae", [0], quiet=True)
        assert left_to_do() == []


def test_what_a_metric_reads_trains_nothing(made):
    (made() / "scale.txt").write_text("3")
    assert left_to_do() == ["measure"]


def test_a_file_that_is_gone_leaves_what_was_made_of_it(made):
    (made() / "images.npy").unlink()
    assert left_to_do() == []


def test_a_description_is_of_the_data_that_it_read(made):
    from vmi.stages.describe import describe

    made()
    _cached_dataset.cache_clear()
    suite = load_suite("mine.yaml")
    describe(suite, "data")
    before = of_description(suite, "data")
    np.save("images.npy", np.ones((40, 1, 4, 4), "f4"))
    assert of_description(suite, "data") != before


@pytest.mark.parametrize(
    ("read", "edited"),
    [
        ("importlib.import_module('he' + 'lper')", "helper.py"),
        ("from package import helper", "package/helper.py"),
        ("from package import helper", "package/__init__.py"),
        ("import package.helper", "package/__init__.py"),
        ("[p.read_bytes() for p in Path('folder').glob('*')]", "folder/a.txt"),
        ("[p.read_bytes() for p in Path('folder').glob('*')]", "folder/new.txt"),
        ("[p.read_bytes() for p in Path('many').glob('*')]", "many/7"),
    ],
)
def test_however_it_is_read(workplace, made, read, edited):
    for folder in ("package", "folder", "many"):
        (workplace / folder).mkdir()
    (workplace / "helper.py").write_text("FACTOR = 1\n")
    (workplace / "package/__init__.py").write_text("from .deep import FACTOR\n")
    (workplace / "package/helper.py").write_text("FACTOR = 1\n")
    (workplace / "package/deep.py").write_text("FACTOR = 1\n")
    (workplace / "folder/a.txt").write_text("1")
    for i in range(300):
        (workplace / f"many/{i}").write_text("1")
    importlib.invalidate_caches()
    made(read)
    assert left_to_do() == []
    (workplace / edited).write_text("FACTOR = 200\n")
    assert left_to_do() == ALL


@pytest.mark.parametrize(
    "search",
    [
        "import importlib.metadata; list(importlib.metadata.distributions())",
        "import importlib; importlib.import_module('searching')",
    ],
)
def test_a_search_for_modules_lists_no_folder_of_the_user(workplace, made, monkeypatch, search):
    library = workplace / ".library"  # as hidden as an environment
    library.mkdir()
    (library / "searching.py").write_text(
        "import glob, sys\n[glob.glob(f'{p}/*') for p in sys.path]"
    )
    monkeypatch.syspath_prepend(library)
    made(search)
    sys.modules.pop("searching", None)
    (workplace / "another.yaml").write_text("")
    assert left_to_do() == []


def test_relative_imports_are_followed(workplace):
    from vmi.stages.sources import files

    (workplace / "package").mkdir()
    (workplace / "package/__init__.py").write_text("")
    (workplace / "package/mine.py").write_text("from . import near\nfrom .deep import a\n")
    (workplace / "package/near.py").write_text("from ..other import b\n")
    (workplace / "package/deep.py").write_text("a = 1\n")
    found = {path.name for path in files("package.mine:thing")}
    assert found >= {"mine.py", "near.py", "deep.py"}


def test_words_of_a_helper_do_not_count(workplace, made):
    (workplace / "helper.py").write_text("FACTOR = 1\n")
    made("importlib.import_module('he' + 'lper')")
    (workplace / "helper.py").write_text("# about\nFACTOR = 1\n")
    assert left_to_do() == []


def test_what_is_written_temporary_hidden_or_of_the_environment_is_left_out(workplace):
    with recording(workplace / "results") as read:
        (workplace / "cache.txt").write_text("1")
        (workplace / "cache.txt").read_text()
        (workplace / "results").mkdir()
        for name in (".hidden", "results/status.csv"):
            (workplace / name).touch()
        for name in (".hidden", "results/status.csv", os.__file__):
            open(workplace / name).close()
    assert read() == {}
