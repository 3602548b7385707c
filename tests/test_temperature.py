"""The temperature of a training: by hand, for both schedules."""

import math

import pytest

from vmi.errors import NotApplicable
from vmi.metrics.temperature import temperature
from vmi.models.vae import VAE
from vmi.nets.latents import Latents
from vmi.nets.temperature import Temperature


def measured(steps, **settings):
    latents = Latents(1, (3,), temperature=Temperature(**settings))
    whole, moved, last = temperature(VAE((1, 4, 4), latents, "linear"), steps=steps)
    return whole.value, moved.value, last.value


def test_of_one_that_is_held_by_hand():
    """Two steps at 1, then two at exp(-.2), then one at exp(-.4)."""
    mean, moved, last = measured(5, rate=0.1, period=2)
    assert mean == pytest.approx((2 + 2 * math.exp(-0.2) + math.exp(-0.4)) / 5)
    assert moved == pytest.approx(3 / 5)
    assert last == pytest.approx(math.exp(-0.4))


def test_the_published_one_moves_at_100_of_150000_iterations():
    """With the authors' settings; held, it would be at its floor from iteration 80,265 on."""
    mean, moved, last = measured(150_000, schedule="published")
    assert moved == pytest.approx(100 / 150_000)
    assert mean > 0.999 and last == 1
    assert measured(150_000)[2] == 0.3


def test_what_was_not_trained_has_none():
    with pytest.raises(NotApplicable, match="not trained"):
        measured(0)


def test_a_code_without_a_category_has_none():
    with pytest.raises(NotApplicable, match="no categorical"):
        temperature(VAE((1, 4, 4), Latents(2), "linear"), 10)
