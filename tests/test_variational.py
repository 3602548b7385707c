"""Critics held against ceilings, channels and each other; Gaussians are in `vmi/verify`."""

import inspect
import math

import numpy as np
import pytest
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi import variational
from vmi.mi.stacks import estimate_each, normalised, stacked
from vmi.random import generator

ALL = [getattr(variational, name) for name in variational.__all__]
SHORT = {"steps": 50}


def gaussian(n: int, rho: float, pairs: int, seed: int = 0):
    """Pairs of normal columns with correlation rho, and their information."""
    x, noise = torch.randn(2, n, pairs, generator=generator("pairs", n, rho, pairs, seed))
    return x, rho * x + math.sqrt(1 - rho**2) * noise, -pairs * math.log(1 - rho**2) / 2


def each(estimator, pairs, **settings):
    generators = [generator("estimator", i) for i in range(len(pairs))]
    return estimate_each(estimator, pairs, generators, settings)


@pytest.mark.parametrize("estimator", ALL)
def test_a_problem_is_estimated_alone_as_in_a_stack(estimator):
    pairs = [gaussian(300, rho, 2)[:2] for rho in (0.3, 0.6, 0.9)]
    together = each(estimator, pairs, **SHORT)
    alone = estimator(*pairs[1], generator("estimator", 1), **SHORT)
    assert alone.value == pytest.approx(together[1].value, abs=1e-4)
    assert alone.stderr == pytest.approx(together[1].stderr, abs=1e-4)


@pytest.mark.parametrize("estimator", ALL)
def test_the_same_generator_gives_the_same_number(estimator):
    x, y, _ = gaussian(200, 0.5, 1)
    first, again = (estimator(x, y, generator("same"), **SHORT) for _ in range(2))
    assert (first.value, first.stderr) == (again.value, again.stderr)
    assert first.value != estimator(x, y, generator("other"), **SHORT).value


@pytest.mark.parametrize("estimator", ALL)
def test_an_estimator_says_what_it_is(estimator):
    parameters = inspect.signature(estimator).parameters
    assert list(parameters)[:3] == ["x", "y", "generator"]
    assert all(p.kind is p.KEYWORD_ONLY for p in list(parameters.values())[3:])
    made = estimator(*gaussian(100, 0.5, 1)[:2], generator("about"), steps=2)
    assert made.unit == "nats" and made.n == 20 and made.convention
    assert made.bound == ("" if estimator is variational.smile else "lower")


def test_infonce_is_flagged_at_its_ceiling():
    x, y, truth = gaussian(1000, 0.9999, 3)
    made = variational.infonce(x, y, generator("ceiling"), k=32, steps=300)
    assert truth > 12 and made.ceiling == math.log(32)
    assert made.value <= made.ceiling and made.warning.startswith("within 5%")


def test_the_ceiling_knows_how_few_pairs_are_reported():
    made = variational.infonce(*gaussian(100, 0.5, 1)[:2], generator("few"), steps=2)
    assert made.ceiling == math.log(20)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_discrete_values_are_told_apart(noise):
    draw = np.random.default_rng(0)
    x = draw.integers(0, 4, 2000)
    y = np.where(draw.random(2000) < noise, draw.integers(0, 4, 2000), (3 * x + 1) % 4)
    made = variational.dv(x, y, generator("discrete"), steps=300)
    truth = math.log(4) * (1 - noise)
    assert -0.1 < made.value - truth < 3 * made.stderr + 0.05


def test_a_constant_column_says_nothing():
    x, y, _ = gaussian(200, 0.5, 1)
    made = variational.infonce(torch.ones_like(x), y, generator("constant"), **SHORT)
    assert made.value == pytest.approx(0, abs=3 * made.stderr + 0.05)


def test_increasing_maps_do_not_matter_much():
    x, y, truth = gaussian(2000, 0.9, 1)
    cubed = variational.infonce(x**3, y.exp(), generator("maps"), steps=300)
    assert cubed.value == pytest.approx(truth, abs=0.08 + 3 * cubed.stderr)


def test_what_cannot_be_estimated_is_refused():
    x, y, _ = gaussian(100, 0.5, 1)
    with pytest.raises(NotApplicable, match="not pairs"):
        variational.dv(x, y[:-1], generator("refused"))
    with pytest.raises(NotApplicable, match="too few"):
        variational.dv(x[:10], y[:10], generator("refused"))
    with pytest.raises(NotApplicable, match="finite"):
        variational.dv(torch.full_like(x, math.nan), y, generator("refused"))


def test_problems_of_other_shapes_go_into_other_stacks():
    pairs = [gaussian(100, 0.5, d)[:2] for d in (1, 2, 1)]
    made = each(variational.nwj, pairs, **SHORT)
    for i in range(3):
        alone = variational.nwj(*pairs[i], generator("estimator", i), **SHORT)
        assert made[i].value == pytest.approx(alone.value, abs=1e-4)


def test_functions_without_a_stack_are_called_in_turn():
    def with_generator(x, y, generator, *, scale):
        return scale * float(torch.rand((), generator=generator))

    def without(x, y, *, scale):
        return scale * float(x.sum())

    pairs = [(torch.ones(i), torch.ones(i)) for i in (1, 2)]
    assert each(without, pairs, scale=2.0) == [2.0, 4.0]
    expected = [3 * float(torch.rand((), generator=generator("estimator", i))) for i in (0, 1)]
    assert each(with_generator, pairs, scale=3.0) == expected


def test_columns_become_normal_whatever_their_tails():
    heavy = torch.randn(5000, 3, generator=generator("heavy"), dtype=torch.float64)
    heavy = heavy.sign() * heavy.abs() ** 9
    mapped = normalised(heavy, 3000)
    assert float(mapped[:3000].mean().abs()) < 0.05
    assert float(mapped[:3000].std()) == pytest.approx(1, abs=0.05)
    assert float(mapped.abs().max()) < 6


def test_the_map_keeps_the_order_and_the_ties():
    values = torch.randn(400, 1, generator=generator("order"), dtype=torch.float64).mul(2).round()
    values = torch.cat([values, torch.tensor([[-50.0], [0.25], [50.0], [70.0]])])
    mapped = normalised(values, 400)[:, 0]
    order = values[:, 0].argsort()
    steps, rises = values[order, 0].diff(), mapped[order].diff()
    assert bool((rises[steps > 0] > 0).all())
    assert bool((rises[steps == 0] == 0).all())
    assert bool((normalised(torch.ones(50, 2, dtype=torch.float64), 30) == 0).all())


def test_the_parts_do_not_overlap():
    sides = []

    @stacked
    def looks(x, y, generator):
        sides.append(x)
        return [Estimate(0.0)]

    x = torch.arange(100.0)
    looks(x, x, generator("parts"))
    parts = [sides[0].fit, sides[0].held, sides[0].report]
    assert [p.shape[1] for p in parts] == [60, 20, 20]
    assert len(torch.cat(parts, 1).unique()) == 100
