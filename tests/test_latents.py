"""Codes: divergences, samples, gradients and schedules against torch and closed forms."""

import math

import pytest
import torch
from torch.distributions import (
    Categorical,
    Independent,
    Normal,
    kl_divergence,
)

from vmi.errors import UserError
from vmi.models import make
from vmi.nets.joint_code import JointCode, kl_categorical, kl_gaussian
from vmi.nets.latents import Latents
from vmi.nets.temperature import Temperature
from vmi.random import generator

SHAPES = [Latents(3), Latents(0, (4,)), Latents(0, (2, 5)), Latents(2, (3, 4), informed=1)]
shapes = pytest.mark.parametrize("latents", SHAPES, ids=["gaussian", "one", "two", "joint"])


def outputs(latents, n=7, stream="outputs"):
    return torch.randn(n, latents.outputs, generator=generator(stream), dtype=torch.float64)


def noise(latents, n=7):
    return latents.draw_noise((n,), generator("noise", n)).double()


@shapes
def test_divergence_is_the_sum_of_torchs_over_blocks(latents):
    q = latents.distribution(outputs(latents))
    p = latents.distribution(outputs(latents, stream="other"))
    gaussian = kl_divergence(q.gaussian, p.gaussian)
    pairs = zip(q.categoricals, p.categoricals, strict=True)
    categorical = sum(kl_divergence(a, b) for a, b in pairs) + torch.zeros(7).double()
    torch.testing.assert_close(kl_gaussian(q, p), gaussian)
    torch.testing.assert_close(kl_categorical(q, p), categorical)
    torch.testing.assert_close(kl_divergence(q, p), gaussian + categorical)


def test_divergence_from_the_prior_has_its_closed_form():
    latents = Latents(2, (5,))
    q = latents.distribution(torch.tensor([[1.0, -2.0, 0.0, math.log(4), 9, 0, 0, 0, 0]]))
    prior = latents.prior(torch.zeros(1, latents.size))
    gaussian = 0.5 * (1 + 4 + (1 - 1 - 0) + (4 - 1 - math.log(4)))
    rest = torch.tensor([9.0, 0, 0, 0, 0]).softmax(0)
    categorical = math.log(5) + float((rest * rest.log()).sum())
    assert kl_gaussian(q, prior).item() == pytest.approx(gaussian, rel=1e-5)
    assert kl_categorical(q, prior).item() == pytest.approx(categorical, rel=1e-5)


@shapes
def test_prior_has_no_divergence_from_itself(latents):
    prior = latents.prior(torch.zeros(5, latents.size))
    assert kl_divergence(prior, prior).abs().max() == 0
    assert prior.mean.shape == (5, latents.size)


@shapes
def test_density_and_entropy_are_torchs(latents):
    q = latents.distribution(outputs(latents))
    code = q.sample_from(noise(latents))
    gaussian, one_hots = q.split(code)
    log_prob = Independent(Normal(q.gaussian.mean, q.gaussian.stddev), 1).log_prob(gaussian)
    entropy = q.gaussian.entropy()
    for c, one_hot in zip(q.categoricals, one_hots, strict=True):
        log_prob = log_prob + Categorical(logits=c.logits).log_prob(one_hot.argmax(-1))
        entropy = entropy - (c.probs * c.probs.log()).sum(-1)
    torch.testing.assert_close(q.log_prob(code), log_prob)
    torch.testing.assert_close(q.entropy(), entropy)


@shapes
@pytest.mark.parametrize("hard", [False, True])
def test_relaxed_categories_lie_on_the_simplex(latents, hard):
    code = latents.distribution(outputs(latents)).relaxed_sample(noise(latents), 0.5, hard)
    _, categories = latents.distribution(outputs(latents)).split(code)
    for c in categories:
        assert c.min() >= 0
        torch.testing.assert_close(c.sum(-1), torch.ones(7).double())
        assert torch.allclose(c, c.round()) == hard


def test_straight_through_has_hard_values_and_the_soft_gradient():
    latents, towards = Latents(1, (4,)), torch.randn(7, 5, generator=generator("towards")).double()
    gradients, values = [], []
    for hard in (False, True):
        given = outputs(latents).requires_grad_()
        code = latents.distribution(given).relaxed_sample(noise(latents), 0.7, hard)
        (code * towards).sum().backward()
        gradients.append(given.grad)
        values.append(code.detach())
    torch.testing.assert_close(gradients[0], gradients[1])
    exact = latents.distribution(outputs(latents)).sample_from(noise(latents))
    torch.testing.assert_close(values[1], exact)
    assert not torch.allclose(values[0], exact)


def test_gradient_of_a_relaxed_sample_is_that_of_finite_differences():
    latents, eps = Latents(1, (3,)), noise(Latents(1, (3,)))

    def sample(given):
        return latents.distribution(given).relaxed_sample(eps, 0.7)

    assert torch.autograd.gradcheck(sample, outputs(latents).requires_grad_())


def test_a_cold_relaxed_sample_is_the_exact_one():
    latents = Latents(2, (3, 4))
    q, eps = latents.distribution(outputs(latents)), noise(latents)
    torch.testing.assert_close(q.relaxed_sample(eps, 1e-6), q.sample_from(eps))


def test_samples_have_the_frequencies_and_moments_they_should():
    latents, n = Latents(1, (3, 2)), 40_000
    p, r = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.4, 0.6])
    given = torch.cat([torch.tensor([2.0, math.log(9)]), p.log(), r.log()]).expand(n, -1)
    code = latents.distribution(given).sample_from(latents.draw_noise((n,), generator("many")))
    assert code[:, 0].mean().item() == pytest.approx(2, abs=4 * 3 / n**0.5)
    assert code[:, 0].std().item() == pytest.approx(3, rel=4 / (2 * n) ** 0.5)
    share, wanted = code[:, 1:].mean(0), torch.cat([p, r])
    assert (((share - wanted) / (wanted * (1 - wanted) / n).sqrt()).abs() < 4).all()
    together = (code[:, 1:4, None] * code[:, None, 4:]).mean(0)  # the blocks are independent
    assert (together - p[:, None] * r).abs().max() < 4 * 0.5 / n**0.5


@shapes
def test_vmap_gives_what_a_loop_gives(latents):
    def all_of_it(given, eps):
        q = latents.distribution(given)
        z = q.relaxed_sample(eps, 0.5, hard=True)
        return z, q.sample_from(eps), q.log_prob(z), kl_divergence(q, latents.prior(z))

    given, eps = outputs(latents, 6).view(3, 2, -1), noise(latents, 6).view(3, 2, -1)
    alone = [torch.stack(t) for t in zip(*map(all_of_it, given, eps), strict=True)]
    for a, b in zip(torch.vmap(all_of_it)(given, eps), alone, strict=True):
        torch.testing.assert_close(a, b)


@shapes
def test_selecting_from_the_batch_selects_the_densities(latents):
    q = latents.distribution(outputs(latents))
    code, rows = q.sample_from(noise(latents)), torch.tensor([4, 1])
    torch.testing.assert_close(q[rows].log_prob(code[rows]), q.log_prob(code)[rows])


def test_chosen_components_are_the_informed_dimensions_and_every_category():
    latents = Latents(3, (2,), informed=1)
    code = torch.arange(5.0)
    assert latents.choose(code).tolist() == [0, 3, 4]
    assert latents.chosen.size == 3


def test_noise_is_normal_then_gumbel():
    eps = Latents(1, (2,)).draw_noise((50_000,), generator("gumbel"))
    assert eps[:, 0].std().item() == pytest.approx(1, abs=0.02)
    assert eps[:, 1:].mean().item() == pytest.approx(0.5772, abs=0.02)  # Euler's constant
    assert eps[:, 1:].std().item() == pytest.approx(math.pi / 6**0.5, abs=0.02)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gaussian": 0},
        {"categorical": (1,)},
        {"gaussian": 2, "informed": 3},
        {"gaussian": 2, "informed": -1},
    ],
    ids=str,
)
def test_impossible_codes_are_refused(wrong):
    with pytest.raises(ValueError, match=r"code|values|informed"):
        Latents(**wrong)


def test_held_temperature_falls_by_steps_of_a_period_to_the_floor():
    held = Temperature()
    assert held(0) == held(1499) == 1
    assert held(1500) == held(2999) == pytest.approx(math.exp(-0.0225))
    assert -math.log(0.3) / held.rate == pytest.approx(80_265, abs=1)
    assert held(80_265) == held(80_999) == pytest.approx(math.exp(-1.5e-5 * 79_500))
    assert held(81_000) == held(150_000) == 0.3


def test_published_temperature_differs_from_the_start_at_100_of_150_000_steps():
    published = Temperature(schedule="published")
    steps = [step for step in range(150_000) if published(step) != 1]
    assert len(steps) == 100
    assert steps[:3] == [1, 1501, 3001]
    assert published(1501) == pytest.approx(math.exp(-1.5e-5 * 1501))
    assert published(148_501) == 0.3


@pytest.mark.parametrize("wrong", [{"schedule": "hold"}, {"strat": 1.0}], ids=str)
def test_unknown_settings_of_the_temperature_are_refused(wrong):
    with pytest.raises(UserError, match=r"hold|strat"):
        make((1, 4, 4), {"model": "vae"}, {"temperature": wrong}, "linear", "bernoulli")


def test_a_joint_code_shows_what_it_is_made_of():
    q = JointCode(torch.zeros(7, 2), torch.ones(7, 2), [torch.zeros(7, 3)])
    assert q.batch_shape == (7,)
    assert q.event_shape == (5,)
    torch.testing.assert_close(q.mean[0], torch.tensor([0, 0, 1 / 3, 1 / 3, 1 / 3]))
