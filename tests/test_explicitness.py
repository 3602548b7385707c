"""Explicitness by the areas under known ROC curves."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from vmi.errors import NotApplicable
from vmi.metrics.explicitness import explicitness
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes


def score(codes, factors, stream=0):
    return explicitness(codes, factors, generator(stream)).value


def area_error(area, n):
    """Of an area of two classes of n each (Hanley & McNeil, 1982)."""
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (n - 1) * (first + second - 2 * area**2)
    return math.sqrt((area * (1 - area) + spread) / n**2)


@pytest.mark.parametrize("distance", [0.5, 3.0])
def test_two_normal_classes_have_a_known_area(distance):
    """AUC = Phi(d / sqrt 2)."""
    stream = np.random.default_rng(0)
    factor = np.arange(15_000) % 2
    codes = distance * factor + stream.normal(size=15_000)
    area = norm.cdf(distance / math.sqrt(2))
    assert score(codes, factor) == pytest.approx(2 * area - 1, abs=6 * area_error(area, 2500))


def test_noise_dimensions_cost_little():
    stream = np.random.default_rng(0)
    factor = np.arange(15_000) % 2
    codes = np.c_[factor + stream.normal(size=15_000), stream.normal(size=(15_000, 5))]
    area = norm.cdf(1 / math.sqrt(2))
    assert score(codes, factor) == pytest.approx(2 * area - 1, abs=6 * area_error(area, 2500))


@pytest.mark.parametrize(("k", "perfect"), [(2, 1), (4, 2 / 3), (6, 0.6)])
def test_a_line_ranks_the_values_of_a_scalar_by_its_ends(k, perfect):
    """Value j of K is above j and below K - 1 - j of the others, and a line picks one side."""
    ends = [max(j, k - 1 - j) / (k - 1) for j in range(k)]
    assert 2 * np.mean(ends) - 1 == pytest.approx(perfect)
    factor = np.arange(6000) % k
    assert score(factor.astype(float), factor) == pytest.approx(perfect, abs=0.04)


def test_one_hot_codes_score_1():
    factors = np.random.default_rng(0).integers((5, 3), size=(900, 2))
    codes = one_hot_codes(*torch.from_numpy(factors).T, sizes=[5, 3])
    assert score(codes, factors) == pytest.approx(1, abs=1e-12)


def test_noise_scores_about_0():
    stream = np.random.default_rng(0)
    found = score(stream.normal(size=(9000, 3)), stream.integers(2, size=9000))
    assert found == pytest.approx(0, abs=6 * area_error(0.5, 1500))


def test_scale_and_shift_do_not_matter():
    stream = np.random.default_rng(0)
    factor = stream.integers(3, size=600)
    codes = np.eye(3)[factor] + stream.normal(size=(600, 3))
    assert score(100 * codes - 7, factor) == pytest.approx(score(codes, factor), abs=1e-6)


def test_a_value_that_one_part_alone_shows_is_left_out():
    factor = np.arange(300) % 2
    factor[0] = 7
    assert score(np.eye(8)[factor], factor) == pytest.approx(1, abs=1e-12)


def test_the_same_generator_gives_the_same_number():
    stream = np.random.default_rng(0)
    factor = stream.integers(3, size=300)
    codes = factor + stream.normal(size=300)
    assert score(codes, factor) == score(codes, factor) != score(codes, factor, 1)


@pytest.mark.parametrize(
    ("factors", "reason"),
    [(np.linspace(0, 1, 6), "discrete"), (np.ones(6, int), "varies")],
)
def test_explicitness_without_a_meaning_is_not_applicable(factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        score(np.eye(6), factors)
