"""`vmi verify`: every known answer of the project, and what it says of one that fails."""

import csv
import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from vmi import records
from vmi.__main__ import main
from vmi.estimate import Estimate
from vmi.verify import ROOMS, Case, cases


def case(name="a case", truth=1.0, got=1.0, below=0.1, above=0.1, **about):
    return Case("ksg-3", name, truth, lambda: got, below, above, **about)


@pytest.fixture
def rooms(monkeypatch):
    """Puts other rooms in the place of the project's."""

    def rooms(**found):
        for name in list(ROOMS):
            monkeypatch.delitem(ROOMS, name)
        for name, listed in found.items():
            monkeypatch.setitem(ROOMS, name, f"rooms.{name}")
            room = SimpleNamespace(cases=lambda listed=listed: listed)
            monkeypatch.setitem(sys.modules, f"rooms.{name}", room)

    return rooms


def test_where_all_holds_the_exit_code_is_0(rooms, capsys):
    rooms(one=[case(), case("another", got=1.05)], two=[case()])
    assert main(["verify"]) == 0
    out, err = capsys.readouterr()
    header, *rows, _, total = out.splitlines()
    assert header.split() == ["instrument", "case", "truth", "tolerance", "got", "holds"]
    assert rows[1].split() == ["ksg-3", "another", "1.0000", "±0.1", "1.0500", "yes"]
    assert total == "3 known answers, all hold"
    assert len(err.splitlines()) == 2 and err.startswith("vmi: one: 2 of 2 hold")


@pytest.mark.parametrize("got", [1.2, 0.8, float("nan"), float("inf")])
def test_where_one_fails_the_exit_code_is_1_and_the_total_names_it(got, rooms, capsys):
    rooms(one=[case(), case("the bad one", got=got)])
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[2].endswith("NO")
    assert out.splitlines()[-1] == "2 known answers, 1 do not hold: ksg-3 (the bad one)"


def test_the_two_sides_of_a_tolerance_are_two(rooms):
    rooms(one=[case(got=0.6, below=0.5, above=0.01)])
    assert main(["verify"]) == 0
    rooms(one=[case(got=1.4, below=0.5, above=0.01)])
    assert main(["verify"]) == 1


def test_an_instrument_that_fails_is_a_row_and_the_others_go_on(rooms, capsys):
    def fails():
        raise ValueError("too few\npoints")

    rooms(one=[Case("ksg-3", "fails", 1.0, fails, 9, 9), case()])
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "\n    ValueError: too few points\n" in out
    assert "1 do not hold" in out


@pytest.mark.parametrize("listed", [None, [], [case(), case()]])
def test_a_room_that_is_broken_empty_or_double_is_wrong(listed, rooms, capsys):
    rooms(one=listed, two=[case()])
    assert main(["verify"]) == 1
    assert main(["verify", "two"]) == 0
    assert "one" not in capsys.readouterr().out.splitlines()[-1]


def test_a_room_whose_module_is_missing_is_wrong(monkeypatch, capsys):
    monkeypatch.setitem(ROOMS, "none", "vmi.verify.no_such_room")
    assert main(["verify", "none"]) == 1
    assert "ModuleNotFoundError" in capsys.readouterr().out


def test_an_unknown_room_is_refused(capsys):
    assert main(["verify", "clasical"]) == 2
    assert "did you mean 'classical'?" in capsys.readouterr().err


def test_the_answers_are_written_and_printed_as_json(rooms, tmp_path, capsys):
    path = tmp_path / "folder" / "answers.csv"
    rooms(one=[case(got=float("nan"), source="paper, equation 3"), case("b", truth=1 / 3)])
    assert main(["verify", "--output", str(path), "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (first["got"], first["holds"], first["tolerance"]) == (None, False, "±0.1")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    header = "instrument case truth below above got holds seconds source error"
    assert list(rows[0]) == header.split()
    assert rows[0]["got"] == "" and rows[0]["source"] == "paper, equation 3"
    assert float(rows[1]["truth"]) == second["truth"] == 1 / 3


def test_the_ladder_is_written_as_records(tmp_path, monkeypatch):
    where = records.Place("ladder", "d", "m")
    rows = [records.Record.of(where, "elbo", Estimate(1.0), truth=1.0)]
    monkeypatch.setitem(sys.modules, "vmi.verify.ladder", SimpleNamespace(ladder=lambda: rows))
    assert main(["ladder", "--output", str(tmp_path / "ladder.csv")]) == 0
    assert records.read(tmp_path / "ladder.csv")["truth"].tolist() == [1.0]


# ---------------------------------------------------------------- the project's own


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_known_answers_each_once_with_an_honest_tolerance(room):
    found = cases(room)
    names = [(each.instrument, each.name) for each in found]
    assert found and len(set(names)) == len(names)
    assert all(each.below >= 0 and each.above >= 0 and each.name for each in found)


def test_as_a_process_a_room_of_the_project_holds():
    began = time.monotonic()
    command = [sys.executable, "-m", "vmi", "verify", "tasks"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("known answers, all hold")
    assert time.monotonic() - began < 120
