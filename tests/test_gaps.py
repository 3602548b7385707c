"""Gaps per dimension, by joint entropy and matched: by hand and against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from vmi.errors import NotApplicable
from vmi.metrics.gaps import dcimig, jemmig, mig_sup
from vmi.verify.grids import grid
from vmi.verify.parts import value
from vmi.verify.worlds import one_hot_codes

GAPS = [mig_sup, jemmig, dcimig]


def score(metric, codes, factors, part=""):
    return value(metric(codes, factors), part)


def entropy(x):
    return mutual_info_score(x, x)


def noisy(seed, n=300):
    """Codes of few values that tell a little of everything, and factors."""
    stream = np.random.default_rng(seed)
    factors = np.stack([stream.integers(k, size=n) for k in (2, 3, 5)], 1)
    mixed = factors @ stream.integers(0, 2, size=(3, 4)) + stream.integers(0, 2, size=(n, 4))
    return mixed.astype(float), factors


def told(codes, factors):
    return np.array([[mutual_info_score(z, v) for v in factors.T] for z in codes.T])


@pytest.mark.parametrize("metric", GAPS)
def test_a_perfect_code_scores_1_and_its_ceiling(metric):
    factors = grid(3, 4, 5)
    estimates = metric(factors.astype(float), factors)
    whole = estimates[0] if isinstance(estimates, list) else estimates
    assert (whole.value, whole.ceiling, whole.n) == (pytest.approx(1), pytest.approx(1), 60)


@pytest.mark.parametrize("metric", GAPS)
def test_categories_are_dimensions(metric):
    factors = grid(3, 4)
    assert score(metric, one_hot_codes(*factors.T, sizes=[3, 4]), factors) == pytest.approx(1)


@pytest.mark.parametrize(
    ("metric", "floor"), [(mig_sup, 0), (dcimig, 0), (jemmig, 1 - math.log(4) / math.log(80))]
)
def test_a_constant_code_scores_its_floor(metric, floor):
    factors = grid(4, 4)
    assert score(metric, np.ones((16, 2)), factors) == pytest.approx(floor)


@pytest.mark.parametrize(("metric", "truth"), [(mig_sup, 1), (dcimig, 1), (jemmig, 0.5)])
def test_only_some_gaps_mind_a_duplicate(metric, truth):
    """JEMMIG loses ln 20 of the ln 400 there is; with 20 values its floor is a half."""
    factors = grid(20, 20)
    assert score(metric, np.tile(factors, 2).astype(float), factors) == pytest.approx(truth)


@pytest.mark.parametrize("seed", range(4))
def test_gap_per_dimension_is_its_definition(seed):
    codes, factors = noisy(seed)
    shares = np.sort(told(codes, factors) / [entropy(v) for v in factors.T], 1)
    assert score(mig_sup, codes, factors) == pytest.approx((shares[:, -1] - shares[:, -2]).mean())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bins", [10, 20])
def test_joint_entropy_minus_gap_is_its_definition(seed, bins):
    codes, factors = noisy(seed)
    raw, scaled = [], []
    for v, column in zip(factors.T, told(codes, factors).T, strict=True):
        second, best = np.argsort(column)[-2:]
        joint = entropy(codes[:, best] * 10 + v)
        raw.append(joint - column[best] + column[second])
        scaled.append(1 - raw[-1] / (entropy(v) + math.log(bins)))
    whole, part = jemmig(codes, factors, bins=bins)
    assert (whole.value, part.value) == (
        pytest.approx(np.mean(scaled)),
        pytest.approx(np.mean(raw)),
    )
    assert (part.part, part.unit, whole.unit) == ("raw", "nats", "")


def test_joint_entropy_is_scaled_by_the_categories_of_a_block():
    factor = np.arange(6) % 2
    codes = one_hot_codes(factor, np.zeros(6, dtype=int), sizes=[2, 3])
    constant = one_hot_codes(np.zeros(6, int), np.zeros(6, int), sizes=[2, 2])
    assert score(jemmig, codes, factor) == pytest.approx(1)
    assert score(jemmig, constant, factor, "raw") == pytest.approx(math.log(2))


@pytest.mark.parametrize("seed", range(4))
def test_matched_gaps_are_their_definition(seed):
    codes, factors = noisy(seed)
    best = [0.0] * 3
    for row in told(codes, factors):
        second, first = np.argsort(row)[-2:]
        best[first] = max(best[first], row[first] - row[second])
    truth = sum(best) / sum(entropy(v) for v in factors.T)
    assert score(dcimig, codes, factors) == pytest.approx(truth)


def test_a_dimension_that_forgets_half_costs_what_it_forgets():
    unequal = grid(2, 8)
    lost = np.stack([unequal[:, 0], unequal[:, 1] // 4], 1).astype(float)
    assert score(dcimig, lost, unequal) == pytest.approx(2 / 4)  # of the bits of both
    assert score(mig_sup, lost, unequal) == pytest.approx((1 + 1 / 3) / 2)


def test_a_constant_dimension_is_no_dimension_of_the_gap_per_dimension():
    factors = grid(3, 4)
    padded = np.concatenate([factors, np.full((12, 3), 7)], 1).astype(float)
    assert score(mig_sup, padded, factors) == pytest.approx(1)


@pytest.mark.parametrize("metric", [mig_sup, dcimig])
def test_a_gap_between_factors_wants_two_that_vary(metric):
    with pytest.raises(NotApplicable, match="compares factors"):
        metric(np.random.default_rng(0).normal(size=(9, 2)), np.arange(9) % 3)


def test_joint_entropy_minus_gap_wants_two_dimensions():
    with pytest.raises(NotApplicable, match="compares dimensions"):
        jemmig(np.arange(9.0), np.arange(9) % 3)


@pytest.mark.parametrize("metric", GAPS)
@given(seed=st.integers(0, 500), n=st.integers(5, 60))
def test_scores_lie_between_0_and_1_and_forget_all_orders(metric, seed, n):
    codes, factors = noisy(seed, n)
    stream = np.random.default_rng(seed)
    order = stream.permutation(n)
    try:
        got = score(metric, codes, factors)
    except NotApplicable:
        return
    assert -1e-9 <= got <= 1 + 1e-9
    turned = codes[order][:, ::-1] * [1, -2, 3, 0.5], 9 - factors[order][:, ::-1]
    if metric is not jemmig:  # ties between dimensions leave it the choice of joint entropy
        assert score(metric, *turned) == pytest.approx(got, abs=1e-9)
