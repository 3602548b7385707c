"""P-values of estimates by permutations of y, and what each pair contributes to an estimate."""

import numpy as np
import pytest
import torch

import vmi
from vmi.__main__ import main
from vmi.errors import DataWarning, NotApplicable, UserError
from vmi.estimate import Estimate
from vmi.mi.neighbours import ksg
from vmi.mi.permutation import orders, p_value
from vmi.mi.stacks import stacked
from vmi.random import generator
from vmi.verify.classical import normal_pairs

X, Y = (a[:, 0] for a in normal_pairs(0.8, 60))
Z = np.random.default_rng(1).standard_normal(60)


def some(n, count=20, **settings):
    return orders(n, count, generator("orders"), **settings)


# ---------------------------------------------------------------- which rows change places


def test_all_rows_change_places():
    found = some(50)
    assert all((np.sort(order) == np.arange(50)).all() for order in found)
    assert len({tuple(order) for order in found}) == 20


@pytest.mark.parametrize("number", [int, float])
def test_rows_stay_in_their_class_of_z(number):
    z = (np.arange(60) % 3).astype(number)
    for order in some(60, z=z):
        assert (np.sort(order) == np.arange(60)).all() and (z[order] == z).all()


def test_rows_stay_among_the_neighbours_in_z():
    z = np.random.default_rng(0).permutation(500)  # as integers, each alone: so they are amounts
    for order in some(500, z=z, count=3):
        assert np.abs(z[order] - z).max() <= 4 and (order != np.arange(500)).mean() > 0.5
        assert len(set(order)) > 400  # most are taken once


def test_neighbours_are_of_one_class_where_z_has_both():
    amounts = np.random.default_rng(0).normal(size=300)
    z = np.stack([np.arange(300) % 3, amounts], 1)
    for order in some(300, z=z, count=3):
        assert (z[order, 0] == z[:, 0]).all() and (order != np.arange(300)).mean() > 0.5
        ranks = np.argsort(np.argsort(amounts.reshape(-1, 3), 0), 0).ravel()  # within each class
        assert np.abs(ranks[order] - ranks).max() <= 4


def test_groups_change_places_as_a_whole():
    groups = np.r_[np.repeat(np.arange(20), 3), 90, 90, 91, 91]
    for order in some(64, groups=groups):
        assert (np.sort(order) == np.arange(64)).all()
        assert all(len(set(groups[order][groups == g])) == 1 for g in set(groups))


def test_too_few_arrangements_are_refused_in_a_line():
    with pytest.raises(NotApplicable, match="only 6 arrangements"):
        some(3)
    with pytest.raises(NotApplicable, match="only 1 arrangements"):
        some(10, groups=np.repeat([0, 1, 2, 3], [1, 2, 3, 4]))
    with pytest.raises(NotApplicable, match="within neighbours of z"):
        some(60, z=Z, groups=np.arange(60))


def test_a_number_that_differs_by_rounding_is_the_same():
    assert p_value(0.3, [0.1 + 0.2, 0.3 - 1e-16, 0.2]) == 3 / 4
    assert p_value(1.0, [0.0] * 199) == 1 / 200


# ---------------------------------------------------------------- what a user sees


def test_a_row_after_each_estimate_says_how_often_chance_says_as_much():
    rows = vmi.mi(X, Y, estimators=["ksg-3", "cca", "plug-in"], permutations=39)
    assert rows["method"].tolist() == ["ksg-3", "ksg-3/p-value", "cca", "cca/p-value", "plug-in"]
    p = rows[rows["method"] == "ksg-3/p-value"].iloc[0]
    assert p["value"] == 1 / 40 and p["unit"] == "" and "39 permutations of y" in p["convention"]
    again = vmi.mi(X, Z, estimators="ksg-3", permutations=39)["value"]
    assert (
        again[1] > 0.05
        and (vmi.mi(X, Z, estimators="ksg-3", permutations=39)["value"] == again).all()
    )


def test_given_z_and_with_groups():
    given = vmi.mi(X, Y, Z, estimators="conditional-ksg-3", permutations=39).iloc[1]
    assert given["value"] == 1 / 40 and "alike in z" in given["convention"]
    groups = np.repeat(np.arange(30), 2)
    grouped = vmi.mi(X, Y, estimators="ksg-3", groups=groups, permutations=39).iloc[1]
    assert grouped["value"] == 1 / 40 and "equal size" in grouped["convention"]


def drawn(x, y, generator):
    return float(torch.rand(1, generator=generator))


@stacked
def fitted(x, y, generator):
    return [Estimate(drawn(None, None, g)) for g in generator]


@pytest.mark.parametrize("estimator", [drawn, fitted])
def test_permuted_rows_meet_the_same_random_numbers(estimator):
    rows = vmi.mi(X, Y, estimators=[estimator], permutations=25)
    assert rows["value"].iloc[-1] == 1.0


def test_several_numbers_have_no_p_value():
    def two(x, y):
        return [Estimate(1.0), Estimate(2.0, part="b")]

    rows = vmi.mi(X, Y, estimators=[two], permutations=5)
    assert "several numbers" in rows["error"].iloc[-1]


@pytest.mark.parametrize("wrong", [-1, 0.5, True, 10**9])
def test_a_number_of_permutations_that_is_none_is_refused(wrong):
    with pytest.raises(UserError, match="permutations is"):
        vmi.mi(X, Y, estimators="cca", permutations=wrong)


def test_local_values_are_a_column_whose_mean_is_the_estimate():
    with pytest.warns(DataWarning, match="^drawn: no local values"):
        rows = vmi.mi(X, Y, estimators=["ksg-5", drawn], local=True).set_index("method")
    assert rows["local"]["ksg-5"].shape == (60,) and rows["local"]["drawn"] is None
    assert rows["local"]["ksg-5"].mean() == pytest.approx(ksg(X, Y, k=5).value, abs=1e-12)
    assert "local" not in vmi.mi(X, Y, estimators="cca")
    with pytest.warns(DataWarning, match="of groups"):
        vmi.mi(X, Y, estimators="cca", groups=np.arange(60), local=True)


def test_the_command_prints_p_values_and_writes_local_values(tmp_path, capsys):
    pairs, terms = str(tmp_path / "pairs.npz"), tmp_path / "terms.npz"
    np.savez(pairs, x=X, y=Y)
    command = ["mi", pairs, "--estimators", "ksg-3,cca", "--permutations", "19"]
    assert main([*command, "--local", str(terms)]) == 0
    assert "cca/p-value    0.0500" in capsys.readouterr().out
    with np.load(terms) as written:
        assert written["ksg-3"].mean() == pytest.approx(ksg(X, Y).value, abs=1e-12)
    assert main([*command, "--local", str(tmp_path / "none" / "terms.npz")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
