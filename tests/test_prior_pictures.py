"""A prior beside the aggregate posterior: samples by one decoder, and maps of two numbers."""

import pytest
import torch

from vmi.data.dots import dots
from vmi.errors import NotApplicable, UserError
from vmi.models.vae import VAE
from vmi.nets.latents import Latents
from vmi.pictures.priors import POINTS, REACH, _maps, densities, samples_beside
from vmi.priors.standard import Standard
from vmi.verify.tilts import KnownOdds, clusters

DATA = dots(size=6, places=3, n=100)


def model_of(latents):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VAE((1, 6, 6), latents, "dense-8", "gaussian").eval().requires_grad_(False)


@torch.no_grad()
def test_samples_stand_beside_each_other_and_the_prior_between_if_it_is_another():
    model, split = model_of(Latents(2)), DATA.fixed("evaluation")
    alone, with_prior = (samples_beside(model, split, p) for p in (None, Standard(Latents(2))))
    assert alone.shape[0] == 1 and alone.shape[2] >= 480 <= with_prior.shape[2]
    rows, columns = 4 * 7 - 1, 6 * 7 - 1  # tiles of 6 pixels with a line between
    assert alone.shape[2] * rows == alone.shape[1] * (2 * columns + 6)
    assert with_prior.shape[2] * rows == with_prior.shape[1] * (3 * columns + 12)


@torch.no_grad()
def test_maps_are_of_two_numbers_and_of_each_density():
    split = DATA.fixed("evaluation")
    odds = KnownOdds(clusters(2, 30), proposals=5)
    two, three = (densities(model_of(Latents(2)), split, p) for p in (None, odds))
    assert two.shape[0] == 3 and three.shape[2] == pytest.approx(1.5 * two.shape[2], abs=2)
    for latents in (Latents(3), Latents(2, (2,)), Latents(0, (2,))):
        with pytest.raises(NotApplicable, match="two Gaussian dimensions"):
            densities(model_of(latents), split)


def test_a_density_whose_estimate_does_not_sum_to_1_has_no_negative_divergence():
    line = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    z = torch.cartesian_prod(line, line)
    normal = -z.square().sum(1) / 2
    shifted = -(z - torch.tensor([0.5, 0.0])).square().sum(1) / 2
    maps = {"q(z)": normal, "alike": normal + 0.3, "beside": shifted - 2.0}
    figure = _maps(maps, float(line[1] - line[0]) ** 2)
    said = [axis.get_title().partition("= ")[2] for axis in figure.axes]
    assert said == ["", "0.00", "0.12"]  # .5 squared over 2 is .125


def test_dots_are_where_their_factors_say_around_the_place_of_their_label():
    data = dots(size=16, places=4, n=200)
    data.check()
    split = data.train
    total = split.images.sum((1, 2, 3))
    at = (torch.arange(16) + 0.5) / 16
    x, y = (split.images.sum(d).squeeze(1) @ at / total for d in (2, 3))
    assert (torch.stack([x, y], 1) - split.factors).abs().max() < 0.03
    turn = torch.atan2(*(split.factors - 0.5).T.flip(0)) / (torch.pi / 2)
    assert torch.equal(turn.round().long() % 4, split.labels)
    with pytest.raises(UserError, match="places is at least 2, not 1"):
        dots(places=1)
