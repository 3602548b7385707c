"""Annealing forwards and backwards where the normaliser, or log p(x), is known."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from vmi.data.gaussian import LinearGaussian
from vmi.errors import NotApplicable
from vmi.likelihood import annealed
from vmi.likelihood.annealed import Bridge, ais, bdmc, simulate
from vmi.likelihood.bounds import iwae
from vmi.likelihood.hamiltonian import Leapfrog, State, adapt, anneal, follow, schedule, transition
from vmi.models.vae import VAE
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.verify.worlds import CategoricalWorld, JointWorld, linear_images, linear_vae

WORLD = LinearGaussian(dimensions=6, latents=2, scale=1.0)
JOINT = JointWorld(overlap=1.0)
CASES = {
    "linear": (linear_vae(WORLD, 1.5), linear_images(WORLD, 30), WORLD),
    "joint": (JOINT.vae(1.5), JOINT.sample(30), JOINT),
}
worlds = pytest.mark.parametrize(("model", "x", "world"), CASES.values(), ids=CASES)


def tilt(u):
    """N(u; 0, I) exp(r(u)) is exp(2 * G) times N(2, I): the mean moves, the normaliser is known."""
    return 2 * u.sum(-1), torch.full_like(u, 2.0)


def narrow(u):
    """With b = 1 the density is N(0, 1/4 I)."""
    return -1.5 * (u**2).sum(-1), -3 * u


def draw(*shape):
    return torch.randn(*shape, generator=generator("draw"), dtype=torch.float64)


def one(b):
    return torch.tensor(b, dtype=torch.float64)


def sizes(value, *shape):
    return torch.full(shape, value, dtype=torch.float64)


# ---------------------------------------------------------------- the transitions


def test_the_schedule_runs_from_0_to_1_closest_at_both_ends():
    path = schedule(10)
    gaps = path.diff()
    assert (path[0], path[-1], len(path)) == (0, 1, 11)
    assert (gaps > 0).all() and gaps[0] < gaps[2] < gaps[4]
    torch.testing.assert_close(gaps, gaps.flip(0))


def energy_error(size):
    state, momentum = State.at(narrow, draw(1, 500, 3)), draw(1, 500, 3) + 1
    after, arrived = follow(narrow, state, momentum, one(1.0), Leapfrog(sizes(size, 500), 1))
    before = state.log_density(one(1.0)) - (momentum**2).sum(-1) / 2
    return (after.log_density(one(1.0)) - (arrived**2).sum(-1) / 2 - before).abs().mean()


def test_the_energy_error_of_one_leapfrog_step_is_of_third_order():
    """It is of second order for a path of fixed length."""
    assert energy_error(0.01) / energy_error(0.005) == pytest.approx(8, rel=0.05)


def test_leapfrogs_run_backwards_to_where_they_came_from():
    state, momentum = State.at(narrow, draw(2, 5, 3)), draw(2, 5, 3) + 1
    there, arrived = follow(narrow, state, momentum, one(0.7), Leapfrog(sizes(0.3, 5), 7))
    assert not torch.allclose(there.u, state.u)
    back, returned = follow(narrow, there, -arrived, one(0.7), Leapfrog(sizes(0.3, 5), 7))
    torch.testing.assert_close(back.u, state.u)
    torch.testing.assert_close(-returned, momentum)


def test_tiny_steps_are_always_accepted_and_absurd_ones_never():
    state = State.at(narrow, draw(4, 50, 3))
    stream = generator(0)
    _, probability = transition(narrow, state, one(1.0), Leapfrog(sizes(1e-4, 50), 3), stream)
    assert probability.min() > 0.999
    stuck, probability = transition(narrow, state, one(1.0), Leapfrog(sizes(1e99, 50), 9), stream)
    assert probability.max() == 0
    assert stuck.u.equal(state.u) and stuck.slope.equal(state.slope)


def test_a_transition_leaves_its_target_as_it_is():
    """With steps so long that the decision matters."""
    n, b = 40_000, 0.5  # N(0, 1 / (1 + 3 b))
    variance = 1 / (1 + 3 * b)
    state, stream = State.at(narrow, draw(1, n, 2) * variance**0.5), generator(1)
    for _ in range(5):
        state, probability = transition(narrow, state, one(b), Leapfrog(sizes(1.2, n), 3), stream)
    assert 0.3 < probability.mean() < 0.95
    error = 4 / (2 * n) ** 0.5
    assert state.u.mean().item() == pytest.approx(0, abs=error * variance**0.5)
    assert (state.u**2).mean().item() == pytest.approx(variance, rel=error * 2**0.5)
    assert (state.u**4).mean().item() == pytest.approx(3 * variance**2, rel=error * 11**0.5)


def test_a_transition_moves_towards_its_target_and_keeps_value_and_slope():
    state, stream = State.at(tilt, draw(1, 4000, 2)), generator(2)
    for _ in range(20):
        state, _ = transition(tilt, state, one(1.0), Leapfrog(sizes(0.7, 4000), 3), stream)
    assert state.u.mean().item() == pytest.approx(2, abs=4 / 8000**0.5)
    assert state.u.var().item() == pytest.approx(1, rel=4 * (2 / 8000) ** 0.5)
    torch.testing.assert_close(state.value, tilt(state.u)[0])


def test_steps_adapt_to_four_of_five_accepted():
    path = schedule(300)
    found = adapt(narrow, draw(16, 5, 10), path, generator(3), leapfrogs=3)
    assert found.shape == (299, 5)
    state = State.at(narrow, draw(400, 5, 10) / 2)
    _, probability = transition(narrow, state, one(1.0), Leapfrog(found[-1], 3), generator(4))
    assert probability.mean().item() == pytest.approx(0.8, abs=0.12)


@pytest.mark.parametrize("temperatures", [1, 2, 20])
@pytest.mark.parametrize("ratio", [tilt, narrow])
def test_annealing_gives_the_normaliser_either_way(ratio, temperatures):
    """E w = Z, and from exact samples of the end E w = 1 / Z, for any steps and any T."""
    n, path = 20_000, schedule(temperatures)
    log_z = 4 if ratio is tilt else -math.log(4)
    u = draw(1, n, 2)
    end = u + 2 if ratio is tilt else u / 2
    steps = sizes(0.8, temperatures - 1, n)
    forward = anneal(ratio, u, path, steps, generator(5), leapfrogs=2) - log_z
    backward = anneal(ratio, end, path.flip(0), steps, generator(6), leapfrogs=2) + log_z
    for log_w in (forward, backward):
        w = log_w.exp()
        if w.var() < 100:  # where it is larger, so few weights rule that the error is no guide
            assert w.mean().item() == pytest.approx(1, abs=4 * w.std().item() / n**0.5)
    assert forward.mean() < 0 and backward.mean() < 0


# ---------------------------------------------------------------- models


@worlds
@pytest.mark.parametrize("start", ["prior", "encoder"])
def test_the_bridge_is_the_log_weight_with_its_gradient(model, x, world, start):
    bridge = Bridge(model, x, start)
    u = draw(3, 30, 2)
    value, slope = bridge(u)
    nudge = 1e-6 * draw(3, 30, 2).sign()
    change = bridge(u + nudge)[0] - bridge(u - nudge)[0]
    torch.testing.assert_close(change / 2, (slope * nudge).sum(-1), rtol=1e-4, atol=1e-9)
    assert not value.requires_grad
    if start == "encoder" and world is WORLD:
        z = bridge.mean + bridge.scale * u
        q, prior = model.encoder(x).gaussian, model.latents.prior(z).gaussian
        images = x.expand(3, *x.shape).flatten(0, 1)
        log_p = model.decoder(z.flatten(0, 1)).log_prob(images).view(3, 30)
        torch.testing.assert_close(value, log_p + prior.log_prob(z) - q.log_prob(z))


@worlds
@pytest.mark.parametrize("start", ["prior", "encoder"])
def test_weights_are_unbiased_for_p_of_x_of_every_image(model, x, world, start):
    """Few temperatures, and steps adapted beforehand: the mean weight is still p(x)."""
    x = x[:10]
    bridge, path, chains = Bridge(model, x, start), schedule(12), 4000
    steps = adapt(bridge, bridge.draw(4, generator(7)), path, generator(8), leapfrogs=2)
    u = bridge.draw(chains, generator(9))
    log_w = anneal(bridge, u, path, steps, generator(10), leapfrogs=2)
    w = (log_w - world.log_prob(x)).exp()
    error = (w.mean(0) - 1) / (w.std(0) / chains**0.5)
    assert error.abs().max() < 4
    assert w.mean().item() == pytest.approx(1, abs=4 * w.std().item() / w.numel() ** 0.5)


@worlds
@pytest.mark.parametrize("start", ["prior", "encoder"])
def test_backward_weights_are_unbiased_too(model, x, world, start):
    x, code = simulate(model, x[:1].expand(4000, -1, -1, -1), generator(11))
    bridge, path = Bridge(model, x, start), schedule(12)
    steps = torch.full((11, 4000), 0.6, dtype=torch.float64)
    log_v = anneal(bridge, bridge.at(code, 1), path.flip(0), steps, generator(12), leapfrogs=2)
    v = (log_v + world.log_prob(x)).exp()
    assert v.mean().item() == pytest.approx(1, abs=4 * v.std().item() / 4000**0.5)


@worlds
def test_more_temperatures_bring_ais_up_to_log_p(model, x, world):
    truth = world.log_prob(x).mean().item()
    ladder = [ais(model, x, generator(13), temperatures=t).value for t in (1, 10, 100)]
    assert ladder[0] < ladder[1] < ladder[2]
    assert ladder[2] == pytest.approx(truth, abs=0.1)


def test_an_encoder_that_is_the_posterior_gives_log_p_whatever_the_walk():
    x, model = linear_images(WORLD, 20), linear_vae(WORLD)
    truth = WORLD.log_prob(x)
    for temperatures in (1, 3, 20):
        made = ais(model, x, generator(0), temperatures=temperatures, start="encoder")
        assert made.value == pytest.approx(truth.mean().item(), abs=1e-9)
        assert made.ess == pytest.approx(4)
    assert made.stderr == pytest.approx(truth.std().item() / 20**0.5)
    upper, lower, gap = bdmc(model, x, generator(0), temperatures=5, start="encoder")
    assert gap.value == pytest.approx(0, abs=1e-9)
    assert upper.value == pytest.approx(lower.value, abs=1e-9)


def test_one_temperature_from_the_encoder_is_importance_sampling():
    x, model = linear_images(WORLD, 400), linear_vae(WORLD, 1.5)
    settings = {"temperatures": 1, "chains": 5, "most": 400, "start": "encoder"}
    made = ais(model, x, generator(1), **settings)
    bound, ess = iwae(model, x, generator(2), k=5)
    # at k = 5 the bound differs from log p by far less than one nat an image
    assert made.value == pytest.approx(bound.value, abs=4 * 2**0.5 / 20 * 0.6)
    assert made.ess == pytest.approx(ess.value, abs=0.3)


@worlds
def test_bdmc_brackets_log_p_and_its_gap_closes(model, x, world):
    like = x[:1].expand(100, -1, -1, -1)
    simulated, _ = simulate(model, like, generator(20))
    truth = world.log_prob(simulated).mean().item()
    gaps = []
    for temperatures in (3, 20, 100):
        stream = generator(20)  # the same images each time
        upper, lower, gap = bdmc(model, like, stream, temperatures=temperatures)
        assert lower.value - 0.03 < truth < upper.value + 0.03
        assert gap.value == pytest.approx(upper.value - lower.value)
        gaps.append(gap.value)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.12
    assert [e.part for e in (upper, lower, gap)] == ["", "lower", "gap"]
    assert [e.bound for e in (upper, lower)] == ["upper", "lower"]


def test_simulated_images_are_the_worlds_own():
    model = linear_vae(WORLD)
    x, z = simulate(model, linear_images(WORLD, 1).expand(20_000, -1, -1, -1), generator(3))
    assert x.shape == (20_000, 1, 1, 6) and z.shape == (20_000, 2)
    covariance = WORLD.loadings @ WORLD.loadings.T + torch.eye(6)
    torch.testing.assert_close(x.flatten(1).T.cov(), covariance.double(), rtol=0, atol=0.4)
    expected = -(6 * (1 + math.log(2 * math.pi)) + torch.logdet(covariance).item()) / 2
    assert WORLD.log_prob(x).mean().item() == pytest.approx(expected, abs=4 * 3**0.5 / 20_000**0.5)
    residual = z - WORLD.posterior(x).mean
    assert residual.std(0).tolist() == pytest.approx(
        WORLD.posterior(x).stddev[0].tolist(), rel=0.03
    )


def test_simulating_leaves_the_global_generator_alone():
    model, before = linear_vae(WORLD), torch.get_rng_state()
    simulate(model, linear_images(WORLD, 3), generator(0))
    assert torch.get_rng_state().equal(before)


def small_model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VAE((1, 4, 4), Latents(3, (2,)), "dense-8").eval()


def test_it_is_a_function_of_the_generator_alone_and_of_the_first_images():
    x = torch.rand(7, 1, 4, 4, generator=generator(0)).round()
    settings = {"temperatures": 4, "most": 5}
    first = ais(small_model(), x, generator(1), **settings)
    with torch.no_grad():
        assert first == ais(small_model(), x[:5], generator(1), **settings)
    assert first != ais(small_model(), x, generator(2), **settings)
    assert first.n == 5 and "first 5 images" in first.convention
    assert bdmc(small_model(), x, generator(1), **settings)[0].n == 5
    assert (first.unit, first.bound) == ("nats", "lower")
    assert math.isfinite(first.value) and math.isfinite(first.stderr)


def test_parts_of_bounded_memory_change_nothing(monkeypatch):
    model, x, _ = CASES["joint"]
    whole = ais(model, x, generator(4), temperatures=5)
    monkeypatch.setattr(annealed, "PIXELS", 8 * 3 * 7)
    rows = []
    decoder = model.decoder.forward
    monkeypatch.setattr(model.decoder, "forward", lambda z: rows.append(len(z)) or decoder(z))
    parts = ais(model, x, generator(4), temperatures=5)
    assert max(rows) == 7 * 3
    assert parts.value == pytest.approx(whole.value, abs=1e-9)
    assert parts.ess == pytest.approx(whole.ess, abs=1e-9)


def test_codes_it_has_no_meaning_for_are_refused():
    world = CategoricalWorld()
    for metric in (ais, bdmc):
        with pytest.raises(NotApplicable, match="no Gaussian block"):
            metric(world.vae(), world.sample(3), generator(0))
    model = VAE((1, 2, 2), Latents(1, (20, 20)), "linear")
    with pytest.raises(NotApplicable, match="400 combinations"):
        ais(model, torch.zeros(2, 1, 2, 2), generator(0))
    with pytest.raises(ValueError, match="start='posterior' is none of"):
        ais(small_model(), torch.zeros(2, 1, 4, 4), generator(0), start="posterior")


def test_a_model_that_breaks_down_gives_no_silent_number():
    """A decoder whose gradient is no number: every proposal is refused, and the walk goes on."""
    model = linear_vae(WORLD)
    model.decoder.net = nn.Sequential(model.decoder.net, Broken())
    made = ais(model, linear_images(WORLD, 4), generator(0), temperatures=5)
    assert math.isnan(made.value)


class Broken(nn.Module):
    def forward(self, x):
        return x + torch.nan


def test_wider_walks_are_tighter_by_chains_too():
    model, x, _ = CASES["linear"]
    ladder = [ais(model, x, generator(5), temperatures=5, chains=c) for c in (1, 8, 64)]
    assert all(a.value < b.value for a, b in pairwise(ladder))
    assert ladder[0].ess == pytest.approx(1)
    assert 1 < ladder[1].ess < 8 and ladder[1].ess < ladder[2].ess < 64
