"""The lower bound on the information through the decoder, where the truth is known."""

import math

import pytest
import torch

from vmi.data.dataset import Split
from vmi.data.gaussian import LinearGaussian
from vmi.mi import decoder
from vmi.mi.aggregate import information_categorical
from vmi.mi.decoder import information_decoder
from vmi.nets.codes import encode
from vmi.random import generator
from vmi.verify.worlds import (
    CategoricalWorld,
    linear_codes,
    linear_images,
    linear_vae,
    one_hot_codes,
    plain_codes,
)

WORLD = LinearGaussian(dimensions=6, latents=2, scale=1.0)


def bounds_of(world=WORLD, n=1000, spread=1.0, **settings):
    model, images = linear_vae(world, spread), linear_images(world, n)
    codes = encode(model, Split(images))
    return information_decoder(model, codes, images, generator(0), **settings)


def test_bounds_of_the_linear_world_are_below_the_truth_and_the_second_meets_it():
    plain, weighed = bounds_of(n=2000)
    truth = WORLD.information()
    assert plain.value < truth - 0.5  # log p(x) differs from image to image by 1.7 nats
    assert -0.1 - 4 * weighed.stderr < weighed.value - truth < 4 * weighed.stderr
    assert (plain.bound, plain.part, weighed.bound, weighed.part) == (
        "lower",
        "",
        "lower",
        "evidence",
    )
    assert plain.ceiling == weighed.ceiling == math.log(256)
    assert (plain.unit, plain.n) == ("nats", 2000 // 256 * 256)


@pytest.mark.parametrize("k", [2, 16, 200])
def test_bounds_of_sharp_codes_reach_the_logarithm_of_the_images_in_a_batch(k):
    sharp = LinearGaussian(dimensions=6, latents=2, scale=0.001)
    for bound in bounds_of(sharp, n=200, negatives=k):
        assert bound.value <= bound.ceiling == math.log(k)
        assert bound.value == pytest.approx(math.log(k), abs=0.05)


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_bounds_hold_for_an_encoder_that_is_not_the_posterior(spread):
    """The information of a spread posterior: its aggregate is Gaussian, variance m^2 + v."""
    total = WORLD.norms**2 + 1
    kept, noise = WORLD.norms**2 / total, spread**2 / total
    truth = 0.5 * float(torch.log1p(kept / noise).sum())
    for bound in bounds_of(spread=spread):
        assert bound.value < truth + 4 * bound.stderr


def test_categories_are_bounded_too():
    world = CategoricalWorld()
    images = world.sample(2000)
    model = world.vae()
    codes = encode(model, Split(images))
    plain, weighed = information_decoder(model, codes, images, generator(0))
    exact = information_categorical(codes)
    assert plain.value < exact.value
    assert exact.value - 0.1 < weighed.value < exact.value + 4 * weighed.stderr


def test_a_constant_code_has_a_bound_of_at_most_0():
    images = linear_images(WORLD, 300)
    codes = plain_codes(torch.zeros(300, 2))
    for bound in information_decoder(linear_vae(WORLD), codes, images, generator(0)):
        assert bound.value < 0


def test_codes_of_other_images_bound_nothing():
    """With codes and images out of step there is no information, and the bound says so."""
    images = linear_images(WORLD, 500)
    codes = linear_codes(WORLD, 500)
    plain, _ = information_decoder(linear_vae(WORLD), codes, images.flip(0), generator(0))
    assert plain.value < 0


def test_a_decoder_that_ignores_the_code_bounds_0_by_the_plain_classifier_of_equal_images():
    world = CategoricalWorld()
    model = world.vae()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.zero_()
    codes = one_hot_codes(torch.arange(60) % 4, sizes=[4])
    plain, _ = information_decoder(model, codes, world.sample(60), generator(0))
    assert plain.value == pytest.approx(0, abs=1e-9)


def test_scores_are_the_loop_whatever_the_memory(monkeypatch):
    model, images = linear_vae(WORLD), linear_images(WORLD, 30)
    z = torch.randn(30, 2, generator=generator("z")).double()
    loop = torch.stack([model.decoder(row.expand(30, 2)).log_prob(images) for row in z])
    for cells in (4_000_000, 30 * 6 * 7, 1):
        monkeypatch.setattr(decoder, "PIXELS", cells)
        torch.testing.assert_close(decoder.decoded_scores(model, z, images), loop)


def test_the_same_generator_gives_the_same_bound():
    assert bounds_of(n=300) == bounds_of(n=300)
