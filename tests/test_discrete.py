import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from vmi.errors import NotApplicable
from vmi.mi.discrete import miller_madow, plug_in
from vmi.verify.classical import channel_table, of_table, table_information

TABLE = np.array([[0.2, 0.05, 0.15], [0.1, 0.4, 0.1]])
small = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4)), min_size=2, max_size=60)


def draw(probabilities, n, seed):
    chosen = np.random.default_rng(seed).choice(probabilities.size, n, p=probabilities.ravel())
    return np.unravel_index(chosen, probabilities.shape)


def expected_plug_in(p, n):
    """E of the plug-in information of n draws, exactly: each count is binomial."""
    counts = np.arange(1, n + 1)
    share = counts / n

    def entropy(q):
        return -sum((binom.pmf(counts, n, cell) * share * np.log(share)).sum() for cell in q)

    return entropy(p.sum(0)) + entropy(p.sum(1)) - entropy(p.ravel())


@given(small)
def test_it_is_what_scikit_learn_says(pairs):
    from sklearn.metrics import mutual_info_score

    x, y = np.array(pairs).T
    assert plug_in(x, y).value == pytest.approx(mutual_info_score(x, y), abs=1e-12)


@given(small, st.integers(0, 100))
def test_names_order_and_sides_are_no_matter(pairs, seed):
    x, y = np.array(pairs).T
    order = np.random.default_rng(seed).permutation(len(x))
    for estimator in (plug_in, miller_madow):
        value = estimator(x, y).value
        assert estimator(y, 10 - 7 * x).value == pytest.approx(value, abs=1e-12)
        assert estimator(x[order], y[order]).value == pytest.approx(value, abs=1e-12)


@given(small)
def test_no_value_exceeds_the_ceiling_and_x_itself_attains_it(pairs):
    x, y = np.array(pairs).T
    made, own = plug_in(x, y), plug_in(x, x)
    assert -1e-12 <= made.value <= made.ceiling + 1e-12
    assert own.value == pytest.approx(own.ceiling, abs=1e-12)
    assert miller_madow(x, x).value == pytest.approx(miller_madow(x, x).ceiling, abs=1e-12)


def test_several_columns_are_one_joint_value():
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (500, 3))
    whole = bits @ [1, 2, 4]
    assert plug_in(bits, whole).value == pytest.approx(plug_in(whole, whole).value, abs=1e-12)
    parity = bits.sum(1) % 2
    assert plug_in(bits, parity).value > 0.69 > 0.02 > plug_in(bits[:, 0], parity).value


def test_values_however_large_do_not_collide():
    x = np.array([0, 2**62, -(2**62), 5] * 10)
    wide = np.repeat(x[:, None], 40, 1)
    assert plug_in(wide, x).value == pytest.approx(math.log(4), abs=1e-12)


def test_the_bias_in_simulation_is_the_exact_one():
    values = [plug_in(*draw(TABLE, 40, seed)).value for seed in range(2000)]
    error = np.std(values) / math.sqrt(2000)
    assert np.mean(values) == pytest.approx(expected_plug_in(TABLE, 40), abs=4 * error)


@pytest.mark.parametrize("n", [100, 200, 400])
def test_miller_madow_takes_off_nearly_all_of_the_bias(n):
    """With all cells seen, it is the plug-in value less (3 - 1)(2 - 1) / 2N."""
    truth, expected = table_information(TABLE), expected_plug_in(TABLE, n)
    correction = (2 + 3 - 6 - 1) / (2 * n)
    assert abs(expected + correction - truth) < 0.1 * (expected - truth)
    x, y = draw(TABLE, 400, 0)
    assert miller_madow(x, y).value - plug_in(x, y).value == pytest.approx(-2 / 800, abs=1e-12)


def test_the_standard_error_is_the_spread_of_repeated_draws():
    made = [plug_in(*draw(TABLE, 500, seed)) for seed in range(200)]
    spread = np.std([m.value for m in made], ddof=1)
    assert 0.8 < np.mean([m.stderr for m in made]) / spread < 1.25


def test_without_dependence_the_standard_error_is_some_40_percent_too_large():
    free = np.full((3, 3), 1 / 9)
    made = [plug_in(*draw(free, 500, seed)) for seed in range(300)]
    spread = np.std([m.value for m in made], ddof=1)
    assert 1.1 < np.mean([m.stderr for m in made]) / spread < 1.7


@pytest.mark.parametrize("estimator", [plug_in, miller_madow])
def test_a_constant_scores_zero_without_error(estimator):
    made = estimator(np.zeros(10, int), np.arange(10))
    assert made.value == pytest.approx(0, abs=1e-12)
    assert made.ceiling == made.stderr == 0


def test_one_row_and_truth_values_are_arrays_too():
    assert plug_in([3], [4]).value == 0
    x, y = of_table(channel_table(0.1))
    assert plug_in(x > 0, y > 0).value == pytest.approx(plug_in(x, y).value, abs=1e-12)


def test_an_estimate_says_what_it_is():
    made = plug_in([0, 0, 1, 1], [0, 1, 0, 1])
    assert (made.unit, made.bound, made.n, made.convention) == ("nats", "", 4, "plug-in")


@pytest.mark.parametrize("estimator", [plug_in, miller_madow])
def test_floats_and_lengths_that_differ_are_refused(estimator):
    with pytest.raises(NotApplicable, match="y is of floats"):
        estimator([0, 1], [0.0, 1.0])
    with pytest.raises(NotApplicable, match="differ in length"):
        estimator([0, 1], [0, 1, 1])
