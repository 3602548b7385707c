"""Statistics over seeds: intervals that cover as often as they say, against SciPy and by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_rel

from vmi.statistics import Share, holm, interval, p_value, paired, wilson

numbers = st.lists(st.floats(-50, 50), min_size=2, max_size=6)
pairs = st.lists(st.tuples(*[st.floats(-50, 50)] * 2), min_size=2, max_size=6)
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=6)


# --- a mean


def test_interval_of_a_constant_has_no_width():
    low, high = interval(np.full((3, 4), 2.5))
    assert (low == 2.5).all() and (high == 2.5).all()


@pytest.mark.parametrize("shape", [(1,), (3, 1)])
def test_one_seed_has_no_interval(shape):
    assert np.isnan(interval(np.ones(shape))).all()


@given(numbers)
def test_interval_of_a_mean_is_that_of_the_t_test(values):
    assume(np.std(values) > 1e-6)
    truth = ttest_1samp(values, 0).confidence_interval(0.95)
    np.testing.assert_allclose(interval(np.array(values)), truth, rtol=1e-9, atol=1e-9)


def test_interval_of_a_mean_by_hand():
    """1, 2, 3: mean 2, standard error 1 / sqrt 3, t(.975, 2) = 4.30265."""
    half = 4.30265 / math.sqrt(3)
    assert interval(np.array([1.0, 2.0, 3.0])) == pytest.approx((2 - half, 2 + half), abs=1e-5)


def test_the_interval_of_five_seeds_covers_the_truth_95_times_of_a_hundred():
    low, high = interval(np.random.default_rng(0).normal(size=(20_000, 5)))
    assert np.mean((low <= 0) & (high >= 0)) == pytest.approx(0.95, abs=0.01)


# --- a paired difference


@given(pairs, st.floats(-5, 5))
def test_a_paired_difference_is_that_of_the_t_test(given, bound):
    left, right = np.array(given).T
    assume(np.std(left - right) > 1e-6)
    difference = paired(left, right)
    truth = ttest_rel(left, right).confidence_interval(0.95)
    assert difference.mean == pytest.approx(np.mean(left - right), rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(difference.interval, truth, rtol=1e-7, atol=1e-9)
    for p, side in ((difference.above(bound), "greater"), (difference.below(bound), "less")):
        assert p == pytest.approx(ttest_rel(left, right + bound, alternative=side).pvalue, abs=1e-6)
    spread = np.std(left - right, ddof=1)
    assert difference.size == pytest.approx(np.mean(left - right) / spread, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("n", [2, 3, 5, 7])
def test_equal_differences_have_an_interval_of_no_width_and_leave_no_doubt(n):
    base = np.arange(n) / 10
    for left, right in ((base + 0.1, base), (np.full(n, 0.4), np.full(n, 0.3))):
        difference = paired(left, right)
        assert difference.mean == pytest.approx(0.1)
        assert difference.interval == pytest.approx((0.1, 0.1))
    assert (difference.above(0.05), difference.above(0.1), difference.below(0.2)) == (0, 1, 0)
    assert math.isnan(difference.size)


def test_few_pairs_have_no_interval():
    assert np.isnan([paired([], []).mean, *paired([], []).interval]).all()
    one = paired([3.0], [1.0])
    assert one.mean == 2 and np.isnan([*one.interval, one.above(0), one.below(0), one.size]).all()


# --- a share


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_share_has_wilsons_interval_in_closed_form(count, n):
    assume(count <= n)
    z, p = 1.959963984540054, count / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert wilson(count, n) == pytest.approx((middle - half, middle + half), abs=1e-9)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0.01, 0.99), st.floats(-0.3, 0.3))
def test_a_share_less_a_number_is_sure_of_what_its_interval_is(count, n, less, bound):
    assume(count <= n)
    share = Share(count, n, less)
    low, high = share.interval
    assert (low, high) == pytest.approx(np.subtract(wilson(count, n), less))
    assert share.mean == pytest.approx(count / n - less)
    assume(min(abs(low - bound), abs(high - bound)) > 1e-6)
    assert (share.above(bound) < 0.025) == (low > bound)
    assert (share.below(bound) < 0.025) == (high < bound)


def test_trials_that_all_end_alike_leave_a_doubt_and_none_leaves_all():
    share = Share(200, 200, 0.05)
    assert share.interval == pytest.approx((0.95 - (1 - 200 / 203.8415), 0.95), abs=1e-4)
    assert 0 < p_value(share, "above", 0.9) < 0.05 < p_value(share, "above", 0.94)
    assert np.isnan([Share(0, 0, 0.5).mean, *Share(0, 0, 0.5).interval]).all()
    assert math.isnan(p_value(Share(0, 0, 0.5), "above", 0.0))


def test_a_share_of_none_is_not_known_and_the_ends_stay_within_0_and_1():
    assert np.isnan(wilson(0, 0)).all()
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)


# --- many tests


def test_holm_by_hand():
    """Of .01, .03, .04: 3 x .01, 2 x .03, and .04, which may not be under the one before it."""
    assert holm([0.04, 0.01, 0.03]).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.2]).tolist() == [0.2] and holm([]).tolist() == []
    with_gap = holm([0.04, math.nan, 0.01])
    assert with_gap[[0, 2]].tolist() == pytest.approx([0.04, 0.02]) and math.isnan(with_gap[1])


@given(probabilities)
def test_holm_lies_between_no_correction_and_bonferronis_in_any_order(p):
    adjusted = holm(p)
    assert (adjusted >= p).all() and (adjusted <= np.minimum(1, len(p) * np.array(p))).all()
    for order in itertools.islice(itertools.permutations(range(len(p))), 6):
        assert (holm([p[i] for i in order]) == adjusted[list(order)]).all()
