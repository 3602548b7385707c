"""Fingerprints: an edit of the code counts, one of its words or of its place does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vmi.stages.sources import files, fingerprint, sources
from vmi.suites.kinds import KINDS

ROOT = Path(__file__).parent.parent

CODE = '''"""About."""

from vmi.errors import UserError

__all__ = ["half"]

def half(x):
    """Returns a half."""
    return x / 2  # exactly
'''


@pytest.fixture
def of(tmp_path):
    """The fingerprint of a file of some contents."""

    def of(contents, name="a.py"):
        (tmp_path / name).write_text(contents)
        return fingerprint([tmp_path / name])

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("About.", "All about it."),
        ("Returns a half.", "Returns half of x."),
        ("  # exactly", ""),
        ("x / 2", "(x / 2)"),
        ("\n\n", "\n\n\n"),
        ("from vmi.errors import UserError", "from vmi.faults import UserError, unknown"),
        ('["half"]', '["half", "third"]'),
        ("def half", 'HALVES = Registry("half", {"one": "a:b"})\n\ndef half'),
    ],
)
def test_words_layout_and_the_places_of_code_do_not_count(of, old, new):
    assert of(CODE.replace(old, new)) == of(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x / 2", "x / 3"),
        ("half(x)", "half(x, y=1)"),
        ("from vmi.errors", "from math import pi\nfrom vmi.errors"),
        ("def half", "HALVES = 3\n\ndef half"),
    ],
)
def test_code_counts(of, old, new):
    assert of(CODE.replace(old, new)) != of(CODE)


def test_a_file_may_be_called_otherwise(of):
    assert of(CODE, "a.py") == of(CODE, "b.py")


def test_a_string_that_is_no_docstring_counts(of):
    assert of("NAME = 'a'\n") != of("NAME = 'b'\n")


def test_what_is_not_python_counts_to_the_letter(of):
    assert of("a: 1\n", "a.yaml") != of("a: 1 \n", "a.yaml")
    assert of("def broken(:\n") != of("def broken(:  #\n")


def test_a_reference_that_is_not_there_has_no_say():
    assert sources("no_such_file:thing") == fingerprint([])


# ---------------------------------------------------------------- following imports

HELPED = """
from typing import TYPE_CHECKING
from vmi.arrays import columns
if TYPE_CHECKING:
    from vmi.report import report

def metric(codes):
    from helper import scale
    return scale
"""


@pytest.fixture
def helped(workplace):
    """A metric of the user's own, with a helper that has a helper."""
    (workplace / "mine.py").write_text(HELPED)
    (workplace / "helper.py").write_text("import deeper\nscale = deeper.scale\n")
    (workplace / "deeper.py").write_text("scale = 1.0\n")
    return workplace


def test_imports_are_followed_wherever_they_stand_but_not_those_of_type_checkers(helped):
    found = files("mine:metric")
    assert {path.name for path in found if path.parent == helped} == {
        "mine.py",
        "helper.py",
        "deeper.py",
    }
    assert {path.name for path in found if path.parent != helped} == {"arrays.py", "errors.py"}


def test_an_edit_of_a_helpers_helper_counts(helped):
    before = sources("mine:metric")
    (helped / "deeper.py").write_text("scale = 2.0\n")
    sources.cache_clear()
    assert sources("mine:metric") != before


# What each kind of thing is made by: the entry of the stage and the thing itself.
STAGE = {"dataset": "describe", "model": "fit", "metric": "measure", "picture": "draw"}
STAGE |= dict.fromkeys(("task", "estimator", "test", "graph", "learner"), "answer")
# A file that each kind of thing imports, directly or through others.
DEEP = {
    "dataset": "data/dataset.py",
    "model": "training/adam.py",
    "metric": "estimate.py",
    "picture": "pictures/layout.py",
    "task": "tasks/task.py",
    "estimator": "estimate.py",
    "test": "independence/reordered.py",
    "graph": "tasks/graph.py",
    "learner": "independence/knn.py",
}


def registries():
    from vmi.pictures import PICTURES

    sides = [noun.registry for kind in KINDS.values() for noun in (kind.task, kind.method)]
    return [*sides, KINDS["models"].measures, PICTURES]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package, whose files a test may edit."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "vmi", folder / "vmi", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def hashed(folder, *entries):
    """What the sources of entries are in a copy, where each entry is some references."""
    program = "import sys; from vmi.stages.sources import sources; " + (
        "print(*[sources(*entry.split(',')) for entry in sys.argv[1:]])"
    )
    command = [sys.executable, "-c", program, *(",".join(entry) for entry in entries)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()


def entry_of(registry):
    """What makes the first thing of a registry."""
    first = next(iter(registry.values())).reference
    kind = registry.kind
    return (f"vmi.stages.{STAGE[kind]}", first, *(["vmi.pictures.draw"] * (kind == "picture")))


def test_an_edit_of_any_file_that_a_thing_imports_counts_and_its_words_do_not(copy):
    entries = [entry_of(registry) for registry in registries()]
    before = hashed(copy, *entries)
    for place, (registry, entry) in enumerate(zip(registries(), entries, strict=True)):
        path = copy / "vmi" / DEEP[registry.kind]
        text = path.read_text()
        path.write_text(text.replace('"""', '"""Words. ', 1) + "\n\n# a comment\n")
        assert hashed(copy, entry) == [before[place]], registry.kind
        path.write_text(text + "\nMORE = 1\n")
        assert hashed(copy, entry) != [before[place]], registry.kind
        path.write_text(text)


@pytest.mark.parametrize("edited", ["mi/scores.py", "mi/fit.py", "training/adam.py"])
def test_an_edit_of_what_a_neural_estimator_is_made_of_counts(copy, edited):
    """These three once ran nothing anew, so that old numbers stood."""
    entry = ("vmi.stages.answer", "vmi.mi.reliability:answer", "vmi.mi.variational:infonce")
    before, path = hashed(copy, entry), copy / "vmi" / edited
    text = path.read_text()
    path.write_text(text + "\nMORE = 1\n")
    assert hashed(copy, entry) != before
    path.write_text(text)


def test_a_module_that_is_moved_and_renamed_does_not_count(copy):
    entry = ("vmi.stages.answer", "vmi.mi.reliability:answer", "vmi.mi.variational:infonce")
    before = hashed(copy, entry)
    moved = copy / "moved"
    shutil.copytree(copy / "vmi", moved / "vmi")
    (moved / "vmi/training/adam.py").rename(moved / "vmi/nets/moments.py")
    for path in moved.rglob("*.py"):
        text = path.read_text()
        path.write_text(text.replace("vmi.training.adam", "vmi.nets.moments"))
    assert hashed(moved, entry) == before


def test_a_new_entry_of_a_registry_does_not_count(copy):
    entry = ("vmi.stages.measure", "vmi.metrics.mig:mig")
    before, path = hashed(copy, entry), copy / "vmi/metrics/__init__.py"
    text = path.read_text()
    path.write_text(text.replace("METRICS = Registry(", "METRICS = Registry(  # more", 1))
    path.write_text(text.replace('    "metric",', '    "metric2",', 1))
    assert hashed(copy, entry) == before
    path.write_text(text)
