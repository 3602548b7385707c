"""Tests of independence: p-values by permutation, the null they stand for, and how they are called.

Their known answers stand in vmi/verify/independence.py.
"""

import json
import math

import numpy as np
import pytest
import torch

import vmi
from vmi.__main__ import main
from vmi.errors import NotApplicable, UserError
from vmi.independence import TESTS
from vmi.independence.calling import make
from vmi.independence.knn import cmi_knn
from vmi.independence.reordered import informations
from vmi.mi.orders import global_orders, local_orders
from vmi.mi.permutation import p_value
from vmi.mi.spaces import Space, space
from vmi.random import generator
from vmi.tasks import TRIPLES

OURS = [name for name in TESTS if name not in ("kci", "rcit")]
FEW = {"permutations": 19}


def sample(task, n=120, seed=0):
    return TRIPLES.make(task).sample(n, generator(task, seed))


def settings(name):
    return FEW if name.startswith("cmi-knn") else {}


# ---------------------------------------------------------------- the contract of a test


@pytest.mark.parametrize("name", OURS)
def test_an_outcome_has_a_p_value_a_statistic_and_says_how(name):
    x, y, z = sample("discrete")
    for given in (z, None):
        outcome = make(name, settings(name))(x, y, given, generator(0))
        assert 0 < outcome.p <= 1 and outcome.n == 120 and outcome.convention
        assert outcome.unit == "nats" and math.isfinite(outcome.statistic)


@pytest.mark.parametrize("name", OURS)
def test_the_same_seed_gives_the_same_p_value(name):
    x, y, z = sample("discrete")
    made = [make(name, settings(name))(x, y, z, generator(seed)) for seed in (0, 0, 1)]
    assert made[0] == made[1]
    assert made[0].statistic == made[2].statistic


@pytest.mark.parametrize("name", OURS)
def test_x_and_y_may_change_places_but_for_chance(name):
    x, y, z = sample("discrete")
    one, other = (make(name, settings(name))(*pair, z, generator(0)) for pair in ((x, y), (y, x)))
    assert one.statistic == pytest.approx(other.statistic, abs=1e-12)


@pytest.mark.parametrize("name", ["kci", "rcit"])
def test_a_rival_that_is_not_installed_says_so(name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "causallearn", None)
    with pytest.raises(NotApplicable, match=r"causal-learn.*pip install 'vmi\[peers\]'"):
        make(name)(*sample("direct-1"), generator(0))


def test_a_rival_of_many_steps_says_how_many_rows_it_takes():
    with pytest.raises(NotApplicable, match="300 rows"):
        make("kci", {"most": 299})(*sample("direct-1", 300), generator(0))


@pytest.mark.parametrize("name", TRIPLES)
def test_a_triple_is_drawn_with_its_truth(name):
    task = TRIPLES.make(name)
    x, y, z = task.sample(7, generator(0))
    assert x.shape == y.shape == (7, 1) and (z is None or len(z) == 7)
    assert task.null == (task.truths.get("p-value") == 0.5) == (task.information == 0)
    again = task.sample(7, generator(0))
    assert (x == again[0]).all() and (y == again[1]).all()


def test_the_number_of_a_triple_is_that_of_the_columns_of_z():
    assert TRIPLES.make("common-cause-5").sample(3, generator(0))[2].shape == (3, 5)
    assert TRIPLES.make("direct-0").sample(3, generator(0))[2] is None


# ---------------------------------------------------------------- orders


def test_local_orders_take_neighbours_and_hardly_one_twice():
    z = np.sort(np.random.default_rng(0).normal(size=(200, 1)), 0)
    orders = local_orders(Space([z]), 50, generator(0), near=5)
    assert orders.shape == (50, 200)
    distance = np.abs(z[orders, 0] - z[:, 0])
    fifth = np.sort(np.abs(z - z.T), 1)[:, 4]
    assert (distance <= fifth).all()
    distinct = np.mean([len(set(order)) for order in orders.tolist()]) / 200
    assert distinct > 0.85  # of rows that each draw for themselves, 1 - 1 / e
    assert np.mean(orders == np.arange(200)) < 0.4


def test_each_neighbour_is_taken_as_often_as_any_other():
    z = np.repeat(np.arange(40.0), 3)[:, None] + np.tile([0, 0.1, 0.2], 40)[:, None]
    orders = local_orders(Space([z]), 3000, generator(0), near=3)
    rows = np.arange(120) // 3
    assert (orders // 3 == rows).all()
    assert all(sorted(order) == list(range(120)) for order in orders[:20].tolist())
    shares = [np.mean(orders[:, 3] == 3 + j) for j in range(3)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.05)


def test_neighbours_are_of_one_class_and_a_class_of_two_has_two():
    z = Space([np.zeros((6, 1)) + np.arange(6)[:, None] / 100], np.array([0, 0, 0, 0, 1, 1]))
    orders = local_orders(z, 200, generator(0), near=5)
    assert (orders[:, :4] < 4).all() and (orders[:, 4:] >= 4).all()


def test_columns_of_few_values_are_classes_beside_amounts():
    rng = np.random.default_rng(0)
    values = np.stack([rng.integers(0, 2, 90), rng.normal(size=90), rng.integers(0, 3, 90)], 1)
    there = space(values, "ranks")
    assert there.margins[0].shape == (90, 1) and len(set(there.classes.tolist())) == 6
    orders = local_orders(there, 20, generator(0))
    assert (there.classes[orders] == there.classes).all()
    crumbs = space(rng.integers(0, 2, (90, 8)), "ranks")  # 256 classes of 90 rows
    assert crumbs.classes is None and crumbs.margins[0].shape == (90, 8)


def test_a_cause_of_both_kinds_is_conditioned_on():
    rng = np.random.default_rng(0)
    z = np.stack([rng.integers(0, 2, 300), rng.normal(size=300)], 1)
    x, y = 2 * z[:, 0] + z[:, 1] + rng.normal(size=(2, 300))
    assert cmi_knn(x, y, z, generator(0), permutations=99).p > 0.05
    assert cmi_knn(x, y, z[:, 1], generator(0), permutations=99).p == 0.01


def test_global_orders_are_permutations():
    orders = global_orders(9, 100, generator(0))
    assert (np.sort(orders, 1) == np.arange(9)).all() and len({*map(tuple, orders.tolist())}) == 100


# ---------------------------------------------------------------- p-values


def test_a_p_value_is_never_0_and_counts_what_is_equal():
    assert p_value(9.0, np.zeros(99)) == 0.01
    assert p_value(0.0, np.zeros(99)) == 1.0
    assert p_value(0.3, np.array([0.1 + 0.2])) == 1.0


def test_blocks_of_rows_and_of_orders_change_nothing(monkeypatch):
    x, y, z = (space(a, "normal") for a in sample("direct-3", 90))
    orders = global_orders(90, 7, generator(0))
    whole = informations(x, y, z, 5, orders)
    monkeypatch.setattr("vmi.independence.reordered.CELLS", 1000)
    assert informations(x, y, z, 5, orders) == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize(("k", "near"), [(7, 7), (0.1, 12), (0.001, 1), (0.5, 60)])
def test_k_is_a_number_or_a_fraction_of_the_rows(k, near):
    outcome = cmi_knn(*sample("direct-1"), generator(0), k=k, **FEW)
    assert outcome.convention.startswith(f"k={near}, ")


@pytest.mark.parametrize("k", [120, 0, -1, 2.5, 1000])
def test_another_k_is_refused(k):
    with pytest.raises(NotApplicable, match=f"k is {k}: "):
        cmi_knn(*sample("direct-1"), generator(0), k=k, **FEW)


def test_unknown_margins_are_refused():
    with pytest.raises(NotApplicable, match="the margins 'rank' are none of"):
        cmi_knn(*sample("direct-1"), generator(0), margins="rank")


@pytest.mark.parametrize("margins", ["normal", "ranks", "standardised"])
def test_dependence_is_seen_with_any_margins(margins):
    outcome = cmi_knn(*sample("sign", 300), generator(0), margins=margins, permutations=99)
    assert outcome.p == 0.01


def test_repeated_amounts_have_a_warning_and_a_p_value():
    x, y, z = sample("common-cause-1", 200)
    outcome = cmi_knn(x.round(1), y.round(1), z, generator(0), **FEW)
    assert "repeat: the statistic is no estimate" in outcome.warning and outcome.p > 0


def test_a_constant_given_all_else_is_no_dependence():
    assert make("fisher-z")(np.arange(9.0), np.arange(9.0), np.arange(9.0), generator(0)).p == 1
    assert make("g-test")(np.arange(9) % 2, np.arange(9) % 2, np.arange(9) % 2, generator(0)).p == 1


def test_the_g_test_says_where_rows_are_few_and_refuses_amounts():
    x, y, z = sample("discrete", 30)
    assert "too few for the chi-square" in make("g-test")(x, y, z, generator(0)).warning
    with pytest.raises(NotApplicable, match="z is continuous"):
        make("g-test")(x, y, np.random.default_rng(0).normal(size=30), generator(0))


def test_fisher_refuses_several_columns_and_too_few_rows():
    x = np.random.default_rng(0).normal(size=(9, 7))
    with pytest.raises(NotApplicable, match="x or y has more"):
        make("fisher-z")(x, x[:, 0], None, generator(0))
    with pytest.raises(NotApplicable, match="9 rows are too few to correlate given 7 columns"):
        make("fisher-z")(x[:, 0], x[:, 1], x, generator(0))


# ---------------------------------------------------------------- as a user calls them


def test_the_frame_has_the_p_value_and_the_statistic_of_each_test():
    x, y, z = sample("direct-1", 200)
    found = vmi.independence(x, y, z, tests=["fisher-z", "cmi-knn-5"]).set_index("method")
    names = ["fisher-z", "fisher-z/statistic", "cmi-knn-5", "cmi-knn-5/statistic"]
    assert list(found.index) == names
    assert found.loc["fisher-z/statistic", "unit"] == "nats"
    assert found.loc["cmi-knn-5", "stderr"] > 0
    same = vmi.independence(x, y, z, tests="cmi-knn-5")["value"]
    assert list(same) == list(found["value"])[2:]


def test_all_that_applies_is_made_and_no_z_is_no_error():
    x, y, _ = sample("direct-0", 60)
    found = {*vmi.independence(x, y)["method"]}
    assert {"cmi-knn", "cmi-knn-global", "fisher-z"} <= found and "g-test" not in found


def mine(x, y):
    return 0.25


def test_a_test_of_the_users_own_is_called_with_what_it_asks_for():
    found = vmi.independence([1, 2, 3], [3, 1, 2], tests=[mine]).set_index("method")
    assert found.loc["mine", "value"] == 0.25


def wrong(x, y, weights):
    return 0.25


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tests": "fisher"}, "did you mean 'fisher-z'"),
        ({"tests": [wrong]}, "asks for 'weights'"),
        ({"x": [1, 1, 1]}, "'x' is constant"),
        ({"z": [1, 2]}, "differ in their number of rows"),
    ],
)
def test_what_is_wrong_is_told(given, said):
    arrays = {"x": [1, 2, 3], "y": [1, 3, 2], "z": [0.5, 0.1, 0.2]}
    with pytest.raises(UserError, match=said):
        vmi.independence(**{**arrays, **given})


def test_the_command_prints_rows(tmp_path, capsys):
    x, y, z = sample("direct-1", 60)
    np.savez(path := tmp_path / "t.npz", x=x, y=y, z=z)
    assert main(["independence", str(path), "--tests", "fisher-z", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["method"] for row in rows] == ["fisher-z", "fisher-z/statistic"]
    assert main(["independence", str(path), "--tests", "cmi-knn"]) == 0
    assert "cmi-knn/statistic" in capsys.readouterr().out


def test_grouped_rows_are_refused(tmp_path, capsys):
    np.savez(path := tmp_path / "t.npz", x=[1, 2, 3], y=[1, 3, 2], groups=[0, 0, 1])
    assert main(["independence", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "independent rows: keep one of each of the 'groups'" in error


def test_torch_tensors_are_taken():
    x = torch.arange(9.0)
    assert vmi.independence(x, x**2, tests="fisher-z")["value"][0] < 0.01
