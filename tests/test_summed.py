"""Categories summed out: exact where nothing else is left, tighter than sampling them otherwise."""

import math

import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from vmi.errors import NotApplicable
from vmi.likelihood import bounds
from vmi.likelihood.bounds import importance_samples, iwae, log_weights
from vmi.likelihood.summed import every_category, iwae_summed, log_p_summed, summed_log_weights
from vmi.models.vae import VAE
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.verify.worlds import CategoricalWorld, JointWorld

N = 200


def test_the_joint_world_is_a_mixture_of_gaussians():
    world = JointWorld(overlap=1.0)
    covariance = world.world.loadings @ world.world.loadings.T + torch.eye(8)
    parts = MultivariateNormal(world.offsets, covariance)
    mixture = MixtureSameFamily(Categorical(logits=torch.zeros(3).double()), parts)
    x = world.sample(20_000).flatten(1)
    torch.testing.assert_close(world.log_prob(x), mixture.log_prob(x))
    error = (mixture.variance / len(x)).sqrt()
    assert ((x.mean(0) - mixture.mean) / error).abs().max() < 4


@pytest.mark.parametrize("overlap", [0.0, 1.0])
def test_the_joint_worlds_model_holds_its_densities(overlap):
    """By a fine grid over z: p(x) of the model's decoder is the world's."""
    world = JointWorld(overlap=overlap)
    x, model = world.sample(3), world.vae()
    axis = torch.linspace(-8, 8, 201, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    values = every_category(model.latents).double()
    log_prior = -(z**2).sum(1) / 2 - math.log(2 * math.pi) + 2 * math.log(16 / 200)
    for image, truth in zip(x, world.log_prob(x), strict=True):
        log_p = log_p_summed(model, image.expand(len(z), -1, -1, -1), z, values)
        assert (log_p + log_prior).logsumexp(0).item() == pytest.approx(truth.item(), abs=1e-6)
    posterior = model.encoder(x).categoricals[0].probs
    torch.testing.assert_close(posterior, world.log_likelihoods(x).softmax(1))


def test_every_category_is_gone_through_once():
    rows = every_category(Latents(1, (2, 3)))
    assert rows.shape == (6, 5)
    assert len({tuple(row) for row in rows.tolist()}) == 6
    assert rows[:, :2].sum(1).eq(1).all() and rows[:, 2:].sum(1).eq(1).all()
    assert every_category(Latents(1)).shape == (1, 0)


@pytest.mark.parametrize("sharpness", [0.0, 1.0, 5.0])
def test_a_categorical_code_is_exact_whatever_the_encoder(sharpness):
    world = CategoricalWorld()
    x = world.sample(N)
    made = iwae_summed(world.vae(sharpness), x, generator(0), k=1)
    truth = world.log_prob(x)
    assert made.value == pytest.approx(truth.mean().item(), abs=1e-12)
    assert made.stderr == pytest.approx(truth.std().item() / N**0.5)
    assert (made.bound, made.unit, made.n) == ("exact", "nats", N)
    assert math.isnan(made.ess)


def test_two_categories_are_summed_over_all_pairs():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = VAE((1, 1, 6), Latents(0, (2, 3)), "linear").double().eval()
    x = torch.tensor(list(torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 6).tolist()))
    x = x.double().view(-1, 1, 1, 6)
    made = [iwae_summed(model, one[None], generator(0)).value for one in x]
    assert torch.tensor(made).logsumexp(0).item() == pytest.approx(0, abs=1e-6)


def test_exact_encoder_gives_log_p_by_one_sample_with_the_category_summed_out():
    world = JointWorld()
    x = world.sample(N)
    made = iwae_summed(world.vae(), x, generator(0), k=1)
    assert made.value == pytest.approx(world.log_prob(x).mean().item(), abs=1e-9)
    several = iwae_summed(world.vae(), x, generator(0), k=7)
    assert several.value == pytest.approx(made.value, abs=1e-9)
    assert several.ess == pytest.approx(7)
    assert (several.bound, several.n) == ("lower", N)


def test_a_summed_weight_is_the_mean_of_the_weights_over_q_of_c():
    """Rao-Blackwell, to the last digit: sum over c of q(c|x) times the weight of `iwae`."""
    world = JointWorld(overlap=1.0)
    model, x = world.vae(1.5), world.sample(5)
    values = every_category(model.latents).double()
    (summed,) = summed_log_weights(model, x, 4, generator(1), values)
    ((q, code),) = importance_samples(model, x, 4, generator(1))
    total = torch.zeros(4, 5, dtype=torch.float64)
    for c, one_hot in enumerate(values):
        z = torch.cat([code[..., :2], one_hot.expand(4, 5, -1)], -1)
        images = x.expand(4, *x.shape).flatten(0, 1)
        log_p = model.decoder(z.flatten(0, 1)).log_prob(images).view(4, 5)
        log_w = log_p + model.latents.prior(z).log_prob(z) - q.log_prob(z)
        total += q.categoricals[0].probs[:, c] * log_w.exp()
    torch.testing.assert_close(summed, total.log())


@pytest.mark.parametrize("k", [1, 5, 20])
def test_summing_is_tighter_than_sampling_at_equal_k(k):
    world = JointWorld(overlap=1.0)
    model, x = world.vae(1.3), world.sample(2000)
    sampled, _ = iwae(model, x, generator(2), k=k)
    summed = iwae_summed(model, x, generator(2), k=k)
    truth = world.log_prob(x).mean().item()
    assert sampled.value < summed.value < truth
    wrong = [s.value - truth for s in (sampled, summed)]
    assert wrong[1] > wrong[0] + 0.001


def test_the_weights_are_unbiased_for_p_of_x():
    world = JointWorld(overlap=1.0)
    model, x = world.vae(2.0), world.sample(10)
    values = every_category(model.latents).double()
    log_w = torch.cat(list(summed_log_weights(model, x, 4000, generator(3), values)))
    w = (log_w - world.log_prob(x)).exp()
    assert ((w.mean(0) - 1) / (w.std(0) / 4000**0.5)).abs().max() < 4


def test_it_climbs_to_log_p():
    world = JointWorld(overlap=1.0)
    model, x = world.vae(2.0), world.sample(500)
    ladder = [iwae_summed(model, x, generator(k), k=k).value for k in (1, 5, 50, 1000)]
    truth = world.log_prob(x).mean().item()
    assert ladder[0] < ladder[1] < ladder[2] < ladder[3] < truth + 0.005
    assert ladder[3] == pytest.approx(truth, abs=0.03)


def test_parts_of_bounded_memory_change_nothing(monkeypatch):
    world = JointWorld(overlap=1.0)
    model, x = world.vae(1.5), world.sample(10)
    whole = iwae_summed(model, x, generator(4), k=30)
    monkeypatch.setattr(bounds, "PIXELS", x.numel() * 3 * 7)
    rows, decoder = [], model.decoder.forward
    monkeypatch.setattr(model.decoder, "forward", lambda z: rows.append(len(z)) or decoder(z))
    parts = iwae_summed(model, x, generator(4), k=30)
    assert rows == [210, 210, 210, 210, 60]
    assert parts.value == pytest.approx(whole.value, abs=1e-12)
    assert parts.ess == pytest.approx(whole.ess, abs=1e-9)
    exact = CategoricalWorld()
    assert iwae_summed(exact.vae(), exact.sample(100), generator(0)).n == 100


def test_the_same_samples_as_iwae():
    world = JointWorld()
    model, x = world.vae(1.2), world.sample(6)
    (sampled,) = log_weights(model, x, 3, generator(5))
    (summed,) = summed_log_weights(
        model, x, 3, generator(5), every_category(model.latents).double()
    )
    torch.testing.assert_close(sampled, summed)  # q(c|x) is exact: each weight is its own mean


def test_codes_it_has_no_meaning_for_are_refused():
    x = torch.zeros(2, 1, 2, 2)
    for latents, said in ((Latents(2), "no category"), (Latents(1, (20, 20)), "400 combinations")):
        with pytest.raises(NotApplicable, match=said):
            iwae_summed(VAE((1, 2, 2), latents, "linear"), x, generator(0))
