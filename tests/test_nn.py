"""Likelihoods are torch's densities; batch norm's population statistics are those by hand."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Normal

from vmi.errors import UserError
from vmi.nets.batch_statistics import fix_population_statistics, track_population_statistics
from vmi.nets.coders import Encoder
from vmi.nets.latents import Latents
from vmi.nets.likelihoods import make_likelihood
from vmi.random import generator

OUTPUTS = torch.randn(5, 1, 2, 3, generator=generator("outputs"))
X = torch.rand(5, 1, 2, 3, generator=generator("x"))


def summed(distribution, x):
    return distribution.log_prob(x).flatten(1).sum(1)


def test_bernoulli_is_torchs_summed_over_pixels():
    bits = X.round()
    p = make_likelihood("bernoulli")(OUTPUTS)
    torch.testing.assert_close(p.log_prob(bits), summed(Bernoulli(logits=OUTPUTS), bits))
    torch.testing.assert_close(p.mean, OUTPUTS.sigmoid())


@pytest.mark.parametrize(("name", "scale"), [("gaussian", 1.0), ("gaussian-0.5", 0.5)])
def test_gaussian_is_torchs_with_the_scale_of_its_name(name, scale):
    p = make_likelihood(name)(OUTPUTS)
    torch.testing.assert_close(p.log_prob(X), summed(Normal(OUTPUTS, scale), X))
    torch.testing.assert_close(p.mean, OUTPUTS)


def test_squashed_gaussian_keeps_its_mean_in_the_unit_interval():
    p = make_likelihood("squashed-gaussian")(9 * OUTPUTS)
    assert p.mean.min() >= 0
    assert p.mean.max() <= 1
    squashed = (1 + (9 * OUTPUTS).tanh()) / 2
    torch.testing.assert_close(p.log_prob(X), summed(Normal(squashed, 0.7), X))


def test_scale_of_the_squashed_gaussian_is_the_authors_squared_error():
    """Their loss is MSE on [-1, 1] over 784 pixels + .005 KL; ours, times .005, plus a constant."""
    x, outputs = torch.rand(2, 1, 28, 28), torch.randn(2, 1, 28, 28)
    ours = make_likelihood("squashed-gaussian")(outputs).log_prob(x)
    theirs = (outputs.tanh() - (2 * x - 1)).square().mean((1, 2, 3)) / 0.005
    constant = 784 * math.log(0.7 * math.sqrt(2 * math.pi))
    torch.testing.assert_close(-ours, theirs + constant, rtol=2e-4, atol=0)


@pytest.mark.parametrize("name", ["bernouli", "bernoulli-2"])
def test_unknown_likelihoods_are_refused(name):
    with pytest.raises(UserError, match="bernoulli"):
        make_likelihood(name)


def test_encoder_describes_the_code_that_its_outputs_say():
    outputs = torch.tensor([[1.0, math.log(4), 0.0, math.log(3)]])
    q = Encoder(nn.Identity(), Latents(1, (2,)))(outputs)
    assert q.gaussian.mean.item() == 1
    assert q.gaussian.stddev.item() == pytest.approx(2)
    assert q.categoricals[0].probs[0].tolist() == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("affine", [True, False])
def test_population_statistics_are_the_averages_over_batches(affine):
    norm = nn.BatchNorm1d(3, track_running_stats=False, affine=affine)
    model = nn.Sequential(nn.Linear(2, 3), norm)
    batches = torch.randn(4, 10, 2, generator=generator("batches"))
    fix_population_statistics(model, [lambda x=x: model(x) for x in batches])
    hidden = model[0](batches)
    torch.testing.assert_close(norm.running_mean, hidden.mean((0, 1)))
    torch.testing.assert_close(norm.running_var, hidden.var(1).mean(0))
    x = torch.randn(1, 2)  # in evaluation an image no longer depends on its batch
    normed = (model[0](x) - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
    torch.testing.assert_close(model(x), normed)
    assert not model.training


def test_population_statistics_of_images_are_by_channel():
    norm = nn.BatchNorm2d(2, track_running_stats=False)
    batches = torch.randn(3, 5, 2, 4, 4, generator=generator("batches"))
    fix_population_statistics(norm, [lambda x=x: norm(x) for x in batches])
    torch.testing.assert_close(norm.running_mean, batches.mean((0, 1, 3, 4)))
    torch.testing.assert_close(norm.running_var, batches.transpose(1, 2).flatten(2).var(2).mean(0))


def test_a_model_without_norms_has_nothing_to_fix():
    model, asked = nn.Linear(2, 2), []
    assert not track_population_statistics(model)
    fix_population_statistics(model, [lambda: asked.append(1)])
    assert not asked
    assert not model.training
