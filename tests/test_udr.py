"""UDR of seeds that agree, that are turned, and that have nothing to do with each other."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.linear_model import Lasso

from vmi.errors import NotApplicable
from vmi.metrics.udr import agreement, udr, udr_spearman
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes, plain_codes

N = 2000


def white(d=4, n=N):
    """Columns with mean 0 and exactly no correlation."""
    draws = torch.randn(n, d, generator=generator("white")).double()
    return torch.linalg.qr(draws - draws.mean(0))[0] * math.sqrt(n)


def turned(angle):
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor([[c, -s], [s, c]], dtype=torch.float64)


def seeds(*means, scale=0.1):
    return [plain_codes(mean, scale) for mean in means]


def values(estimates):
    return [estimate.value for estimate in estimates]


def test_seeds_that_agree_but_for_order_sign_and_scale_score_the_ceiling():
    z = white()
    made = seeds(z, -3 * z[:, [2, 0, 3, 1]], z[:, [3, 2, 1, 0]] * torch.tensor([1, -1, 2, -0.5]))
    lasso, ranks = udr(made), udr_spearman(made)
    assert values(lasso) == pytest.approx([0.9] * 3, abs=1e-5)
    assert [e.ceiling for e in lasso] == pytest.approx([0.9] * 3)
    # A chance rank correlation of 1 / sqrt(N) lowers r^2 / (r + 3 / sqrt(N)) by so much.
    assert values(ranks) == pytest.approx([1] * 3, abs=3 * 2 / math.sqrt(N))
    assert ranks[0].ceiling == 1


def test_monotone_maps_cost_the_ranks_nothing():
    z = white(1)
    assert values(udr_spearman(seeds(z, z**3))) == pytest.approx([1, 1], abs=1e-12)


def test_unrelated_seeds_score_0():
    z = white(8)
    assert values(udr(seeds(z[:, :4], z[:, 4:]))) == [0, 0]
    assert max(values(udr_spearman(seeds(z[:, :4], z[:, 4:])))) < 3 / math.sqrt(N)


def test_uninformative_dimensions_are_left_out():
    """Posteriors at the prior tell nothing, whatever small noise their means have."""
    z = white()
    scale = torch.full_like(z, 0.1)
    noise = 1e-3 * torch.randn(N, 2, generator=generator(1)).double()
    wide = Codes(torch.cat([z, noise], 1), torch.cat([scale, torch.ones(N, 2)], 1))
    assert values(udr([wide, Codes(z, scale)])) == pytest.approx([0.9, 0.9], abs=1e-5)


def test_the_kl_decides_who_is_informative():
    """Means of variance .018 and width 1 have KL .009; of .022, .011."""
    z = white(2)
    low, high = (Codes(math.sqrt(v) * z, torch.ones(N, 2)) for v in (0.018, 0.022))
    assert values(udr([low, low])) == [0, 0]
    assert values(udr([high, high])) == pytest.approx([0.9, 0.9], abs=1e-5)
    assert values(udr([low, low], threshold=0.008)) == pytest.approx([0.9, 0.9], abs=1e-5)


def test_a_seed_is_scored_by_the_median_of_the_others():
    z = white(2)
    made = seeds(z, z.flip(1), z @ turned(math.pi / 4), -z)
    low = (math.sqrt(0.5) - 0.1) / 2
    assert values(udr(made)) == pytest.approx([0.9, 0.9, low, 0.9], abs=1e-5)


def test_each_dimension_counts_once_where_seeds_differ_in_number():
    """One of two dimensions is matched: terms 1, and 1 and 0, of three."""
    z = white(2)
    assert agreement(np.array([[1.0], [0.0]])) == pytest.approx(2 / 3)
    assert values(udr(seeds(z, z[:, :1]))) == pytest.approx([0.6, 0.6], abs=1e-5)


def test_constant_codes_score_0():
    assert values(udr([np.ones((50, 3)), np.ones((50, 3))])) == [0, 0]
    assert values(udr_spearman([np.ones((50, 3)), white(3, 50)])) == [0, 0]


def test_plain_arrays_are_codes_without_width():
    z = white()
    assert values(udr([z.numpy(), z.numpy()])) == pytest.approx([0.9, 0.9], abs=1e-5)


@pytest.mark.parametrize("dimensions", [(3, 2), (1, 2), (2, 1)])
def test_similarities_are_those_of_sklearn_and_scipy(dimensions):
    a, b = (torch.randn(300, d, generator=generator(d)).double() for d in dimensions)
    b = b + a[:, :1]
    x, y = ((v - v.mean(0)) / v.std(0, correction=0) for v in (a, b))
    lasso = [np.abs(Lasso(alpha=0.1).fit(y, column).coef_) for column in x.T]
    ranks = [[abs(spearmanr(i, j)[0]) for j in b.T] for i in a.T]
    assert udr([a, b])[0].value == pytest.approx(agreement(np.array(lasso)), abs=1e-9)
    assert udr_spearman([a, b])[0].value == pytest.approx(agreement(np.array(ranks)), abs=1e-9)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 50))
def test_agreement_lies_between_0_and_1_and_forgets_order(a, b, stream):
    r = np.random.default_rng(stream).random((a, b))
    assert 0 <= agreement(r) <= 1
    assert agreement(r[::-1, ::-1].T) == pytest.approx(agreement(r), abs=1e-12)


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ([np.eye(3)], "least 2"),
        ([np.eye(3), np.eye(4)], "differ in number"),
        ([one_hot_codes([0, 1], sizes=[2])] * 2, "no Gaussian block"),
    ],
)
def test_udr_without_a_meaning_is_not_applicable(codes, reason):
    with pytest.raises(NotApplicable, match=reason):
        udr(codes)
