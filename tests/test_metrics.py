"""Metrics of codes by hand, by closed forms, and by what others publish of the same metric."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from vmi.errors import NotApplicable
from vmi.metrics.accuracy import accuracy_majority
from vmi.metrics.bins import binned, quantile_binned
from vmi.metrics.counts import mutual_information_matrix
from vmi.metrics.mig import (
    mig,
    mig_binned_factors,
    mig_binned_factors_quantile,
    mig_code_entropy,
    mig_code_entropy_quantile,
    mig_posterior,
    mig_quantile,
)
from vmi.metrics.plain import dimensions, factor_columns, features
from vmi.metrics.units import active_units
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.grids import DSPRITES, ORIENTATION, POSITION
from vmi.verify.mig import antipodal, antipodal_information
from vmi.verify.worlds import channel_codes, one_hot_codes, plain_codes, symmetric_channel


def grid(*sizes):
    """Every combination of the factors' values, (N, F)."""
    return torch.cartesian_prod(*map(torch.arange, sizes)).view(-1, len(sizes))


def draw(n, *sizes):
    stream = np.random.default_rng(0)
    return torch.from_numpy(np.stack([stream.integers(k, size=n) for k in sizes], 1))


# ---------------------------------------------------------------- mutual information gap


@pytest.mark.parametrize("sizes", [(2, 3), (10, 10, 4), (20, 3)])
def test_the_factors_themselves_score_1_where_bins_are_enough(sizes):
    factors = grid(*sizes)
    estimate = mig(plain_codes(factors), factors)
    assert estimate.value == pytest.approx(1, abs=1e-12)
    assert estimate.ceiling == pytest.approx(1, abs=1e-12)
    assert estimate.n == len(factors)


def test_ceiling_of_20_bins_on_dsprites_is_known():
    """Of all but one of the two positions, 32 values of which 20 bins tell ln 20 at the most."""
    factors = grid(*DSPRITES[:4])
    own, most = (1 + 1 + ORIENTATION + POSITION) / 4, math.log(20) / math.log(32)
    estimate = mig(plain_codes(factors), factors)
    assert estimate.ceiling == pytest.approx((1 + 1 + ORIENTATION + most) / 4, abs=1e-9)
    assert f"the factors themselves score {own:.4g}" in estimate.convention
    assert not estimate.warning
    assert mig(plain_codes(factors), factors, bins=40).ceiling == pytest.approx(1, abs=1e-9)


def test_the_factors_score_on_10_000_dsprites_is_the_published_one():
    """.895: on a sample the second-best dimension tells a little of each factor by chance."""
    factors = draw(10_000, *DSPRITES)
    estimate = mig(plain_codes(factors), factors)
    assert estimate.value == pytest.approx(0.895, abs=0.002)
    assert estimate.value < estimate.ceiling


def test_mutual_information_is_sklearns():
    stream = np.random.default_rng(0)
    xs = [stream.integers(k, size=500) for k in (2, 7, 20)]
    ys = [stream.integers(k, size=500) // 2 * 2 for k in (3, 40)]
    expected = [[mutual_info_score(x, y) for y in ys] for x in xs]
    np.testing.assert_allclose(mutual_information_matrix(xs, ys), expected, atol=1e-12)


def test_mixing_two_factors_in_each_dimension_costs_all_of_the_gap():
    factors = grid(4, 4)
    sums = plain_codes(torch.stack([factors.sum(1), factors[:, 0] - factors[:, 1]], 1))
    assert mig(sums, factors).value == pytest.approx(0, abs=1e-12)


def test_categories_are_dimensions_of_mig():
    factors = grid(3, 4)
    codes = one_hot_codes(*factors.T, sizes=[3, 4])
    assert mig(codes, factors).value == pytest.approx(1, abs=1e-12)
    joint = Codes(factors[:, :1].float(), torch.ones(12, 1), codes.categorical[1:])
    assert mig(joint, factors).value == pytest.approx(1, abs=1e-12)


def test_a_factor_with_one_value_is_left_out():
    factors = grid(1, 3, 4)
    estimate = mig(plain_codes(factors), factors)
    assert (estimate.value, estimate.ceiling) == (pytest.approx(1), pytest.approx(1))


@pytest.mark.parametrize(
    ("codes", "factors", "reason"),
    [
        (torch.zeros(6, 1), torch.arange(6)[:, None], "has 1"),
        (torch.zeros(6, 2), torch.ones(6, 2).long(), "varies"),
        (torch.zeros(6, 2), torch.full((6, 2), 0.5), "varies"),
        (torch.full((6, 2), math.nan), torch.arange(6), "not finite"),
        (torch.zeros(6, 2), torch.tensor([0.0, 1, 2, 3, 4, math.inf]), "not finite"),
    ],
)
def test_mig_without_a_meaning_is_not_applicable(codes, factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        mig(plain_codes(codes), factors)


@given(
    n=st.integers(2, 200),
    sizes=st.lists(st.integers(2, 6), min_size=1, max_size=3),
    dimensions=st.integers(2, 4),
    seed=st.integers(0, 1000),
)
def test_mig_lies_between_0_and_1_and_forgets_the_order_of_images(n, sizes, dimensions, seed):
    stream = torch.Generator().manual_seed(seed)
    factors = torch.stack([torch.arange(n) % k for k in sizes], 1)
    mean, order = torch.randn(n, dimensions, generator=stream), torch.randperm(n, generator=stream)
    value = mig(plain_codes(mean), factors).value
    assert -1e-9 <= value <= 1 + 1e-9
    assert mig(plain_codes(mean[order]), factors[order]).value == pytest.approx(value, abs=1e-9)
    assert mig(plain_codes(2 * mean - 1), factors).value == pytest.approx(value, abs=0.05)


@pytest.mark.parametrize("bins", [2, 5, 20])
def test_bins_are_those_of_numpys_histogram(bins):
    values = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(values, bins)
    found = binned(values, bins)
    assert np.array_equal(np.bincount(found, minlength=bins), counts)
    assert np.array_equal(found, np.digitize(values, edges[:-1]) - 1)
    assert len(set(binned(np.full(5, 3.0), bins))) == 1


# ---------------------------------------------------------------- its other forms


COUNTED = [
    mig,
    mig_quantile,
    mig_binned_factors,
    mig_binned_factors_quantile,
    mig_code_entropy,
    mig_code_entropy_quantile,
]


@pytest.mark.parametrize("form", COUNTED)
def test_forms_agree_on_a_perfect_code_of_few_values(form):
    factors = grid(4, 5, 6)
    estimate = form(factors.numpy().astype(float), factors.numpy())
    assert (estimate.value, estimate.ceiling) == (pytest.approx(1), pytest.approx(1))
    assert "20" in estimate.convention


@pytest.mark.parametrize("form", COUNTED)
def test_constant_and_duplicated_codes_score_0_in_every_form(form):
    factors = grid(4, 5, 6).numpy()
    assert form(np.zeros((120, 2)), factors).value == 0
    assert form(np.tile(factors, 2).astype(float), factors).value == pytest.approx(0, abs=1e-12)


def test_the_entropy_of_the_codes_forgives_what_that_of_the_factor_does_not():
    """A code of which half of four it is: all of its own entropy, half of the factor's."""
    factor = np.arange(8) % 4
    half = np.stack([factor // 2, 0 * factor], 1).astype(float)
    assert mig(half, factor).value == pytest.approx(0.5)
    assert mig_code_entropy(half, factor).value == pytest.approx(1)


@given(st.integers(0, 1000), st.integers(2, 25))
def test_quantile_bins_hold_as_many_each_whatever_grows(seed, bins):
    values = np.random.default_rng(seed).normal(size=bins * 7)
    found = quantile_binned(values, bins)
    assert np.bincount(found).tolist() == [7] * bins
    assert np.array_equal(quantile_binned(np.exp(3 * values), bins), found)


def test_quantile_bins_keep_equal_values_together():
    assert not quantile_binned(np.full(9, 3.0), 4).any()
    assert len(set(quantile_binned(np.array([1.0, 1, 1, 1, 2]), 4))) == 2


def test_continuous_factors_are_cut_as_the_codes_are():
    factors = np.random.default_rng(0).uniform(size=(20_000, 2))
    assert mig(factors, factors).value == pytest.approx(1, abs=0.01)
    assert mig(factors**3, factors).value < 0.9
    assert mig_quantile(factors**3, factors).value == pytest.approx(1, abs=0.01)


def test_forms_do_not_care_how_classes_are_named():
    factors = draw(500, 3, 5).numpy()
    codes = np.random.default_rng(1).normal(size=(500, 3)) + factors[:, :1]
    assert mig(codes, 7 - 5 * factors).value == pytest.approx(mig(codes, factors).value)


# ---------------------------------------------------------------- of samples of the posteriors


@pytest.mark.parametrize("mean", [0.3, 1.0, 3.0])
def test_mig_of_posteriors_is_the_capacity_of_a_noisy_bit(mean):
    estimate = mig_posterior(*antipodal(mean), generator(0), samples=2000)
    truth = antipodal_information(mean) / math.log(2)
    assert abs(estimate.value - truth) < 4 * estimate.stderr
    assert estimate.stderr < 0.025


def test_mig_of_posteriors_sets_widths_against_categories():
    """A bit tells the width of one dimension, and is flipped for a fifth in the other."""
    bit, widths = np.arange(4000) % 2, np.array([1.0, 10.0])
    flipped = torch.eye(2)[torch.from_numpy(bit ^ (np.arange(4000) % 10 < 2))]
    scale = torch.from_numpy(widths[bit])[:, None]
    codes = Codes(torch.zeros_like(scale), scale, (flipped,))
    estimate = mig_posterior(codes, bit, generator(0), samples=4000)
    z = np.linspace(-100, 100, 40_001)[:, None]
    density = np.exp(-((z / widths) ** 2) / 2) / widths / math.sqrt(2 * math.pi)
    told = (density * np.log(density / density.mean(1, keepdims=True) + 1e-300)).sum(0).mean()
    told *= z[1, 0] - z[0, 0]
    channel = math.log(2) + 0.2 * math.log(0.2) + 0.8 * math.log(0.8)
    assert told > 2 * channel
    assert abs(estimate.value - abs(told - channel) / math.log(2)) < 4 * estimate.stderr


def test_mig_of_posteriors_needs_no_bins_for_many_values():
    factors = grid(40, 50)
    narrow = Codes(factors.double(), torch.full(factors.shape, 0.01))
    assert mig_posterior(narrow, factors, generator(0)).value == pytest.approx(1)


def test_mig_of_posteriors_that_ignore_the_image_is_0():
    codes = plain_codes(torch.zeros(60, 2))
    assert mig_posterior(codes, torch.arange(60) % 3, generator(0)).value == 0


def test_mig_of_categories_is_exact_when_every_image_is_taken():
    codes, capacity = symmetric_channel(3, 0.2, 30)
    both = channel_codes(codes.categorical[0], torch.full((30, 2), 0.5))
    estimate = mig_posterior(both, torch.arange(30) % 3, generator(0))
    assert estimate.value == pytest.approx(capacity / math.log(3), abs=1e-6)


def test_mig_of_posteriors_is_the_same_whatever_the_memory(monkeypatch):
    codes, factor = antipodal(1.0, 200)
    whole = mig_posterior(codes, factor, generator(3))
    monkeypatch.setattr("vmi.metrics.mig.CELLS", 1000)
    assert mig_posterior(codes, factor, generator(3)).value == pytest.approx(whole.value)
    assert mig_posterior(codes, factor, generator(4)).value != whole.value


def test_mig_of_posteriors_wants_a_width():
    factors = grid(3, 4)
    with pytest.raises(NotApplicable, match="no width"):
        mig_posterior(factors.double(), factors, generator(0))
    with pytest.raises(NotApplicable, match="has 1"):
        mig_posterior(plain_codes(torch.rand(12, 1)), factors, generator(0))


# ---------------------------------------------------------------- plain arrays


def test_plain_arrays_and_stored_posteriors_score_the_same():
    factors = draw(200, 3, 4)
    means = torch.randn(200, 3, generator=generator(0)).double()
    for given_codes in (means, means.numpy(), means.tolist(), Codes(means, means.exp())):
        assert mig(given_codes, factors).value == mig(means, factors.numpy()).value


def test_a_block_is_one_dimension_of_several_columns():
    codes = Codes(torch.rand(2, 2), torch.ones(2, 2), one_hot_codes([0, 2], sizes=[3]).categorical)
    matrix, owners = features(codes)
    assert (matrix.shape, matrix.dtype, owners) == ((2, 5), np.float64, [0, 1, 2, 2, 2])
    assert [z.dtype.kind for z in dimensions(codes)] == ["f", "f", "i"]
    assert dimensions(codes)[2].tolist() == [0, 2]


def test_factors_that_vary_are_counted_from_0():
    first, second = factor_columns(np.array([[5, 1, 9], [5, -1, 3], [5, 1, 7]]))
    assert (first.tolist(), second.tolist()) == ([1, 0, 1], [2, 0, 1])
    assert factor_columns([0.5, 1.5])[0].dtype == np.float64
    assert factor_columns(np.array([True, False]))[0].tolist() == [1, 0]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_never_counted(bad):
    blocks = (torch.tensor([[0.5, bad], [0.5, 0.5]]),)
    for codes in ([[bad, 1.0], [0.0, 2.0]], Codes(torch.zeros(2, 1), torch.ones(2, 1), blocks)):
        with pytest.raises(NotApplicable, match="not finite"):
            mig(codes, [0, 1])


# ---------------------------------------------------------------- active units


def test_active_units_counts_the_means_that_vary():
    spread = torch.tensor([0.0, 0.009, 0.011, 1.0]).sqrt()
    column = torch.randn(10_000, 1, generator=torch.Generator().manual_seed(0))
    column = (column - column.mean()) / column.std()
    estimate = active_units(plain_codes(column * spread))
    assert (estimate.value, estimate.ceiling, estimate.bound) == (2, 4, "exact")
    assert active_units(plain_codes(column * spread), threshold=0.001).value == 3
    assert active_units(plain_codes(torch.full((50, 3), 7.0))).value == 0


def test_active_units_ask_for_a_gaussian_block():
    with pytest.raises(NotApplicable, match="no Gaussian block"):
        active_units(one_hot_codes([0, 1], sizes=[2]))


# ---------------------------------------------------------------- accuracy by majority


def accuracy(fit, fit_labels, values, labels, k=4):
    train = one_hot_codes(fit, sizes=[k])
    train = Codes(train.mean, train.scale, train.categorical, torch.tensor(fit_labels))
    return accuracy_majority(one_hot_codes(values, sizes=[k]), torch.tensor(labels), train)


def test_accuracy_of_a_perfect_code_is_1_whatever_its_names():
    estimate = accuracy([2, 2, 0, 1], [0, 0, 1, 2], [0, 1, 2, 2], [1, 2, 0, 0])
    assert (estimate.value, estimate.stderr, estimate.ceiling, estimate.n) == (1, 0, 1, 4)


def test_accuracy_by_hand():
    """Value 0 stands for label 1 (two of three), value 1 for label 0."""
    estimate = accuracy([0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1, 0], [1, 0, 0, 1, 1])
    assert estimate.value == pytest.approx(3 / 5)
    assert estimate.stderr == pytest.approx(math.sqrt(0.6 * 0.4 / 5))


@pytest.mark.parametrize("label", [0, 1])
def test_a_value_that_training_never_showed_is_wrong(label):
    assert accuracy([0, 1], [0, 1], [3], [label]).value == 0


def test_a_label_that_training_never_showed_is_wrong():
    assert accuracy([0, 1], [0, 1], [0, 1, 1], [0, 5, 5]).value == pytest.approx(1 / 3)


def test_accuracy_needs_one_label_that_training_showed():
    with pytest.raises(NotApplicable, match="no evaluation label occurs in training"):
        accuracy([0, 1], [0, 1], [0, 1, 1], [5, 6, 5])


def test_a_constant_code_scores_the_share_of_the_commonest_label():
    assert accuracy([1] * 5, [2, 2, 2, 0, 1], [1] * 4, [2, 0, 2, 1]).value == 0.5


def test_accuracy_of_two_blocks_takes_their_combination():
    a, b = torch.arange(12) % 2, torch.arange(12) % 3
    codes = one_hot_codes(a, b, sizes=[2, 3])
    train = Codes(codes.mean, codes.scale, codes.categorical, torch.arange(12) % 6)
    assert accuracy_majority(codes, torch.arange(12) % 6, train).value == 1
    first = Codes(codes.mean, codes.scale, codes.categorical[:1], torch.arange(12) % 6)
    half = channel_codes(codes.categorical[0])
    assert accuracy_majority(half, torch.arange(12) % 6, first).value == pytest.approx(1 / 3)


def test_accuracy_takes_the_most_probable_value():
    soft = channel_codes(torch.tensor([[0.6, 0.4], [0.1, 0.9]]))
    train = Codes(soft.mean, soft.scale, soft.categorical, torch.tensor([1, 0]))
    assert accuracy_majority(soft, torch.tensor([1, 0]), train).value == 1


@pytest.mark.parametrize("size", [5, 20, 21, 40])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (1000, 1001), (0, 0.1)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_values_on_a_grid_fall_into_the_bins_of_the_library(size, low, high, kind):
    """Where an edge is hit, rounding decides: as numpy.histogram and digitize do it."""
    values = np.linspace(low, high, size).astype(kind)
    library = np.digitize(values, np.histogram(values, 20)[1][:-1]) - 1
    assert binned(values, 20).tolist() == library.tolist()
