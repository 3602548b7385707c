"""The interventional robustness score by hand, against its definition, and its defects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmi.errors import NotApplicable
from vmi.metrics.irs import irs
from vmi.verify.grids import draw, grid
from vmi.verify.parts import value
from vmi.verify.worlds import one_hot_codes

BITS = grid(2, 2)


def score(codes, factors, part="", **settings):
    return value(irs(codes, factors, **settings), part)


@pytest.mark.parametrize("part", ["", "matched"])
def test_a_perfect_code_does_not_move(part):
    factors = grid(3, 4, 5)
    assert score(factors.astype(float), factors, part) == pytest.approx(1)
    assert score(np.tile(factors, 2).astype(float), factors, part) == pytest.approx(1)
    assert score(one_hot_codes(*factors.T, sizes=[3, 4, 5]), factors, part) == pytest.approx(1)


@pytest.mark.parametrize("part", ["", "matched"])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 / 3])
def test_a_constant_code_scores_0(part, constant):
    assert score(np.full((12, 2), constant), grid(3, 4), part) == 0


def test_dimensions_weigh_as_far_as_they_move():
    """A bit three times as wide as the sum of two: (3 x 1 + 2 x 1/2) / (3 + 2)."""
    codes = np.stack([3.0 * BITS[:, 0], BITS.sum(1)], 1)
    assert score(codes, BITS, quantile=1) == pytest.approx((1.5 * 1 + 1 * 0.5) / 2.5)
    padded = np.concatenate([codes, np.full((4, 1), 5.0)], 1)
    assert score(padded, BITS, quantile=1) == pytest.approx(0.8)


def test_a_block_moves_by_the_norm_of_its_probabilities():
    """Held at 0, to two corners of the triangle; held at 1, nowhere; of all, to (1/4, 1/4, 1/2)."""
    codes = one_hot_codes([0, 1, 2, 2], sizes=[3])
    held, most = np.linalg.norm([1 / 2, 1 / 2]) / 2, np.linalg.norm([3 / 4, 1 / 4, 1 / 2])
    assert score(codes, [0, 0, 1, 1], quantile=1) == pytest.approx(1 - held / most)


def test_the_whole_forgives_an_outlier_and_the_matched_part_does_not():
    """2.576 is what 99% of normal deviations stay under; an outlier at 25 swells the maximum."""
    noise, factors = np.random.default_rng(0).normal(size=(10_000, 4)), draw(10_000, 3, 6, 10)
    assert 0.2 < score(noise, factors) < 0.45
    assert score(noise, factors, "matched") == pytest.approx(0, abs=0.02)
    noise[0] = 25
    assert score(noise, factors) == pytest.approx(1 - 2.576 / 25, abs=0.01)
    assert score(noise, factors, "matched") == pytest.approx(0, abs=0.02)


def test_the_parts_are_one_at_the_greatest_deviation():
    codes, factors = np.random.default_rng(0).normal(size=(50, 3)), draw(50, 2, 3)
    assert score(codes, factors, quantile=1) == score(codes, factors, "matched", quantile=1)


@pytest.mark.parametrize("quantile", [0.9, 1.0])
def test_irs_is_its_definition(quantile):
    factors = draw(400, 2, 5)
    codes = factors @ np.array([[1.0, 0.3, 0.0], [0.0, 1.0, 0.1]])
    codes += 0.1 * np.random.default_rng(0).normal(size=codes.shape)
    most = np.abs(codes - codes.mean(0)).max(0)
    robust = []
    for v in factors.T:
        groups = [codes[v == a] for a in np.unique(v)]
        moves = [np.quantile(np.abs(g - g.mean(0)), quantile, axis=0) for g in groups]
        robust.append(1 - np.mean(moves, 0) / most)
    truth = np.average(np.max(robust, 0), weights=most)
    assert score(codes, factors, quantile=quantile) == pytest.approx(truth)


def test_factors_of_more_values_than_bins_cost_a_perfect_code():
    factors = draw(2000, 40, 3)
    whole, _ = irs(factors.astype(float), factors)
    assert whole.value < 0.99 < whole.ceiling == 1
    assert f"the factors themselves score {whole.value:.4g}" in whole.convention
    assert score(factors.astype(float), factors, bins=40) == pytest.approx(1)


def test_irs_wants_a_factor_that_varies():
    with pytest.raises(NotApplicable, match="varies"):
        irs(np.arange(4.0), np.ones(4, dtype=int))


@given(st.integers(0, 300), st.integers(2, 40))
def test_irs_forgets_order_place_and_scale(seed, n):
    factors = np.stack([np.arange(n) % 2, np.arange(n) // 2 % 3], 1)
    codes = np.random.default_rng(seed).normal(size=(n, 3))
    order = np.random.default_rng(seed).permutation(n)
    got = score(codes, factors)
    assert got <= 1
    assert score(5 - 3 * codes[order], factors[order]) == pytest.approx(got, abs=1e-9)
