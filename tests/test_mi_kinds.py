"""What an array is to an estimator, and what each says where it is not to be trusted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi import ESTIMATORS
from vmi.mi.cca import cca
from vmi.mi.discrete import chao_shen, conditional_plug_in, james_stein, miller_madow, nsb, plug_in
from vmi.mi.kinds import also, are_few, bounded, codes_of, entropy_ceiling, without_density
from vmi.mi.limits import crowded
from vmi.mi.neighbours import conditional_ksg, ksg, ksg2, ksg_euclidean, mixed_ksg
from vmi.mi.variational import infonce
from vmi.random import generator
from vmi.references import asked_for
from vmi.tasks import load
from vmi.verify.classical import normal_pairs

COUNTED = [plug_in, miller_madow, chao_shen, nsb, james_stein]
BY_DISTANCE = [ksg, ksg2, ksg_euclidean, mixed_ksg]
FREE = np.random.default_rng(0).standard_normal((2000, 2))
LABELS = np.random.default_rng(1).integers(4, size=2000)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4)), min_size=1, max_size=60))
def test_codes_are_those_of_the_joint_values(rows):
    rows = np.array(rows)
    codes, count = codes_of(rows)
    assert count == len(np.unique(rows, axis=0)) == codes.max() + 1
    same = (rows[:, None] == rows).all(2)
    assert (same == (codes[:, None] == codes)).all()


@pytest.mark.parametrize("values, few", [
    (LABELS.astype(float), True),
    (np.eye(4)[LABELS], True),
    (FREE[:, 0] > 0, True),
    (FREE[:, 0], False),
    (FREE[:, 0].round(1), True),  # 60 values
    (FREE[:, 0].round(2), False),
    (np.maximum(FREE[:, 0], 0), False),
    (np.ones(2000), False),
    (LABELS[:30].astype(float), False),  # fewer than ten of each
])  # fmt: skip
def test_floats_of_few_values_are_classes(values, few):
    assert are_few(np.asarray(values, float).reshape(len(values), -1)) == few


def test_the_ceiling_is_the_least_entropy_of_a_discrete_side():
    assert entropy_ceiling(LABELS, FREE) == pytest.approx(math.log(4), abs=0.01)
    assert entropy_ceiling(LABELS, LABELS % 2) == pytest.approx(math.log(2), abs=0.01)
    assert entropy_ceiling(FREE, FREE) == math.inf
    made = bounded(Estimate(2.0, ceiling=5.0), LABELS, FREE)
    assert made.ceiling < 1.39 and "entropy of a discrete side, 1.38 nats" in made.warning
    assert bounded(Estimate(1.0), LABELS, FREE).warning == ""


def test_a_warning_is_said_once():
    made = also(also(Estimate(1.0), "one", ""), "two", "one")
    assert made.warning == "one; two"


@pytest.mark.parametrize("noise, said", [(1e-9, True), (0.01, True), (0.3, False)])
def test_near_copies_have_no_density(noise, said):
    copies = FREE[:, :1] + noise * np.random.default_rng(2).standard_normal((2000, 4))
    assert bool(without_density("y", copies)) == said
    assert without_density("y", np.hstack([FREE, FREE[:, :1]])).startswith("y holds near copies")


# ---------------------------------------------------------------- counts


@pytest.mark.parametrize("estimator", COUNTED)
@pytest.mark.parametrize("values, n", [(100, 1000), (1000, 1000)])
def test_a_sparse_table_says_so(estimator, values, n):
    x, y = np.random.default_rng(0).integers(values, size=(2, n))
    assert "occurs once" in estimator(x, y).warning
    x, y = np.random.default_rng(0).integers(4, size=(2, n))
    assert estimator(x, y).warning == ""


def test_a_table_that_is_full_but_biased_sends_to_the_remedies():
    x, y = np.random.default_rng(0).integers(30, size=(2, 2000))
    for estimator in (plug_in, miller_madow):
        assert "nsb" in estimator(x, y).warning
    assert abs(nsb(x, y).value) < 0.05 < plug_in(x, y).value
    assert "nats or more" in conditional_plug_in(x, y, x % 2).warning


@pytest.mark.parametrize("estimator", COUNTED)
def test_text_is_called_text(estimator):
    words = np.array(["a", "b"] * 20)
    with pytest.raises(NotApplicable, match=r"y holds text.*numpy.unique\(y"):
        estimator(LABELS[:40], words)
    with pytest.raises(NotApplicable, match="x is of floats"):
        estimator(FREE, LABELS)


@pytest.mark.parametrize("estimator", COUNTED)
def test_names_order_and_sides_are_no_matter(estimator):
    x, order = (LABELS + (FREE[:, 0] > 1)) % 4, np.random.default_rng(0).permutation(2000)
    value = estimator(x, LABELS).value
    assert estimator(LABELS, 10 - 7 * x).value == pytest.approx(value, abs=1e-9)
    assert estimator(x[order], LABELS[order]).value == pytest.approx(value, abs=1e-9)
    assert value <= estimator(x, LABELS).ceiling + 1e-9


# ---------------------------------------------------------------- neighbours


@pytest.mark.parametrize("estimator", BY_DISTANCE)
@pytest.mark.parametrize("of_x", [lambda x: x, lambda x: 3 - 2 * x, np.exp], ids=["x", "-x", "exp"])
def test_of_a_function_of_x_the_number_is_the_samples_and_there_is_no_interval(estimator, of_x):
    made = estimator(FREE[:, 0], of_x(FREE[:, 0]))
    assert "infinite" in made.warning and math.isnan(made.stderr)
    assert made.value == pytest.approx(made.ceiling)
    for z in (FREE[:, 1], LABELS):
        given_z = conditional_ksg(FREE[:, 0], of_x(FREE[:, 0]), z)
        assert "infinite" in given_z.warning and math.isnan(given_z.stderr)


@pytest.mark.parametrize("estimator", BY_DISTANCE)
def test_a_column_in_both_is_infinite_too(estimator):
    made = estimator(FREE, FREE[:, 1])
    assert "infinite" in made.warning and math.isnan(made.stderr)


@pytest.mark.parametrize("estimator", BY_DISTANCE)
@pytest.mark.parametrize("rho, n, said", [(0.9999, 2000, False), (0.999999, 500, True)])
def test_near_the_ceiling_it_says_so(estimator, rho, n, said):
    made = estimator(*normal_pairs(rho, n))
    truth = -math.log(1 - rho**2) / 2
    assert ("of the ceiling" in made.warning) == said
    assert said or abs(made.value - truth) < 0.1
    assert made.value < made.ceiling < math.log(n)


@pytest.mark.parametrize("estimator", BY_DISTANCE)
@pytest.mark.parametrize("n", [500, 2000])
def test_five_and_five_columns_are_silent_and_more_are_not(estimator, n):
    assert estimator(*load("dense-5").sample(n, generator(0, n))).warning == ""
    x, y = np.random.default_rng(0).standard_normal((2, n, 25))
    assert "few in 50 dimensions" in estimator(x, y).warning


def test_the_rule_of_dimensions_is_the_one_that_is_stated():
    for n, most in ((500, 10), (2000, 12), (10_000, 15)):
        assert crowded(n, most) == "" != crowded(n, most + 1)
    assert "few in 2048 dimensions" in crowded(500, 2048)


@pytest.mark.parametrize("estimator", BY_DISTANCE)
def test_what_a_normal_distribution_tells_more_is_said(estimator):
    x = np.random.default_rng(0).standard_normal((2000, 10))
    y = x.sum(1) + math.sqrt(0.9) * FREE[:, 0]
    assert "a normal distribution of the same correlations tells 1.2" in estimator(x, y).warning


@pytest.mark.parametrize("estimator", [ksg, ksg2, ksg_euclidean, mixed_ksg])
@pytest.mark.parametrize("n", [3000, 20_000])
def test_rounded_numbers_say_so(estimator, n):
    x, y = np.random.default_rng(0).normal(size=(2, n)).round(2)
    assert "before they were rounded" in estimator(x, y).warning


def test_integers_too_rare_for_classes_are_amounts_and_say_so():
    x = np.random.default_rng(0).integers(10_000, size=2000)
    made = mixed_ksg(x, FREE[:, 0])
    assert "x has 18" in made.warning and "amounts" in made.warning
    assert abs(made.value) < 0.1


def test_classes_of_few_points_say_so():
    z = np.arange(2000) // 3
    with_few = conditional_ksg(FREE[:, 0], FREE[:, 1], np.minimum(z, 620))
    assert "amounts" in with_few.warning


@pytest.mark.parametrize("norm", ["max", "euclidean"])
@pytest.mark.parametrize("margins", ["normal", "standardised"])
def test_every_estimate_by_neighbours_takes_norm_and_margins(norm, margins):
    x, y = normal_pairs(0.6, 1000, 2)
    z = FREE[:1000]
    settings = {"norm": norm, "margins": margins}
    made = [ksg2(x, y, **settings), mixed_ksg(x, y, **settings)]
    made.append(conditional_ksg(x, y, z, **settings))
    assert all(norm in m.convention and f"{margins} margins" in m.convention for m in made)
    assert [m.value for m in made[:2]] == pytest.approx([0.446] * 2, abs=0.15)
    for estimator in (ksg, ksg2, mixed_ksg):
        single = [estimator(x[:, 0], y[:, 0], norm=n, margins=margins).value for n in ("max", norm)]
        assert single[0] == single[1]


def test_euclidean_distances_given_z_do_as_written_point_by_point():
    from scipy.special import digamma

    x, y, z = (normal_pairs(0.5, 120, 2, seed)[0] for seed in range(3))
    y, z = y + x, z + x
    from vmi.arrays import standardised

    d = [np.linalg.norm(a[:, None] - a, axis=2) for a in map(standardised, (x, y, z))]
    joint, xz, yz = np.max(d, 0), np.maximum(d[0], d[2]), np.maximum(d[1], d[2])
    radius = np.sort(joint, 1)[:, 3, None] * (1 - 1e-12)
    counts = [digamma((space < radius).sum(1)) for space in (xz, yz, d[2])]
    truth = float((digamma(3) - counts[0] - counts[1] + counts[2]).mean())
    made = conditional_ksg(x, y, z, norm="euclidean", margins="standardised")
    assert made.value == pytest.approx(truth, abs=1e-9)


# ---------------------------------------------------------------- classes elsewhere


def test_cca_of_classes_says_so_and_has_their_entropy_as_ceiling():
    y = np.random.default_rng(0).integers(10, size=3000)
    made = cca(3.0 * y + 0.1 * np.random.default_rng(1).normal(size=3000), y)
    assert "not normal" in made.warning and "entropy of a discrete side" in made.warning
    assert made.ceiling == pytest.approx(math.log(10), abs=0.01)
    assert cca(FREE[:, 0], FREE[:, 1]).warning == ""


def test_more_classes_than_rows_allow_are_amounts_and_say_so():
    labels = np.random.default_rng(0).integers(500, size=2000)
    made = infonce(FREE[:, 0], labels, generator(0), steps=2)
    assert "taken as amounts" in made.warning
    made = infonce(FREE[:, 0], labels % 100, generator(0), steps=2)
    assert "amounts" not in made.warning and made.ceiling <= math.log(128)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_estimator_names_the_entropy_of_a_discrete_side_as_its_ceiling(name):
    """Or something lower, or does not apply, or says what to beware of."""
    estimator, _ = ESTIMATORS.load(name)
    given = {"x": LABELS % 2, "y": LABELS, "z": LABELS // 2, "generator": generator(0)}
    wanted = asked_for(name, estimator, given)
    quick = {"steps": 2} if hasattr(estimator, "body") else {}
    try:
        made = estimator(*(given[w] for w in wanted), **quick)
    except NotApplicable:
        return
    assert made.ceiling <= math.log(2) + 1e-3
