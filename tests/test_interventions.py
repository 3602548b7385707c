"""FactorVAE and beta-VAE scores of perfect, entangled, constant and random codes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vmi.errors import NotApplicable
from vmi.metrics.interventions import _Groups, beta_vae_score, factor_vae_score
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes

BOTH = [factor_vae_score, beta_vae_score]
QUICK = {"train": 1000, "test": 500}


def grid(*sizes):
    return torch.cartesian_prod(*map(torch.arange, sizes)).view(-1, len(sizes))


def score(metric, codes, factors, stream=0, **settings):
    return metric(codes, factors, generator(stream), **(QUICK | settings)).value


# ---------------------------------------------------------------- the groups


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=30),
    st.integers(0, 99),
)
def test_images_drawn_together_share_the_factor_and_pairs_differ(rows, stream):
    factors = torch.tensor(rows)
    try:
        groups = _Groups(factors, generator(stream))
    except NotApplicable:
        return
    varying = [c for c in factors.T if len(c.unique()) > 1]
    factor = groups.factor(40)
    images, (one, other) = groups.sharing(factor, 5), groups.pairs(factor, 5)
    for f, row, a, b in zip(factor, images, one, other, strict=True):
        assert len(varying[f][row].unique()) == 1
        assert (varying[f][a] == varying[f][b]).all()
        assert (a != b).all()


def test_every_image_of_a_shared_value_is_drawn_alike():
    """Values of 4, 2 and 1 images: the last is never held, the others by how common they are."""
    factor = torch.tensor([5, 5, 5, 5, 2, 2, 9])
    groups = _Groups(factor, generator(0))
    n = 6000
    held = torch.zeros(n, dtype=torch.long)
    one, other = groups.pairs(held, 1)
    for drawn in (groups.sharing(held, 1), one, other):
        shares = np.bincount(drawn[:, 0], minlength=7) / n
        assert shares[:6] == pytest.approx(1 / 6, abs=4 * math.sqrt(5 / 36 / n))
        assert shares[6] == 0


# ---------------------------------------------------------------- the scores


@pytest.mark.parametrize("metric", BOTH)
def test_perfect_codes_of_means_and_categories_score_1(metric):
    factors = grid(5, 4, 6)
    mixed = one_hot_codes(*factors.T[1:], sizes=[4, 6]).categorical
    mixed = Codes(factors[:, :1].float(), torch.ones(120, 1), mixed)
    assert score(metric, mixed, factors) == 1


@pytest.mark.parametrize("metric", BOTH)
def test_disentanglement_libs_own_batches_of_5_suffice_for_the_identity(metric):
    factors = np.random.default_rng(0).integers(10, size=(3000, 5))
    assert score(metric, factors, factors, batch=5, train=3000, test=2000) > 0.9


@pytest.mark.parametrize("metric", BOTH)
def test_noise_scores_about_the_chance_of_1_in_4(metric):
    stream = np.random.default_rng(0)
    factors, noise = stream.integers(4, size=(20_000, 4)), stream.normal(size=(20_000, 5))
    found = score(metric, noise, factors, train=4000, test=4000)
    assert found == pytest.approx(0.25, abs=0.035)  # 3 binomial errors of each part


def test_the_majority_is_not_fitted_on_the_votes_it_is_scored_on():
    """20 votes of noise over 5 dimensions and 4 factors would fit themselves to about 1 in 2."""
    draws = np.random.default_rng(0)
    factors, noise = draws.integers(4, size=(20_000, 4)), draws.normal(size=(20_000, 5))
    few = [score(factor_vae_score, noise, factors, stream=s, test=20) for s in range(20)]
    assert np.mean(few) == pytest.approx(0.25, abs=3 * math.sqrt(0.1875 / 400) + 0.02)


def test_constant_codes_score_0_with_a_word_of_warning():
    factors = grid(3, 3)
    estimate = factor_vae_score(torch.ones(9, 2), factors, generator(0))
    assert estimate.value == 0
    assert "no dimension varies" in estimate.warning


def test_constant_codes_leave_the_classifier_its_chance():
    found = score(beta_vae_score, torch.ones(9, 2), grid(3, 3), train=500, test=2000)
    assert found == pytest.approx(1 / 2, abs=3 * math.sqrt(0.25 / 2000))


def test_one_dimension_can_stand_for_one_factor_alone():
    """Of two factors one dimension tells the first; every vote is its own: right half the time."""
    factors = grid(5, 5)
    found = score(factor_vae_score, factors[:, :1].double(), factors, test=4000)
    assert found == pytest.approx(1 / 2, abs=3 * math.sqrt(0.25 / 4000))


def test_entangled_dimensions_fool_the_beta_vae_score_alone():
    """Turned by 30 degrees, what varies less still tells the factor; by 45, nothing does."""
    factors = grid(9, 9)
    angle = math.pi / 6
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    assert score(beta_vae_score, factors.double() @ turn.double(), factors) == 1
    half = torch.stack([factors.sum(1), factors[:, 0] - factors[:, 1]], 1).double()
    assert score(factor_vae_score, half, factors, test=4000) < 0.6


def test_dimensions_below_the_threshold_have_no_vote():
    """The second has .045 of the aggregate's deviation; without it its factor has no vote."""
    factors = grid(4, 4)
    shrunk = factors.double() * torch.tensor([1, 0.04])
    shrunk = Codes(shrunk, torch.ones_like(shrunk))
    assert score(factor_vae_score, shrunk, factors, threshold=0.01) == 1
    assert score(factor_vae_score, shrunk, factors, threshold=0.05) < 0.6


def test_small_codes_without_width_are_in_use():
    factors = grid(4, 4)
    assert score(factor_vae_score, factors.double() * torch.tensor([1, 1e-9]), factors) == 1


def test_a_score_forgets_scale_where_nothing_is_left_out():
    factors = torch.from_numpy(np.random.default_rng(0).integers(4, size=(500, 2)))
    codes = factors + torch.randn(500, 2, generator=generator(0)).double()
    first = score(factor_vae_score, codes, factors)
    assert score(factor_vae_score, 64 * codes, factors) == first
    assert score(beta_vae_score, 64 * codes, factors) == score(beta_vae_score, codes, factors)


def test_each_dimension_is_measured_by_its_own_spread():
    """The second dimension is ever the smaller, and still not the steadier."""
    factors = torch.from_numpy(np.random.default_rng(0).integers(4, size=(500, 2)))
    codes = factors + 0.2 * torch.randn(500, 2, generator=generator(0)).double()
    assert score(factor_vae_score, codes * torch.tensor([8, 0.5]), factors) == 1


def test_memory_in_parts_changes_nothing(monkeypatch):
    """Each part draws its own numbers, so the score agrees within its error, and is repeated."""
    factors = np.random.default_rng(0).integers(4, size=(900, 2))
    codes = factors + 2 * np.random.default_rng(1).normal(size=factors.shape)
    whole = factor_vae_score(codes, factors, generator(0))
    monkeypatch.setattr("vmi.metrics.interventions.CELLS", 5000)
    parts = factor_vae_score(codes, factors, generator(0))
    assert parts.value == pytest.approx(whole.value, abs=5 * whole.stderr)


@pytest.mark.parametrize("metric", BOTH)
def test_the_same_generator_gives_the_same_number(metric):
    factors = np.random.default_rng(0).integers(4, size=(900, 2))
    codes = factors + 3 * np.random.default_rng(1).normal(size=factors.shape)
    first = score(metric, codes, factors, batch=4)
    assert score(metric, codes, factors, batch=4) == first
    assert score(metric, codes, factors, stream=1, batch=4) != first


@pytest.mark.parametrize("metric", BOTH)
@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        (np.linspace(0, 1, 6), "continuous"),
        (np.arange(6), "no two images"),
        (np.ones(6, int), "varies"),
    ],
)
def test_interventions_without_a_meaning_are_not_applicable(metric, factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        score(metric, np.eye(6), factors)


@pytest.mark.parametrize("metric", BOTH)
def test_one_factor_leaves_nothing_to_tell_apart(metric):
    with pytest.raises(NotApplicable, match="one alone"):
        score(metric, np.eye(6), np.arange(6) % 2)
