import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import digamma

from vmi.errors import NotApplicable
from vmi.mi.cca import cca
from vmi.verify.classical import normal_information, normal_pairs, two_pairs


def expected_surplus(n, from_x, from_y):
    """The bias for normal samples, exactly: by Bartlett's E ln det of a Wishart matrix."""

    def log_determinant(dimensions):
        return digamma((n - np.arange(1, dimensions + 1)) / 2).sum()

    return (
        log_determinant(from_x) + log_determinant(from_y) - log_determinant(from_x + from_y)
    ) / 2


@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (2, 5)])
def test_it_is_the_difference_of_log_determinants(sizes):
    x, y = np.split(np.random.default_rng(0).standard_normal((200, sum(sizes))), [sizes[0]], 1)
    y[:, 0] += x[:, -1]
    both = np.corrcoef(np.hstack([x, y]), rowvar=False)
    parts = both[: sizes[0], : sizes[0]], both[sizes[0] :, sizes[0] :], both
    of_x, of_y, of_both = (np.linalg.slogdet(part)[1] for part in parts)
    assert cca(x, y).value == pytest.approx((of_x + of_y - of_both) / 2, abs=1e-10)


def test_one_column_each_is_the_sample_correlation():
    x, y = normal_pairs(0.7, 100)
    rho = np.corrcoef(x[:, 0], y[:, 0])[0, 1]
    assert cca(x, y).value == pytest.approx(normal_information(rho), abs=1e-12)


@given(seed=st.integers(0, 1000), sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)))
def test_invertible_linear_maps_sides_and_order_are_no_matter(seed, sizes):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((50, sizes[0])), rng.standard_normal((50, sizes[1]))
    value = cca(x, y).value
    turned = x @ np.linalg.qr(rng.standard_normal((sizes[0],) * 2))[0] * 7 + 3
    order = rng.permutation(50)
    assert cca(y, turned).value == pytest.approx(value, abs=1e-9)
    assert cca(x[order], y[order]).value == pytest.approx(value, abs=1e-9)


def test_the_surplus_in_simulation_is_the_exact_one_and_about_half_dx_dy_over_n():
    values = [cca(*two_pairs(5, 100, seed)).value for seed in range(300)]
    surplus = np.mean(values) - normal_information(0.8, 2)
    assert surplus == pytest.approx(expected_surplus(100, 5, 5), abs=4 * np.std(values) / 17)
    assert expected_surplus(5000, 25, 25) == pytest.approx(25 * 25 / 10_000, rel=0.02)


@pytest.mark.parametrize("rho, n", [(0.3, 200), (0.8, 500), (0.99, 200)])
def test_the_standard_error_is_the_spread_of_repeated_draws(rho, n):
    made = [cca(*normal_pairs(rho, n, 2, seed)) for seed in range(300)]
    spread = np.std([m.value for m in made], ddof=1)
    assert 0.8 < np.mean([m.stderr for m in made]) / spread < 1.25


def test_the_standard_error_holds_off_the_normal():
    """A heavy tail spreads the correlation by more than the normal formula rho / sqrt(N) says."""
    made = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, y = normal_pairs(0.8, 500, seed=seed)
        scale = np.exp(rng.standard_normal((500, 1)) / 2)
        made.append(cca(x * scale, y * scale))
    spread = np.std([m.value for m in made], ddof=1)
    assert spread > 1.3 * 0.8 / math.sqrt(500)
    assert 0.7 < np.mean([m.stderr for m in made]) / spread < 1.3


def test_a_strong_correlation_keeps_its_digits():
    x, noise = np.linalg.qr(np.random.default_rng(0).standard_normal((101, 3)) - 0.0)[0].T[:2]
    x, noise = (a - a.mean() for a in (x, noise))
    noise -= x * (x @ noise) / (x @ x)
    ratio = (noise @ noise) / (x @ x)
    for size in (1e-3, 1e-5, 1e-7):
        truth = 0.5 * math.log1p(1 / (size**2 * ratio))
        assert cca(x, x + size * noise).value == pytest.approx(truth, rel=1e-7)


def test_columns_that_are_constant_or_repeated_count_for_nothing():
    x, y = normal_pairs(0.6, 100, 2)
    more = np.hstack([x, np.full((100, 1), 3.0), x[:, :1], x @ [[1.0], [2.0]]])
    assert cca(more, y).value == pytest.approx(cca(x, y).value, abs=1e-10)
    assert cca(more, y).stderr == pytest.approx(cca(x, y).stderr, abs=1e-10)


def test_a_constant_scores_zero():
    made = cca(np.full(10, 0.1), np.arange(10.0))
    assert made.value == made.stderr == 0


def test_it_is_blind_to_dependence_that_is_not_linear():
    x = np.linspace(-1, 1, 1001)
    assert cca(x, x**2).value == pytest.approx(0, abs=1e-12)


def test_it_bounds_from_below_where_one_side_is_normal_and_not_elsewhere():
    """x normal, y its sign and a noise in units of .5: less than what there is to know."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(20_000)
    assert cca(x, np.sign(x) + 0.01 * rng.standard_normal(20_000)).value < math.log(2)
    # Both have a great atom-like spike at 0 and rare joint outliers: rho is near 1, x tells little.
    rare = (rng.random(20_000) < 0.01) * 100.0
    x, y = rare + rng.standard_normal((2, 20_000))
    assert cca(x, y).value > 1 > 0.1 > -0.01 * math.log(0.01) - 0.99 * math.log(0.99)


def test_integers_are_numbers_here():
    x, y = np.random.default_rng(0).poisson(5, (2, 200))
    assert cca(x, x + y) == cca(x * 1.0, x + y * 1.0)


def test_the_same_linear_combination_on_both_sides_is_refused():
    x, y = normal_pairs(0.6, 100, 2)
    for other in (x, -2 * x[:, :1] + 1, np.hstack([y, x @ [[1.0], [3.0]]])):
        with pytest.raises(NotApplicable, match="the information is infinite"):
            cca(x, other)


def test_too_few_points_are_refused_and_just_enough_are_not():
    x, y = normal_pairs(0.5, 5, 2)
    assert math.isfinite(cca(x, y).value)
    with pytest.raises(NotApplicable, match=r"4 points are too few for 2 \+ 2 columns"):
        cca(x[:4], y[:4])
    with pytest.raises(NotApplicable, match="2 points are too few"):
        cca(x[:2, :1], y[:2, :1])


def test_an_estimate_says_what_it_is():
    made = cca(*normal_pairs(0.5, 50))
    assert (made.unit, made.bound, made.n, made.warning) == ("nats", "", 50, "")
    assert "as if jointly normal" in made.convention


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(NotApplicable, match="not finite"):
        cca([1.0, math.inf, 2.0], [1.0, 2.0, 3.0])
