"""Estimators are held against tasks on the same pairs, and whatever happens becomes a row."""

import numpy as np
import pandas as pd
import pytest

from vmi import records, tasks
from vmi.__main__ import main
from vmi.errors import UserError
from vmi.random import generator
from vmi.stages.check import check
from vmi.stages.cohort import cohort
from vmi.stages.where import where
from vmi.suites.cohorts import cohort_name
from vmi.suites.file import load_suite

GOOD = {
    "title": "T",
    "seeds": "[0, 1, 2]",
    "sizes": "[30, 60]",
    "tasks": "{a: [normal], b: [dense-2, mine:own]}",
    "estimators": "[ksg-3, mine:mean]",
}

MINE = """
import torch
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.tasks.task import Task

def own():
    def draw(n, generator):
        x = torch.rand(n, 1, generator=generator).double()
        return x, x
    return Task(0.5, draw)

def mean(x, y):
    return float((x[:, 0] * y[:, 0]).mean())

def noisy(x, y, generator, *, scale=1.0):
    return Estimate(float(scale * torch.rand((), generator=generator)), bound="lower", n=3)

def picky(x, y):
    if x[0, 0] > 0:
        raise ValueError("not this one")
    return 1.0

def silent(x, y):
    return float("nan")

def shy(x, y):
    raise NotApplicable("never")

def conditional(x, y, z):
    return 0.0

def nothing():
    return 3

def flat():
    return Task(0.0, lambda n, generator: (torch.zeros(n), torch.zeros(n)))

def broken():
    def draw(n, generator):
        raise KeyError("rows")
    return Task(0.0, draw)
"""

BAD = {
    "unknown task": ({"tasks": "{a: [normall]}"}, ["'normall'", "did you mean 'normal'"]),
    "unknown estimator": ({"estimators": "[kgs-3]"}, ["'kgs-3'", "did you mean"]),
    "a number for nothing": ({"estimators": "[cca-3]"}, ["cca-3", "no setting"]),
    "a third array": ({"estimators": "[mine:conditional]"}, ["'z'", "x, y, generator"]),
    "unknown key": ({"estimatros": "[cca]"}, ["estimatros", "did you mean 'estimators'"]),
    "both kinds": ({"models": "[vae]"}, ["'models'", "unknown key"]),
    "no sizes": ({"sizes": None}, ["sizes"]),
    "no tasks": ({"tasks": None}, ["tasks"]),
    "an empty group": ({"tasks": "{a: []}"}, ["tasks.a"]),
    "no groups": ({"tasks": "{}"}, ["tasks"]),
    "a group that is a path": ({"tasks": "{../up: [normal]}"}, ["tasks", "../up"]),
    "one pair": ({"sizes": "[1]"}, ["sizes.0", "1"]),
    "half a pair": ({"sizes": "[30.5]"}, ["sizes.0", "whole number"]),
    "a size twice": ({"sizes": "[30, 30]"}, ["sizes"]),
    "a task in two groups": ({"tasks": "{a: [normal], b: [normal]}"}, ["'normal'", "twice"]),
    "two names alike": ({"estimators": "[mine:mean, other:mean]"}, ["'mean'", "twice"]),
    "an impossible task": ({"tasks": "{a: [normal-2]}"}, ["between -1 and 1"]),
    "a task that is none": ({"tasks": "{a: [mine:nothing]}"}, ["mine:nothing", "int"]),
    "a task of no columns": ({"tasks": "{a: [mine:flat]}"}, ["mine:flat", "(2, Dx)"]),
    "a task that fails": ({"tasks": "{a: [mine:broken]}"}, ["mine:broken", "KeyError: 'rows'"]),
}


@pytest.fixture(scope="module")
def loaded():
    """A workplace forgets the modules that are first imported in it; some come only once."""
    check(load_suite("estimators-smoke"))


@pytest.fixture
def here(loaded, workplace):
    (workplace / "mine.py").write_text(MINE)
    return workplace


def written(**changes):
    lines = [f"{k}: {v}" for k, v in {**GOOD, **changes}.items() if v is not None]
    with open("suite.yaml", "w") as file:
        file.write("\n".join(lines) + "\n")
    return "suite.yaml"


def rows_of(here, group, estimator, **changes) -> pd.DataFrame:
    suite = load_suite(written(estimators=f"[{estimator}]", **changes))
    (method,) = suite.methods
    cohort(suite, group, method, suite.seeds, quiet=True)
    return records.read(where(suite).cell(group, method, cohort_name(suite.seeds)).records)


def draw(task, n, seed):
    """The pairs of a task that every estimator gets."""
    return tasks.load(task).sample(n, generator("task", task, n, seed))


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_code_2(case, here, capsys):
    changes, said = BAD[case]
    assert main(["check", "--suite", written(**changes)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(text in error for text in said), error


def test_a_good_suite_passes_the_check(here):
    assert main(["check", "--suite", written()]) == 0


@pytest.mark.parametrize("name", ["estimators", "estimators-smoke", "pictures"])
def test_the_suites_here_can_be_run(name):
    check(load_suite(name))


def test_the_big_suites_have_every_task_with_a_known_answer():
    from vmi.verify.tasks import cases

    suites = [load_suite(name) for name in ("estimators", "pictures")]
    assert {task for suite in suites for task in suite.tasks} == {c.instrument for c in cases()}
    assert [*suites[0].methods] == [*suites[1].methods]
    assert [len(suite.seeds) for suite in suites] == [5, 5]


def test_there_is_a_row_for_each_task_size_and_seed(here):
    rows = rows_of(here, "b", "ksg-3")
    cells = list(rows[["task", "size", "seed"]].itertuples(index=False, name=None))
    assert cells == [(t, n, s) for t in ("dense-2", "own") for n in (30, 60) for s in (0, 1, 2)]
    assert set(rows["method"]) == {"ksg-3"}
    assert set(rows["measure"]) == {"information"}
    assert set(rows["unit"]) == {"nats"}
    assert (rows["seconds"] > 0).all()
    assert rows["truth"].tolist() == [tasks.load("dense-2").information] * 6 + [0.5] * 6


def test_the_command_writes_what_the_function_writes(here):
    rows = rows_of(here, "a", "ksg-3")
    written(estimators="[ksg-3]")
    path = where(load_suite("suite.yaml")).cell("a", "ksg-3", "0-2")
    path.made.unlink()
    path.records.unlink()
    command = ["cohort", "--suite", "suite.yaml", "--task", "a", "--method", "ksg-3"]
    assert main([*command, "--seeds", "0-2", "--quiet"]) == 0
    again = records.read(path.records)
    assert again["value"].tolist() == rows["value"].tolist()


def test_a_users_own_estimator_may_return_a_number(here):
    rows = rows_of(here, "a", "mine:mean")
    wanted = [float((x * y).mean()) for x, y in (draw("normal", 30, s) for s in (0, 1, 2))]
    assert rows["value"].tolist()[:3] == wanted
    assert set(rows["method"]) == {"mean"}
    assert set(rows["error"]) == {""}


def test_a_trailing_number_and_a_generator_reach_the_estimator(here):
    rows = rows_of(here, "a", "mine:noisy")
    assert rows["value"].nunique() == 6
    assert set(rows["bound"]) == {"lower"}
    assert rows["size"].tolist() == [30] * 3 + [60] * 3
    assert set(rows["n"]) == {3}  # what the estimator says of itself
    where(load_suite("suite.yaml")).cell("a", "noisy", "0-2").made.unlink()
    assert rows_of(here, "a", "mine:noisy")["value"].tolist() == rows["value"].tolist()


def test_a_seed_that_fails_fails_alone(here):
    rows = rows_of(here, "a", "mine:picky", seeds="[0, 1, 2, 3, 4, 5, 6, 7]")
    failed = rows["value"].isna()
    assert 0 < failed.sum() < len(rows)
    assert set(rows.loc[failed, "error"]) == {"ValueError: not this one"}
    assert set(rows.loc[~failed, "error"]) == {""}


def test_a_number_that_is_none_has_its_reason(here):
    assert set(rows_of(here, "a", "mine:silent")["error"]) == {"the number is NaN"}
    rows = rows_of(here, "a", "mine:shy")
    assert set(rows["error"]) == {"never"}
    assert set(rows["state"]) == {"not applicable"}
    assert set(rows["size"]) == {30, 60}
    assert rows["truth"].notna().all()


def test_a_neural_estimators_seed_is_the_same_alone_and_among_others(here):
    together = rows_of(here, "a", "infonce", sizes="[40]", seeds="[0, 1]")
    alone = rows_of(here, "a", "infonce", sizes="[40]", seeds="[1]")
    assert together["error"].tolist() == ["", ""]
    assert together["value"][1] == pytest.approx(alone["value"][0], abs=1e-4)
    assert together["seconds"][0] == together["seconds"][1]


def test_pairs_depend_on_the_task_the_size_and_the_seed_alone(here):
    base = draw("normal", 30, 0)
    np.testing.assert_array_equal(draw("normal", 30, 0), base)
    for other in (draw("normal", 30, 1), draw("normal-0.5", 30, 0)):
        assert not np.array_equal(other, base)
    assert not np.array_equal(draw("normal", 31, 0)[0][:30], base[0])


def test_a_group_or_an_estimator_that_is_not_there_is_refused(here):
    suite = load_suite(written())
    with pytest.raises(UserError, match="group of this suite"):
        cohort(suite, "c", "ksg-3", [0])
    with pytest.raises(UserError, match="estimator of this suite"):
        cohort(suite, "a", "cca", [0])


def test_tasks_may_be_listed_without_groups(here):
    suite = load_suite(written(tasks="[normal, mine:own]"))
    assert suite.task_groups == {"normal": ["normal"], "own": ["own"]}


def test_seeds_added_later_are_a_cohort_of_their_own(here):
    before = rows_of(here, "a", "ksg-3", seeds="[0, 1]")
    suite = load_suite(written(estimators="[ksg-3]", seeds="[0, 1, 2]"))
    cohort(suite, "a", "ksg-3", [2], quiet=True)
    alone = records.read(where(suite).cell("a", "ksg-3", "2").records)
    assert set(alone["seed"]) == {2} and set(before["seed"]) == {0, 1}
