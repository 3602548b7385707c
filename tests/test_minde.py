"""Denoisers held against Gaussians, for which the integral is known."""

import math

import pytest
import torch

from vmi.mi import minde as module
from vmi.mi.minde import minde
from vmi.mi.stacks import Side, estimate_each
from vmi.random import generator


def gaussian(n: int, rho: float, pairs: int, seed: int = 0):
    x, noise = torch.randn(2, n, pairs, generator=generator("pairs", n, rho, pairs, seed))
    return x, rho * x + math.sqrt(1 - rho**2) * noise, -pairs * math.log(1 - rho**2) / 2


def each(pairs, **settings):
    generators = [generator("estimator", i) for i in range(len(pairs))]
    return estimate_each(minde, pairs, generators, settings)


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_the_exact_denoisers_give_the_information(rho, monkeypatch):
    x, y, truth = gaussian(4000, rho, 2)
    left = 1 - rho**2

    def exact(noisy_x, y, noise, snr):
        alpha, sigma = snr.sigmoid().sqrt(), (-snr).sigmoid().sqrt()
        noisy = alpha * noisy_x + sigma * noise
        told = [(noisy, 1.0), (noisy - alpha * rho * y, left)]
        means = [sigma * r / (alpha**2 * v + sigma**2) for r, v in told]
        return torch.stack([(noise - m).square().sum(-1) for m in means])

    side = Side(x[None], x[None], x[None])
    denoiser = module.Denoiser(side, side, [generator("exact")], 8)
    monkeypatch.setattr(denoiser, "errors", exact)
    terms = denoiser.gains(x[None], y[None], [generator("noise")])
    error = float(terms.std()) / math.sqrt(terms.numel())
    # Below -6 lie at most e^-6 / 2 nats a column.
    assert float(terms.mean()) == pytest.approx(truth, abs=4 * error + 2 * math.exp(-6) / 2)


def test_normal_pairs_are_found():
    problems = [gaussian(2000, 0.9, 1, seed) for seed in range(3)]
    made = each([p[:2] for p in problems], steps=500, width=64)
    mean, error = sum(m.value for m in made) / 3, sum(m.stderr for m in made) / 3 / math.sqrt(3)
    assert mean == pytest.approx(problems[0][2], abs=3 * error + 0.1)


def test_independent_data_have_no_information():
    made = each([gaussian(1000, 0.0, 2, seed)[:2] for seed in range(3)], steps=200, width=64)
    mean, error = sum(m.value for m in made) / 3, sum(m.stderr for m in made) / 3 / math.sqrt(3)
    assert abs(mean) < 3 * error + 0.02


def test_a_problem_is_estimated_alone_as_in_a_stack():
    pairs = [gaussian(300, rho, 2)[:2] for rho in (0.3, 0.6, 0.9)]
    together = each(pairs, steps=50, width=32)
    alone = minde(*pairs[1], generator("estimator", 1), steps=50, width=32)
    assert alone.value == pytest.approx(together[1].value, abs=1e-3)
    assert alone.bound == "" and math.isnan(alone.ceiling) and alone.n == 60


def test_levels_of_noise_share_one_weight():
    snr = torch.linspace(module.NOISIEST, module.CLEAREST, 50)[None, :, None]
    weights = module._hats(snr)
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, 50))
    assert bool((weights >= 0).all())
