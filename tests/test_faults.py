"""Every fault of `make faults`, with few tries; and that a loss is told."""

import csv
import importlib
import sys
from pathlib import Path
from random import Random

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks" / "faults"
sys.path.insert(0, str(FOLDER))
publish, fault = (importlib.import_module(name) for name in ("publish", "fault"))
FAULTS = publish.load()
sys.path.remove(str(FOLDER))
sys.modules.pop("publish")  # the scripts of `make speed` have one too


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    """The processes of the jobs look where this one does."""
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setenv("PYTHONPATH", f"{FOLDER.parents[1]}:{FOLDER}")


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost(name, tmp_path):
    try:
        said = FAULTS[name].play(tmp_path, Random(100))
    except fault.Unavailable as error:
        pytest.skip(str(error))
    assert "\n" not in said and "Traceback" not in said


def test_what_is_lost_is_counted_and_what_cannot_be_made_is_no_loss(capsys):
    def loses(place, draw):
        if draw.random() < 0.5:
            raise fault.Lost("a number")
        return f"vmi: error: {place}/a | b"

    def lacks(place, draw):
        raise fault.Unavailable("it takes root")

    name, tries, lost, said = publish.played(fault.Fault("a", loses), 20)
    assert (name, tries, said) == ("a", 20, "vmi: error: a | b") and 0 < lost < 20
    assert capsys.readouterr().err.count("a number") == lost
    row = publish.played(fault.Fault("b", lacks))
    assert row == ("b", 0, "", "it takes root")
    assert publish.table([(name, tries, lost, said), row]).splitlines()[2].count("\\|") == 1


def test_nothing_is_lost_in_the_published_table():
    with (FOLDER.parents[1] / "results/published/faults/table.csv").open(newline="") as file:
        rows = {row["fault"]: row for row in csv.DictReader(file)}
    assert rows and set(rows) <= set(FAULTS)
    assert {row["lost"] for row in rows.values()} == {"0"}
