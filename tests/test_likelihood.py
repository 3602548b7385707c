"""Bounds on the log-likelihood where log p(x) is known for every image."""

import pytest
import torch

from vmi.data.gaussian import LinearGaussian
from vmi.likelihood import bounds
from vmi.likelihood.bounds import elbo, iwae, log_weights
from vmi.random import generator
from vmi.verify.worlds import CategoricalWorld, linear_gap, linear_images, linear_vae

WORLDS = [
    LinearGaussian(dimensions=6, latents=2, scale=1.0),
    LinearGaussian(dimensions=9, latents=4, scale=0.5),
]
worlds = pytest.mark.parametrize("world", WORLDS, ids=["2", "4"])
N = 200


def per_image(model, x, k):
    (log_w,) = log_weights(model, x, k, generator("weights"))
    return log_w.logsumexp(0) - torch.tensor(k).log()


@worlds
def test_exact_encoder_gives_log_p_of_every_image_by_one_sample(world):
    x = linear_images(world, N)
    torch.testing.assert_close(
        per_image(linear_vae(world), x, 1), world.log_prob(x), rtol=0, atol=1e-9
    )


@worlds
@pytest.mark.parametrize("k", [1, 2, 7])
def test_exact_encoder_gives_an_iwae_that_is_log_p_and_an_ess_of_k(world, k):
    x = linear_images(world, N)
    bound, ess = iwae(linear_vae(world), x, generator(0), k=k)
    truth = world.log_prob(x)
    assert bound.value == pytest.approx(truth.mean().item(), abs=1e-9)
    assert bound.stderr == pytest.approx(truth.std().item() / N**0.5, rel=1e-9)
    assert ess.value == pytest.approx(k, abs=1e-9)
    assert (bound.unit, bound.bound, bound.n) == ("nats", "lower", N)
    assert (ess.part, ess.ceiling, ess.unit) == ("ess", k, "")


def test_exact_encoder_is_exact_in_single_precision_to_1e_4():
    x = linear_images(WORLDS[0], N)
    values = per_image(linear_vae(WORLDS[0]).float(), x.float(), 1)
    torch.testing.assert_close(values, WORLDS[0].log_prob(x), rtol=0, atol=1e-4)


@worlds
def test_elbo_of_the_exact_encoder_is_log_p_and_its_rate_is_known(world):
    x = linear_images(world, N)
    bound, distortion, rate = elbo(linear_vae(world), x, generator(0), samples=200)
    assert bound.value == pytest.approx(world.log_prob(x).mean().item(), abs=0.05)
    posterior = world.posterior(x).base_dist
    m, v = posterior.mean, posterior.variance
    assert rate.value == pytest.approx(float((m**2 + v - 1 - v.log()).sum(1).mean() / 2), rel=1e-9)
    assert bound.value == pytest.approx(-distortion.value - rate.value, rel=1e-12)
    assert [e.bound for e in (bound, distortion, rate)] == ["lower", "", ""]


@worlds
@pytest.mark.parametrize(("spread", "left"), [(0.5, 0.25), (2.0, 0.02)])
def test_a_wrong_encoder_climbs_the_ladder_to_log_p(world, spread, left):
    """Too narrow is worse than too wide: its weights have no variance, and the climb is slow."""
    x, model = linear_images(world, N), linear_vae(world, spread)
    truth, gap = world.log_prob(x).mean().item(), linear_gap(world, spread)
    lowest, *_ = elbo(model, x, generator(0), samples=400)
    assert lowest.value == pytest.approx(truth - gap, abs=0.1)
    ladder = [iwae(model, x, generator(k), k=k)[0].value for k in (5, 50, 1000)]
    assert lowest.value < ladder[0] < ladder[1] < ladder[2] < truth + 0.01
    assert ladder[2] == pytest.approx(truth, abs=left * gap)


def test_ess_of_a_too_wide_encoder_is_below_k_and_grows():
    x, model = linear_images(WORLDS[0], N), linear_vae(WORLDS[0], 2.0)
    sizes = [iwae(model, x, generator(0), k=k)[1].value for k in (1, 10, 100)]
    # in one dimension E[w]^2 / E[w^2] = sqrt(2 s^2 - 1) / s^2, the share of k in the limit
    assert sizes[0] == pytest.approx(1)
    assert sizes[2] == pytest.approx(100 * (7**0.5 / 4) ** 2, rel=0.05)
    assert sizes[0] < sizes[1] < sizes[2]


def test_categorical_world_is_normalised():
    world = CategoricalWorld()
    assert world.log_prob(world.images()).logsumexp(0).item() == pytest.approx(0, abs=1e-12)


def test_exact_categorical_encoder_gives_log_p_of_every_image_by_one_sample():
    world = CategoricalWorld()
    x = world.images()
    values = per_image(world.vae(), x, 1)
    torch.testing.assert_close(values, world.log_prob(x), rtol=0, atol=1e-9)
    _, ess = iwae(world.vae(), x, generator(0), k=5)
    assert ess.value == pytest.approx(5)


def test_uniform_categorical_encoder_approaches_log_p():
    world = CategoricalWorld()
    x = world.sample(500)
    truth = world.log_prob(x).mean().item()
    values = [iwae(world.vae(0), x, generator(0), k=k)[0].value for k in (1, 5, 50, 1000)]
    assert values[0] < values[1] < values[2] < truth
    assert values[3] == pytest.approx(truth, abs=0.01)
    everything = world.log_likelihoods(x).mean().item()  # with k = 1: E log p(x|c), c uniform
    assert values[0] == pytest.approx(everything, abs=0.5)
    bound, *_, rate = elbo(world.vae(0), x, generator(0), samples=500)
    assert bound.value == pytest.approx(everything, abs=0.05)
    assert rate.value == pytest.approx(0, abs=1e-9)


def test_parts_of_bounded_memory_add_up_to_the_same_bound(monkeypatch):
    x, model = linear_images(WORLDS[0], 20), linear_vae(WORLDS[0], 1.5)
    whole = torch.cat(list(log_weights(model, x, 30, generator(0))))
    monkeypatch.setattr(bounds, "PIXELS", x.numel() * 7)
    parts = list(log_weights(model, x, 30, generator(0)))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 2]
    torch.testing.assert_close(torch.cat(parts), whole)
    sums = whole.logsumexp(0)
    expected = (2 * sums - (2 * whole).logsumexp(0)).exp().mean().item()
    monkeypatch.setattr(bounds, "batch", lambda images, samples: 20)
    bound, ess = iwae(model, x, generator(0), k=30)
    assert bound.value == pytest.approx((sums.mean() - torch.tensor(30.0).log()).item())
    assert ess.value == pytest.approx(expected)


def test_batches_of_images_never_change_an_exact_bound(monkeypatch):
    x, model = linear_images(WORLDS[0], 50), linear_vae(WORLDS[0])
    monkeypatch.setattr(bounds, "PIXELS", 1)
    bound, _ = iwae(model, x, generator(0), k=3)
    assert bound.value == pytest.approx(WORLDS[0].log_prob(x).mean().item(), abs=1e-9)
    assert bound.n == 50
