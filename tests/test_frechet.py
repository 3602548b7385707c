"""The Frechet distance of decoded samples, and the classifier in whose features it is."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from vmi.errors import NotApplicable
from vmi.metrics.features import fit_classifier
from vmi.metrics.frechet import decoded_samples, frechet, frechet_distance
from vmi.models.vae import VAE
from vmi.nets.latents import Latents
from vmi.priors.standard import Standard
from vmi.random import generator
from vmi.stages.context import Context


def two_kinds(n, *names):
    """Images that are dark at the left or at the right, by their label."""
    noise, labels = (
        torch.rand(n, 1, 8, 8, generator=generator("kinds", *names)),
        torch.arange(n) % 2,
    )
    ramp = torch.linspace(0, 1, 8).expand(n, 1, 8, 8)
    light = torch.where(labels.view(-1, 1, 1, 1) == 1, ramp, 1 - ramp)
    return (noise < light).float(), labels


@pytest.fixture(scope="module")
def classifier():
    return fit_classifier(*two_kinds(200, "train"), generator(0), steps=150)


def test_the_distance_is_that_of_the_reference_square_root():
    x, y = (torch.randn(50, 4, generator=generator(i)).double() * (1 + i) + i for i in (0, 1))
    c, d = np.cov(x.T), np.cov(y.T)
    truth = float((x.mean(0) - y.mean(0)).square().sum()) + np.trace(c + d - 2 * sqrtm(c @ d).real)
    assert frechet_distance(x, y) == pytest.approx(truth)
    assert frechet_distance(y, x) == pytest.approx(truth)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x[:3], x[:3]) == pytest.approx(0, abs=1e-6)  # of fewer than dimensions


def test_a_classifier_learns_repeats_and_leaves_torchs_own_generator_alone(classifier):
    before = torch.random.get_rng_state()
    again = fit_classifier(*two_kinds(200, "train"), generator(0), steps=150)
    assert torch.equal(torch.random.get_rng_state(), before)
    x, labels = two_kinds(100, "test")
    assert classifier.accuracy(x, labels) > 0.95
    assert torch.equal(classifier.features(x), again.features(x))
    assert classifier.features(x).shape == (100, 64)


def vae(likelihood="bernoulli"):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VAE((1, 8, 8), Latents(2), "dense-8", likelihood).eval().requires_grad_(False)


def test_an_untrained_model_is_farther_than_the_floor_and_says_what_it_is_measured_by(classifier):
    x, labels = two_kinds(101, "test")
    prior = Standard(Latents(2))
    found = frechet(vae(), prior, x, labels, classifier, generator(1))
    whole, floor, accuracy = found
    assert whole.value > 5 * floor.value > 0 and whole.n == floor.n == 50
    assert "right on" in whole.convention and accuracy.value > 0.95
    assert found == frechet(vae(), prior, x, labels, classifier, generator(1))
    with pytest.raises(NotApplicable, match="four images"):
        frechet(vae(), prior, x[:3], labels[:3], classifier, generator(1))


def test_samples_are_bits_where_the_pixels_are():
    z = torch.zeros(600, 2)
    bits, grey = (decoded_samples(vae(p), z, generator(0)) for p in ("bernoulli", "gaussian-0.5"))
    assert set(bits.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(grey, vae("gaussian-0.5").decoder(z).mean)
    shares = vae().decoder(z[:1]).mean[0]
    assert (bits.mean(0) - shares).abs().max() < 4 * math.sqrt(0.25 / 600)


def test_data_without_labels_has_no_classifier(tmp_path):
    from vmi.data import load

    context = Context(load("gaussian"), lambda: None, tmp_path)
    with pytest.raises(NotApplicable, match="no labels to train a classifier on"):
        _ = context.classifier
