"""DCI by closed forms of the importance matrix, by disentanglement_lib's tests, and by channels."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vmi.errors import NotApplicable
from vmi.metrics.dci import completeness, dci, dci_boosted, dci_histogram, disentanglement
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.worlds import channel_codes, one_hot_codes

FIVE = np.diag(np.full(5, 5.0))
matrices = arrays(float, (4, 3), elements=st.floats(0, 1).map(lambda x: round(x, 3)))


def draw(n=1500, *sizes):
    stream = np.random.default_rng(0)
    return np.stack([stream.integers(k, size=n) for k in sizes or (10,) * 5], 1)


def scores(codes, factors, metric=dci, **settings):
    found = metric(codes, factors, generator(0), **settings)
    assert [estimate.part for estimate in found] == ["", "completeness", "informativeness"]
    return [estimate.value for estimate in found]


# ---------------------------------------------------------------- the importance matrix


@pytest.mark.parametrize(
    ("importance", "d", "c"),
    [
        (FIVE, 1, 1),
        (np.array([[1.0, 0], [0, 1], [0, 0]]), 1, 1),
        (np.zeros((10, 10)), 0, 0),
        (np.vstack([FIVE, FIVE]), 1, 1 - math.log(2) / math.log(10)),
        (FIVE[:2], 1, 1),
        (np.hstack([FIVE, FIVE]), 1 - math.log(2) / math.log(10), 1),
        (np.ones((4, 7)), 0, 0),
    ],
)
def test_the_matrices_of_disentanglement_libs_own_tests(importance, d, c):
    assert disentanglement(importance) == pytest.approx(d, abs=1e-12)
    assert completeness(importance) == pytest.approx(c, abs=1e-12)


def test_a_dimension_weighs_as_much_as_its_importance():
    """The first dimension is torn between both factors and has 4 of 5 shares of importance."""
    importance = np.array([[2.0, 2.0], [0.0, 1.0]])
    assert disentanglement(importance) == pytest.approx(1 / 5)
    second = 1 - (-(2 / 3 * math.log2(2 / 3) + 1 / 3 * math.log2(1 / 3)))
    assert completeness(importance) == pytest.approx(2 / 5 * 1 + 3 / 5 * second)


@given(matrices)
def test_scores_lie_between_0_and_1_and_forget_order_and_scale(importance):
    for score in (disentanglement, completeness):
        value = score(importance)
        assert -1e-9 <= value <= 1 + 1e-9
        assert score(importance[::-1, ::-1]) == pytest.approx(value, abs=1e-9)
        assert score(3 * importance) == pytest.approx(value, abs=1e-9)


@given(matrices)
def test_a_dead_dimension_changes_no_disentanglement(importance):
    with_dead = np.vstack([importance, np.zeros(3)])
    assert disentanglement(with_dead) == pytest.approx(disentanglement(importance), abs=1e-9)


# ---------------------------------------------------------------- forests


def test_constant_codes_score_0_and_the_commonest_value():
    y = np.array([0] * 600 + [1] * 400)
    d, c, i = scores(np.zeros((1000, 3)), np.stack([y, y], 1))
    assert (d, c) == (0, 0)
    assert i == pytest.approx(0.6, abs=3 * math.sqrt(0.24 / 333))


def test_informativeness_is_the_accuracy_of_a_channel():
    stream = np.random.default_rng(0)
    factors = stream.integers(2, size=(6000, 2))
    flipped = np.where(stream.random(factors.shape) < 0.2, 1 - factors, factors)
    d, c, i = scores(flipped, factors, trees=10)
    assert i == pytest.approx(0.8, abs=3 * math.sqrt(0.16 / 4000))
    assert min(d, c) > 0.95


def test_continuous_factors_are_explained_by_r_squared():
    """Noise of half the variance leaves 2 / 3; trees fall a little short of the line."""
    stream = np.random.default_rng(0)
    factors = stream.normal(size=(3000, 2))
    d, c, i = scores(factors + math.sqrt(0.5) * stream.normal(size=factors.shape), factors)
    assert 0.6 < i < 2 / 3 + 0.03
    assert min(d, c) > 0.8


def test_noise_dimensions_do_not_drown_a_noisy_code():
    factors = draw(3000, 3, 6, 20)
    stream = np.random.default_rng(1)
    noisy = factors + 0.4 * stream.normal(size=factors.shape)
    codes = np.hstack([noisy, stream.normal(size=(3000, 3))])
    in_full = scores(codes, factors, leaf=1e-6, trees=5)[0]
    assert scores(codes, factors, trees=5)[0] > in_full + 0.2


def test_a_categorical_block_is_one_dimension():
    factors = draw(900, 3, 4)
    sure = one_hot_codes(*torch.from_numpy(factors).T, sizes=[3, 4])
    assert scores(sure, factors) == pytest.approx([1, 1, 1], abs=0.01)
    joint = Codes(torch.from_numpy(factors[:, :1]), torch.ones(900, 1), sure.categorical[1:])
    assert scores(joint, factors) == pytest.approx([1, 1, 1], abs=0.01)


def test_boosted_trees_score_the_same_of_the_same():
    factors = draw(600, 2, 3)
    assert scores(factors, factors, dci_boosted, trees=20) == pytest.approx([1, 1, 1], abs=0.01)
    floats = factors.astype(float)
    assert min(scores(factors, floats, dci_boosted, trees=60)) > 0.98


def test_histograms_rank_codes_as_the_published_trees_do():
    factors, stream = draw(600, 2, 3, 4), np.random.default_rng(1)
    mixing, noise = stream.normal(size=(3, 3)), stream.normal(size=factors.shape)
    codes = [factors @ ((1 - t) * np.eye(3) + t * mixing) + 0.2 * noise for t in (0, 0.3, 0.6, 1)]
    slow, quick = (
        np.array([scores(code, factors, metric, trees=10) for code in codes])
        for metric in (dci_boosted, dci_histogram)
    )
    assert np.array_equal(slow.argsort(0), quick.argsort(0))
    assert np.ptp(slow, 0).min() > 0.05


def test_histograms_score_the_same_of_the_same():
    factors = draw(600, 2, 3)
    assert scores(factors, factors, dci_histogram) == pytest.approx([1, 1, 1], abs=0.01)
    assert min(scores(factors, factors.astype(float), dci_histogram)) > 0.98
    assert scores(np.zeros((600, 3)), factors, dci_histogram)[:2] == [0, 0]


def test_one_factor_has_no_disentanglement_and_says_so():
    whole, complete, told = dci(draw(300, 3, 3), draw(300, 3), generator(0))
    assert math.isnan(whole.value) and "one factor" in whole.error
    assert complete.value > 0.9 and told.value == 1


def test_one_dimension_has_no_completeness_and_says_so():
    _, complete, _ = dci(draw(300, 3, 3)[:, 0], draw(300, 3, 3), generator(0))
    assert math.isnan(complete.value) and "one dimension" in complete.error


def test_the_same_generator_gives_the_same_numbers():
    factors = draw(600, 4, 5)
    codes = factors + np.random.default_rng(0).normal(size=factors.shape)
    first = scores(codes, factors, trees=5)
    assert scores(codes, factors, trees=5) == first
    other = dci(codes, factors, generator(1), trees=5)
    assert [estimate.value for estimate in other] != first


@pytest.mark.parametrize(
    ("factors", "reason"),
    [([1, 1, 1, 1], "none varies"), ([0, 1, 1, 1], "one value alone")],
)
def test_dci_without_a_meaning_is_not_applicable(factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        for stream in range(20):  # in some order the lone 0 is left to the test
            dci(np.eye(4), factors, generator(stream), trees=1)


def test_no_codes_but_probabilities_are_read():
    soft = torch.rand(300, 4, generator=generator(0)).softmax(1)
    told = dci(channel_codes(soft), soft.argmax(1), generator(0))[2]
    assert told.value > 0.8
