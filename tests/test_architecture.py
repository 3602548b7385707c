"""Imports go one way, bottom up; the instruments do not know each other's folders."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "vmi"
GROUND = ("version", "errors", "cards", "references", "registry", "random", "arrays", "progress")
GROUND += ("machine", "shipped", "estimate", "records", "statistics")
LAYERS = [
    *({name} for name in GROUND),
    {"data"},
    {"tasks"},
    {"nets"},
    {"models"},
    {"training"},
    {"priors"},
    {"mi", "metrics", "likelihood"},
    {"independence"},
    {"learners"},
    {"pictures"},
    {"verify"},
    {"suites"},
    {"stages"},
    {"report"},
    {"commands"},
    {"__init__", "__main__"},
]
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(node):
    """The rooms that a file imports, wherever it does, but for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and child.module == "vmi":
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom | ast.Import):
            names = [getattr(child, "module", None) or "", *(alias.name for alias in child.names)]
            yield from (name.split(".")[1] for name in names if name.startswith("vmi."))
        yield from imported(child)


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_room_has_its_place():
    assert {room(path) for path in FILES} == set(HEIGHT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    here = room(path)
    for other in imported(ast.parse(path.read_text())):
        assert other == here or HEIGHT[other] < HEIGHT[here], f"{here} imports {other}"


def test_the_report_and_the_library_name_no_kind_of_suite():
    """What a kind is stands in its row of `KINDS`: nobody asks which of them a suite is of."""
    for path in FILES:
        text = path.read_text()
        if path.name != "kinds.py":
            assert "OF_MODELS" not in text or room(path) == "commands", path
            assert "OF_ESTIMATORS" not in text, path
