"""SAP by squared correlations, by accuracies of channels, and by disentanglement_lib's tests."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.svm import LinearSVC

from vmi.arrays import standardised
from vmi.errors import NotApplicable
from vmi.metrics.fitting import split
from vmi.metrics.sap import determination, sap, top_gap
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes


def score(codes, factors, **settings):
    return sap(codes, factors, generator(0), **settings).value


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


def test_a_weak_linear_code_scores_its_squared_correlation():
    n, rho = 20_000, 0.3
    factor, noise, rest = normal(3, n)
    codes = np.stack([rho * factor + math.sqrt(1 - rho**2) * noise, rest], 1)
    stderr = 2 * rho * (1 - rho**2) / math.sqrt(n)
    assert score(codes, factor) == pytest.approx(rho**2, abs=3 * stderr + 9 / n)


def test_a_linear_code_of_two_dimensions_scores_the_difference():
    factor, a, b = normal(3, 5000)
    codes = np.stack([factor + a, factor + 2 * b], 1)
    squared = np.corrcoef(np.c_[codes, factor].T)[-1, :2] ** 2
    assert score(codes, factor) == pytest.approx(squared[0] - squared[1], abs=1e-12)


def test_r_squared_is_sklearns():
    x, y = normal(100, 4), normal(101)[1:]
    x[:, 2] = 7.0
    assert determination(x, y) == pytest.approx(LinearRegression().fit(x, y).score(x, y), abs=1e-12)
    assert determination(x[:, 2:3], y) == 0


def test_top_gap_by_hand():
    scores = np.array([[0.2, 0.9], [0.7, 0.1], [0.6, 0.5]])
    assert top_gap(scores) == pytest.approx((0.1 + 0.4) / 2)


def test_a_binary_channel_scores_its_accuracy_above_chance():
    """.9 found by the one dimension, 1 of 2 by a constant one."""
    stream = np.random.default_rng(0)
    factor = stream.integers(2, size=15_000)
    flipped = np.where(stream.random(15_000) < 0.1, 1 - factor, factor)
    found = score(np.stack([flipped, 0 * factor], 1), factor)
    assert found == pytest.approx(0.4, abs=3 * math.sqrt(0.09 / 5000))


def test_uneven_classes_earn_noise_nothing():
    """By plain accuracy a constant dimension would be 40% ahead of noise, or behind."""
    stream = np.random.default_rng(0)
    factor = (stream.random(15_000) < 0.1).astype(int)
    codes = np.stack([stream.normal(size=15_000), np.zeros(15_000)], 1)
    assert score(codes, factor) == pytest.approx(0, abs=3 * math.sqrt(0.25 / 500 + 0.25 / 4500) / 2)


def test_the_accuracy_is_that_of_sklearns_machine():
    stream = np.random.default_rng(0)
    factor = stream.integers(3, size=900)
    codes = np.c_[factor + stream.normal(size=900), np.zeros(900)]
    fit, test = split(900, generator(0))
    machine = LinearSVC(C=0.01, class_weight="balanced", dual=False)
    alone = standardised(codes[:, :1])
    found = machine.fit(alone[fit], factor[fit]).predict(alone[test])
    expected = balanced_accuracy_score(factor[test], found) - 1 / 3
    assert score(codes, factor) == pytest.approx(expected, abs=1e-9)


def test_a_categorical_block_is_one_dimension():
    factors = np.random.default_rng(0).integers((3, 4), size=(1500, 2))
    codes = one_hot_codes(*torch.from_numpy(factors).T, sizes=[3, 4])
    best = (2 / 3 + 3 / 4) / 2  # 1 - 1 / K
    assert score(codes, factors) == pytest.approx(best, abs=0.07)  # chance lifts the second
    assert score(codes, factors.astype(float)) == pytest.approx(1, abs=0.03)


def test_constant_codes_score_0():
    factors = np.random.default_rng(0).integers(4, size=(300, 2))
    assert score(np.full((300, 3), 2.0), factors) == 0


def test_a_line_misses_the_inner_classes_of_a_perfect_scalar():
    factor = np.arange(3000) % 10
    assert score(np.stack([factor, 0 * factor], 1), factor) < 0.5


@given(st.integers(0, 100), st.floats(0.1, 10), st.floats(-5, 5))
def test_scale_shift_and_order_do_not_matter_to_continuous_factors(stream, scale, shift):
    draws = np.random.default_rng(stream)
    codes, factors = draws.normal(size=(50, 3)), draws.normal(size=(50, 2))
    value = score(codes, factors)
    assert 0 <= value <= 1
    assert score(scale * codes[:, ::-1] + shift, -factors) == pytest.approx(value, abs=1e-9)


def test_the_same_generator_gives_the_same_number():
    factors = np.random.default_rng(0).integers(4, size=(600, 2))
    codes = factors + normal(600, 2)
    assert score(codes, factors) == score(codes, factors)
    assert sap(codes, factors, generator(1)).value != score(codes, factors)


@pytest.mark.parametrize(
    ("codes", "factors", "reason"),
    [
        (np.zeros(6), np.arange(6), "one"),
        (np.zeros((6, 2)), np.ones(6, int), "varies"),
        (np.full((6, 2), np.nan), np.arange(6), "not finite"),
    ],
)
def test_sap_without_a_meaning_is_not_applicable(codes, factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        score(codes, factors)
