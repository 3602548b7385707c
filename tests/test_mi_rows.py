"""Rows that depend on each other, and groups that keep them together."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

import vmi
from vmi.errors import NotApplicable, UserError
from vmi.mi.neighbours import ksg
from vmi.mi.rows import dependent_rows, of_groups, rows_of_groups
from vmi.mi.stacks import _rows
from vmi.mi.variational import infonce
from vmi.random import generator
from vmi.tasks import load


def repeated(copies, noise, n=400, columns=5, seed=0):
    """Independent x and y, each pair several times with a little noise, and which pair it is."""
    draw = np.random.default_rng(seed)
    which = draw.permutation(np.repeat(np.arange(n), copies))
    x, y = (
        draw.standard_normal((n, columns))[which]
        + noise * draw.standard_normal((len(which), columns))
        for _ in range(2)
    )
    return x, y, which


@pytest.mark.parametrize("copies, noise, columns", [
    (2, 0.0, 1), (2, 0.01, 5), (5, 0.0, 5), (5, 0.01, 5), (5, 0.2, 5), (5, 0.01, 1), (20, 0.05, 5),
])  # fmt: skip
def test_copies_are_found(copies, noise, columns):
    x, y, _ = repeated(copies, noise, columns=columns)
    assert "no independent draws" in dependent_rows(x, y)


@pytest.mark.parametrize("name", [
    "normal", "student-1x1-dof-1", "student-5x5-dof-2", "swiss-roll", "additive-noise-0.1",
    "two-pair-25", "spiral-two-pair-5", "staircase-4", "bumps-16",
])  # fmt: skip
def test_independent_rows_have_no_copies(name):
    for seed in range(3):
        assert dependent_rows(*load(name).sample(1000, generator(seed, name))) == ""


def test_what_repeats_by_nature_is_no_copy():
    draw = np.random.default_rng(0)
    labels, x, y = draw.integers(10, size=2000), *draw.standard_normal((2, 2000))
    centres = 20 * draw.standard_normal((10, 6))[labels]
    for pair in (
        (labels, labels % 2),
        (labels, x),
        (np.eye(10)[labels], labels),
        (x.round(2), y.round(2)),
        (np.maximum(x, 0), np.maximum(y, 0)),
        (x, x),
        (centres + draw.standard_normal((2000, 6)), labels),
    ):
        assert dependent_rows(*pair) == ""


@pytest.mark.parametrize("estimator", ["ksg-3", "infonce", "cca"])
def test_repeated_rows_are_flagged_and_by_groups_they_tell_nothing(estimator):
    x, y, which = repeated(5, 0.01)
    alone = vmi.mi(x, y, estimators=[estimator]).iloc[0]
    assert "groups" in alone["warning"]
    names = pd.Series([f"pair {i}" for i in which])
    together = vmi.mi(x, y, estimators=[estimator], groups=names).iloc[0]
    assert abs(together["value"]) < 0.15 and "copies" not in together["warning"]
    if estimator == "ksg-3":
        assert alone["value"] > 1


def test_a_group_is_in_one_part_and_seen_once_where_it_is_looked_at():
    groups = np.random.default_rng(0).integers(50, size=300)
    fit, held, report = _rows(300, generator(0), groups)
    parts = [set(groups[part.numpy()]) for part in (fit, held, report)]
    assert len(set.union(*parts)) == sum(map(len, parts)) == len(set(groups))
    assert len(held) == len(report) == len(parts[1]) == 10
    assert len(fit) == sum(g in parts[0] for g in groups)


def test_rows_of_groups_are_all_in_the_first_part():
    fit, held = rows_of_groups([7, 7, 2, 5, 2], [torch.tensor([2, 0]), torch.tensor([1])])
    assert sorted(fit.tolist()) == [0, 1, 2, 4] and held.tolist() == [3]


def test_one_row_a_group_is_the_estimate_of_these_rows():
    x, y, which = repeated(3, 0.0, n=100, columns=1)
    _, first = np.unique(which, return_index=True)
    made, once = of_groups(ksg, which)(x=x, y=y), ksg(x[first], y[first])
    assert made.n == 100 and made.value == pytest.approx(once.value, abs=1e-12)
    assert made.stderr == pytest.approx(once.stderr, rel=0.3)
    assert "one row a group" in made.convention


def test_several_numbers_have_no_mean_over_groups():
    with pytest.raises(NotApplicable, match="several numbers"):
        of_groups(lambda x: [1.0, 2.0], [0, 1])(x=np.zeros((2, 1)))


def test_too_few_groups_are_refused():
    x, y, _ = repeated(5, 0.0, n=20)
    with pytest.raises(NotApplicable, match="10 groups are too few"):
        infonce(x, y, generator(0), groups=np.arange(100) // 10)


def test_groups_are_read_from_a_file(tmp_path, capsys):
    x, y, which = repeated(5, 0.01)
    np.savez(tmp_path / "pairs.npz", x=x, y=y, groups=which)
    from vmi.commands.mi import mi

    mi(tmp_path / "pairs.npz", ["ksg-3"], json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert abs(row["value"]) < 0.15 and row["n"] == 400


def test_groups_of_another_length_are_refused():
    with pytest.raises(UserError, match=r"'groups' has the shape \(3,\), not \(100,\)"):
        vmi.mi(np.arange(100.0), np.arange(100.0), groups=[1, 2, 3])
