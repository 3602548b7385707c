import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import digamma

from vmi.arrays import aligned
from vmi.errors import NotApplicable
from vmi.mi import boxes, distances, norms
from vmi.mi.neighbours import conditional_ksg, ksg, ksg2, ksg_euclidean, mixed_ksg
from vmi.verify.classical import (
    KSG_10,
    fork,
    normal_information,
    normal_pairs,
    poisson,
    poisson_information,
    staggered,
    staggered_information,
    two_pairs,
)

OF_TWO = [ksg, ksg2, mixed_ksg]


def standardised(values):
    return (values - values.mean(0)) / values.std(0)


def naive(x, y, k, norm=math.inf):
    """All four sums of Kraskov et al., point by point, from all distances."""
    x, y = standardised(x), standardised(y)
    n = len(x)
    squares, rectangles = [], []
    for i in range(n):
        near_x = np.linalg.norm(x - x[i], norm, 1) if norm == 2 else np.abs(x - x[i]).max(1)
        near_y = np.linalg.norm(y - y[i], norm, 1) if norm == 2 else np.abs(y - y[i]).max(1)
        order = np.argsort(np.maximum(near_x, near_y))[1 : k + 1]
        radius = np.maximum(near_x, near_y)[order[-1]]
        others = np.arange(n) != i
        inside = [(d[others] < radius).sum() for d in (near_x, near_y)]
        squares.append(digamma(inside[0] + 1) + digamma(inside[1] + 1))
        inside = [(d[others] <= d[order].max()).sum() for d in (near_x, near_y)]
        rectangles.append(digamma(inside[0]) + digamma(inside[1]))
    start = digamma(k) + digamma(n)
    return start - np.mean(squares), start - 1 / k - np.mean(rectangles)


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("dimensions", [1, 2, 5, 12])
def test_both_algorithms_do_as_written_point_by_point(k, dimensions):
    x, y = normal_pairs(0.7, 150, dimensions)
    published = {"k": k, "margins": "standardised"}
    found = [ksg(x, y, **published).value, ksg2(x, y, **published).value]
    assert found == pytest.approx(naive(x, y, k), abs=1e-12)


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_euclidean_margins_do_as_written_too(dimensions):
    x, y = normal_pairs(0.7, 150, dimensions)
    found = ksg_euclidean(x, y, margins="standardised").value
    assert found == pytest.approx(naive(x, y, 3, 2)[0], abs=1e-12)
    assert ksg_euclidean(x, y).value == ksg(x, y, norm="euclidean").value


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6])
@pytest.mark.parametrize("digits", [1, 15])
def test_trees_sorting_and_sets_agree_even_on_a_lattice(monkeypatch, dimensions, digits):
    x, y = (np.round(a, digits) for a in normal_pairs(0.7, 400, dimensions))
    found = [ksg(x, y).value, mixed_ksg(x, y).value, conditional_ksg(x, y, x[:, ::-1] + y).value]
    monkeypatch.setattr(distances, "SEARCH_BY_TREE", 0)
    monkeypatch.setattr(distances, "count_by_sorting", boxes.count)
    monkeypatch.setattr(norms, "CELLS", 4_321)
    monkeypatch.setattr(boxes, "POINTS", 128)
    monkeypatch.setattr(boxes, "WORDS", 1_000)
    again = [ksg(x, y).value, mixed_ksg(x, y).value, conditional_ksg(x, y, x[:, ::-1] + y).value]
    assert again == pytest.approx(found, abs=1e-12)


KINDS = {
    "normal": lambda draw, d: draw.standard_normal((500, d)),
    "lattice": lambda draw, d: draw.integers(0, 3, (500, d)).astype(float),
    "heavy tails, far off": lambda draw, d: 1e6 + draw.standard_t(1, (500, d)),
    "few outliers": lambda draw, d: draw.standard_t(3, (500, d)),
    "too large for single precision": lambda draw, d: 1e25 * draw.standard_normal((501, d)),
    "near copies": lambda draw, d: (
        np.repeat(draw.standard_normal((100, d)), 5, 0) + 1e-9 * draw.standard_normal((500, d))
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", [(1, 1), (3, 1), (9, 14)])
@pytest.mark.parametrize("norm", norms.NORMS)
def test_neighbours_and_counts_are_those_of_all_distances(kind, columns, norm):
    draw = np.random.default_rng(0)
    margins = [KINDS[kind](draw, d) for d in columns]
    every = norms.between(margins, slice(None), slice(None), norm)
    radius = distances.kth_distances(margins, 4, norm)
    assert radius == pytest.approx(np.sort(every, 1)[:, 4], rel=1e-12)
    for strict in (True, False):
        slack = distances._slack(margins, radius)
        reach = (radius - slack if strict else radius + slack)[:, None]
        found = distances.count_others(margins, radius, norm, strict=strict)
        assert (found == np.maximum((every <= reach).sum(1), 1) - 1).all()


def test_on_continuous_data_the_mixed_estimate_is_ksg_but_for_ln_n():
    x, y = normal_pairs(0.7, 500, 2)
    difference = mixed_ksg(x, y).value - ksg(x, y).value
    assert difference == pytest.approx(math.log(500) - digamma(500), abs=1e-12)


def test_on_discrete_data_the_mixed_estimate_is_a_sum_of_digammas_of_counts():
    x = np.repeat([0, 0, 1, 1], [40, 10, 20, 30])
    y = np.repeat([0, 1, 0, 1], [40, 10, 20, 30])
    joint = sum(n * digamma(n) for n in (40, 10, 20, 30))
    margins = sum(n * digamma(n) for n in (50, 50, 60, 40))
    expected = math.log(100) + (joint - margins) / 100
    assert mixed_ksg(x, y).value == pytest.approx(expected, abs=1e-12)
    assert mixed_ksg(x, y + 0.5).value == pytest.approx(expected, abs=1e-12)


def test_a_column_half_discrete_and_half_continuous_is_no_matter():
    """Where x is the atom 0, y is free; else y = x + noise: I = I(atom) + half of that within."""
    rng = np.random.default_rng(0)
    n, atom = 20_000, rng.random(20_000) < 0.5
    u = rng.random((2, n))
    x = np.where(atom, 0.0, 2 + u[0])
    y = np.where(atom, u[1], 2 + u[0] + 1.5 * (u[1] - 0.5))  # from 1.25 up: apart from the atom's
    truth = math.log(2) + 1 / (4 * 0.75) / 2
    assert mixed_ksg(x, y).value == pytest.approx(truth, abs=0.04)


def test_two_pairs_have_the_sum_of_their_information():
    x, y = normal_pairs(0.5, 5000, 2)
    for estimator in OF_TWO:
        assert estimator(x, y).value == pytest.approx(normal_information(0.5, 2), abs=0.05)


def test_in_many_dimensions_it_fails_as_published_and_the_max_norm_more():
    x, y = two_pairs(25, 2000)
    euclidean, largest = ksg(x, y, k=10, norm="euclidean").value, ksg(x, y, k=10).value
    assert 0 < largest < euclidean - 0.02 < KSG_10[25] < normal_information(0.8, 2)


def test_a_free_condition_changes_little():
    x, y = normal_pairs(0.7, 5000)
    z = np.random.default_rng(1).standard_normal(5000)
    assert conditional_ksg(x, y, z).value == pytest.approx(normal_information(0.7), abs=0.08)


def test_a_constant_condition_leaves_ksg_but_for_the_count_of_all():
    x, y = normal_pairs(0.7, 500)
    assert conditional_ksg(x, y, np.zeros(500)).value == pytest.approx(ksg(x, y).value, abs=1e-12)


DRAWS = {
    "ksg, free": (ksg, lambda s: normal_pairs(0.0, 500, seed=s)),
    "ksg, rho .8": (ksg, lambda s: normal_pairs(0.8, 500, seed=s)),
    "ksg, 3 pairs": (ksg, lambda s: normal_pairs(0.8, 1000, 3, seed=s)),
    "ksg2, rho .8": (ksg2, lambda s: normal_pairs(0.8, 500, seed=s)),
    "mixed, staggered": (mixed_ksg, lambda s: staggered(5, 500, s)),
    "mixed, Poisson": (mixed_ksg, lambda s: poisson(0.15, 500, s)),
    "conditional": (conditional_ksg, lambda s: fork(0.7, 500, s)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_standard_error_is_the_spread_of_repeated_draws(name):
    estimator, draw = DRAWS[name]
    made = [estimator(*draw(seed)) for seed in range(60)]
    spread = np.std([m.value for m in made], ddof=1)
    assert 0.7 < np.mean([m.stderr for m in made]) / spread < 1.5


@pytest.mark.parametrize("draw, truth", [
    (lambda s: staggered(5, 300, s), staggered_information(5)),
    (lambda s: poisson(0.15, 300, s), poisson_information(0.15)),
])  # fmt: skip
def test_the_mixed_estimate_is_nearly_unbiased(draw, truth):
    values = [mixed_ksg(*draw(seed)).value for seed in range(60)]
    assert np.mean(values) == pytest.approx(truth, abs=0.015 + 3 * np.std(values) / math.sqrt(60))


def test_the_published_poisson_value_holds_only_where_none_is_made_zero():
    k = np.arange(1, 100)
    published = 2 * math.log(2) - np.euler_gamma - float((np.log(k) * 0.5**k).sum())
    assert poisson_information(0.0) == pytest.approx(published, abs=1e-10)
    assert 0 < poisson_information(0.15) < 0.85 * published - 0.02


@pytest.mark.parametrize("estimator", OF_TWO)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), dimensions=st.integers(1, 4))
def test_order_units_and_sides_are_no_matter(estimator, seed, scale, dimensions):
    x, y = normal_pairs(0.6, 60, dimensions, seed)
    order = np.random.default_rng(seed).permutation(60)
    value = estimator(x, y).value
    # Ranks leave a distance in x and one in y alike, and which of both is a neighbour moves ksg2.
    near = 0.03 if estimator is ksg2 else 1e-12
    assert estimator(x[order], y[order]).value == pytest.approx(value, abs=near)
    assert estimator(y, x).value == pytest.approx(value, abs=near)
    assert estimator(3 + scale * x, y).value == pytest.approx(value, abs=1e-12)
    assert estimator(3 - scale * x, y).value == pytest.approx(value, abs=0.03)


@pytest.mark.parametrize("bend", [np.exp, np.cbrt, lambda x: x**3], ids=["exp", "cbrt", "cube"])
def test_a_monotone_map_of_a_column_changes_nothing(bend):
    x, y = normal_pairs(0.8, 1000, 2)
    for estimator in OF_TWO:
        assert estimator(bend(x), y).value == estimator(x, y).value
    assert conditional_ksg(x, y, bend(x + y)).value == conditional_ksg(x, y, x + y).value


@pytest.mark.parametrize("estimator", OF_TWO)
def test_the_same_arrays_give_the_same_bits(estimator):
    x, y = normal_pairs(0.6, 300, 2)
    assert estimator(x, y) == estimator(x.copy(), y.tolist())


def test_an_estimate_says_what_it_is_and_may_be_negative():
    values = [ksg(*normal_pairs(0.0, 200, seed=seed)) for seed in range(10)]
    assert min(v.value for v in values) < 0 < max(v.value for v in values)
    assert {(v.unit, v.bound, v.n, v.warning) for v in values} == {("nats", "", 200, "")}
    assert "k=3, max norm" in values[0].convention and "not clipped" in values[0].convention


def test_a_constant_scores_zero_and_says_so():
    _, y = normal_pairs(0.6, 300)
    assert ksg(np.zeros(300), y).value == pytest.approx(0, abs=1e-12)
    assert ksg(np.zeros(300), y).warning.startswith("100%")
    assert mixed_ksg(np.zeros(300), y).value == pytest.approx(math.log(300) - digamma(300))
    assert ksg(np.zeros((300, 2)), np.zeros(300)).value < 0.01  # finite, whatever it means


@pytest.mark.parametrize("estimator", [ksg, ksg2])
def test_repeated_values_raise_a_warning_and_the_mixed_estimate_takes_them(estimator):
    x, y = normal_pairs(0.6, 400)
    clipped = np.maximum(x, 0)
    assert estimator(clipped, y).warning.startswith("5")
    assert "mixed-ksg" in estimator(x, clipped).warning
    assert estimator(x.astype(np.float32), y).warning == "" == mixed_ksg(clipped, y).warning


@pytest.mark.parametrize("estimator", [ksg, ksg2])
def test_discrete_arrays_are_sent_elsewhere(estimator):
    x, y = normal_pairs(0.6, 50)
    with pytest.raises(NotApplicable, match="y is discrete"):
        estimator(x, (y > 0).astype(int))


@pytest.mark.parametrize("estimator", OF_TWO)
def test_too_few_points_are_refused_and_just_enough_are_not(estimator):
    x, y = normal_pairs(0.6, 4)
    assert math.isfinite(estimator(x, y, k=3).value)
    for k in (0, 4, 100):
        with pytest.raises(NotApplicable, match=f"k is {k}"):
            estimator(x, y, k=k)


def test_what_is_no_pair_of_arrays_is_refused_in_a_sentence():
    x, y = normal_pairs(0.6, 10)
    with pytest.raises(NotApplicable, match="differ in length: x 10, y 9"):
        ksg(x, y[:9])
    with pytest.raises(NotApplicable, match="y is empty or holds a number that is not finite"):
        mixed_ksg(x, np.full(10, np.nan))
    with pytest.raises(NotApplicable, match="x is empty"):
        aligned(x=np.zeros((10, 0)))
    with pytest.raises(NotApplicable, match="the norm 'l1' is none of max, euclidean"):
        ksg(x, y, norm="l1")


def test_the_modules_start_without_torch():
    code = "import sys, vmi.mi.discrete, vmi.mi.cca; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("size", [1e-170, 1e160, 1e200])
def test_the_unit_of_a_column_changes_nothing_however_large_or_small(size):
    x, y = normal_pairs(0.8, 500)
    assert ksg(size * x, y).value == pytest.approx(ksg(x, y).value, abs=1e-12)
    assert mixed_ksg(size * x, y).value == pytest.approx(mixed_ksg(x, y).value, abs=1e-12)


def test_classes_to_condition_on_are_told_apart():
    """x and y share a class, which binds them, and are correlated by .6 within each."""
    x, y = normal_pairs(0.6, 3000)
    z = np.arange(3000) % 3
    given = conditional_ksg(x + 5 * z[:, None], y - 4 * z[:, None], z)
    assert abs(given.value + math.log(1 - 0.36) / 2) < 4 * given.stderr < 0.15
    assert given.warning == ""
    assert ksg(x + 5 * z[:, None], y - 4 * z[:, None]).value > 1
