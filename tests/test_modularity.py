"""Modularity by hand and against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from vmi.errors import NotApplicable
from vmi.metrics.modularity import modularity
from vmi.verify.grids import draw, grid
from vmi.verify.parts import value
from vmi.verify.worlds import one_hot_codes


def score(codes, factors, part=""):
    return value(modularity(codes, factors), part)


def test_each_dimension_may_do_one_thing_however_often():
    factors = grid(3, 4, 5)
    whole, informative = modularity(factors.astype(float), factors)
    assert (whole.value, whole.ceiling, informative.value) == (pytest.approx(1),) * 3
    assert score(np.tile(factors, 2).astype(float), factors) == pytest.approx(1)
    assert score(factors[:, :1].astype(float), factors) == pytest.approx(1)
    assert score(one_hot_codes(*factors.T, sizes=[3, 4, 5]), factors) == pytest.approx(1)


def test_a_dimension_that_tells_all_factors_alike_scores_0():
    factors = grid(4, 4)
    assert score(factors @ [[1.0], [4.0]], factors) == pytest.approx(0, abs=1e-12)
    assert score(factors.sum(1).astype(float), factors) == pytest.approx(0, abs=1e-12)


def test_silent_dimensions_count_0_in_the_whole_alone():
    factors = grid(3, 4)
    padded = np.concatenate([factors, np.zeros((12, 2))], 1)
    assert score(padded, factors) == pytest.approx(0.5)
    assert score(padded, factors, "informative") == pytest.approx(1)
    xor = np.stack([grid(2, 2).sum(1) % 2], 1).astype(float)
    assert (score(xor, grid(2, 2)), score(xor, grid(2, 2), "informative")) == (0, 0)
    assert score(np.full((12, 2), 0.1), factors) == 0


@pytest.mark.parametrize("seed", range(4))
def test_modularity_is_its_definition(seed):
    factors = draw(300, 2, 3, 5, seed=seed)
    codes = factors @ np.random.default_rng(seed).integers(0, 2, size=(3, 4)).astype(float)
    codes[:, 0] += draw(300, 3, seed=seed + 9)[:, 0]
    truth = []
    for z in codes.T:
        told = sorted(mutual_info_score(z, v) for v in factors.T)
        silent = told[-1] < 1e-9
        truth.append(0 if silent else 1 - (told[0] ** 2 + told[1] ** 2) / (2 * told[2] ** 2))
    assert score(codes, factors) == pytest.approx(np.mean(truth))


def test_noise_scores_by_chance_and_not_0():
    factors = draw(1000, 3, 6, 10, 10)
    noise = np.random.default_rng(0).normal(size=(1000, 10))
    assert 0.2 < score(noise, factors) < 0.9


def test_modularity_compares_factors():
    with pytest.raises(NotApplicable, match="compares factors"):
        modularity(np.arange(6.0), np.arange(6) % 2)


@given(st.integers(0, 300), st.integers(4, 60))
def test_modularity_lies_between_0_and_1_and_forgets_the_order_of_images(seed, n):
    factors = np.stack([np.arange(n) % 2, np.arange(n) % 3], 1)
    codes = np.random.default_rng(seed).normal(size=(n, 3))
    order = np.random.default_rng(seed).permutation(n)
    got = score(codes, factors)
    assert -1e-9 <= got <= 1 + 1e-9
    assert score(codes[order], factors[order]) == pytest.approx(got)
    assert score(codes[:, ::-1], factors[:, ::-1] * 3) == pytest.approx(got)
