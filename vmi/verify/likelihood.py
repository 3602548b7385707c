"""Known answers of the likelihoods: three worlds in which log p(x) is known for every image."""

import math
from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor, nn

from vmi.data.gaussian import LinearGaussian
from vmi.likelihood.annealed import Bridge, ais, bdmc, simulate
from vmi.likelihood.bounds import elbo, iwae
from vmi.likelihood.hamiltonian import adapt, anneal, schedule
from vmi.likelihood.summed import iwae_summed
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.parts import listed, value
from vmi.verify.worlds import (
    CategoricalWorld,
    JointWorld,
    TwoModes,
    linear_gap,
    linear_images,
    linear_vae,
)

__all__ = ["cases"]

N = 1000
SPREAD = 1.5  # of the posteriors that a wrong encoder gives, over the right one
LINEAR = LinearGaussian(dimensions=8, latents=2, scale=1.0)
ERROR = 0.02  # 4 standard errors of N images, whose IWAE-50 has a deviation of .1 to .16
EXACT = 1e-9  # what float64 leaves of an identity

Problem = tuple[nn.Module, Tensor, Tensor]  # a model, N images and log p(x) of each


def cases() -> list[Case]:
    """Returns the known answers: bounds against log p(x), and their order against zero."""
    made = [case for name, problem in WRONG.items() for case in _ladder(name, problem)]
    return [
        *made,
        *_evidence(),
        *_two_modes(),
        *_importance(),
        *_summed(),
        *_annealed(),
        *_bracketed(),
    ]


def _linear(spread: float, n: int = N) -> Problem:
    x = linear_images(LINEAR, n)
    return linear_vae(LINEAR, spread), x, LINEAR.log_prob(x)


def _categorical(sharpness: float, n: int = N) -> Problem:
    world = CategoricalWorld()
    x = world.sample(n)
    return world.vae(sharpness), x, world.log_prob(x)


def _joint(spread: float, overlap: float, n: int = N) -> Problem:
    world = JointWorld(overlap=overlap)
    x = world.sample(n)
    return world.vae(spread), x, world.log_prob(x)


def _untrained() -> Problem:
    """Sharp posteriors, and an encoder that says N(0, I) of every image."""
    world = LinearGaussian(dimensions=16, latents=4, scale=0.1)
    x, model = linear_images(world, 50), linear_vae(world)
    for parameter in model.encoder.parameters():
        parameter.zero_()
    return model, x, world.log_prob(x)


# A wrong encoder for each kind of code; the tuple's third is what the bounds climb to.
WRONG: dict[str, Callable[[], Problem]] = {
    "Gaussian code": partial(_linear, SPREAD),
    "categorical code": partial(_categorical, 0.0),
    "joint code": partial(_joint, SPREAD, 1.0),
}


def _above(metric: Callable, problem: Callable[[], Problem], *seed, **settings) -> float:
    """How far a metric lies above log p(x) of the same images, in nats."""
    model, x, truth = problem()
    return value(metric(model, x, generator(*seed), **settings)) - float(truth.mean())


def _ladder(name: str, problem: Callable[[], Problem]) -> list[Case]:
    """ELBO <= IWAE-5 <= IWAE-50 <= log p(x), on the same images and on draws of their own."""

    def rung(k: int) -> float:
        return _above(iwae, problem, "ladder", k=k)

    def start() -> float:
        return rung(5) - _above(elbo, problem, "ladder", samples=100)

    def climb() -> float:
        return rung(50) - rung(5)

    said = f"a wrong encoder's {name}"
    source = "Burda 2016, theorem 1"
    return [
        Case("iwae-5", f"{said}: above the ELBO", 0.0, start, 0.0, 2.5, source),
        Case("iwae-50", f"{said}: above IWAE-5", 0.0, climb, 0.0, 1.0, source),
        Case("iwae-50", f"{said}: below log p(x)", 0.0, partial(rung, 50), 0.3, ERROR, source),
    ]


def _evidence() -> list[Case]:
    """The gap is KL(q(z|x) || p(z|x)); 4 standard errors of 100,000 samples are .04 at most."""
    gap = linear_gap(LINEAR, SPREAD)
    uniform = _uniform_elbo()
    return [
        _elbo("the posterior: log p(x)", 0.0, partial(_linear, 1.0)),
        _elbo("scales 1.5 times too wide: log p(x) - KL", -gap, partial(_linear, SPREAD)),
        _elbo("scales half too narrow: log p(x) - KL", -linear_gap(LINEAR, 0.5), HALF),
        _elbo("a category and no idea: E log p(x|c)", uniform, partial(_categorical, 0.0)),
        _elbo("a joint code, too wide: log p(x) - KL", -gap, partial(_joint, SPREAD, 0.0)),
    ]


NEAR = 1e-6  # of weights that are equal but for the rounding of the encoder's logarithms


def _modes() -> Problem:
    world = TwoModes()
    x = world.sample(200)
    return world.vae(), x, world.log_prob(x)


def _two_modes() -> list[Case]:
    """An encoder of one of two modes: all weights are equal, and all are half of what is."""
    half, source = -math.log(2), "each weight is p(x) / 2"

    def size(k: int) -> float:
        model, x, _ = _modes()
        return value(iwae(model, x, generator("modes"), k=k), "ess")

    low = partial(_above, iwae, _modes, "modes")
    evidence = partial(_above, elbo, _modes, "modes", samples=100)
    return [
        Case("elbo", "one of two modes: ln 2 too low", half, evidence, 0.04, 0.04, source),
        *(
            Case(f"iwae-{k}", f"one of two modes: {name}", truth, got, NEAR, NEAR, said)
            for k in (100, 1000)
            for name, truth, got, said in (
                ("ln 2 too low", half, partial(low, k=k), source),
                ("an ess of k all the same", k, partial(size, k), "all weights are equal"),
            )
        ),
    ]


HALF = partial(_linear, 0.5)


def _elbo(name: str, truth: float, problem: Callable[[], Problem]) -> Case:
    got = partial(_above, elbo, problem, "elbo", samples=100)
    return Case("elbo", name, truth, got, 0.04, 0.04, "log p(x) - ELBO = KL(q(z|x) || p(z|x))")


def _uniform_elbo() -> float:
    """E log p(x|c) - log p(x), c uniform: the KL to a uniform prior is 0."""
    world = CategoricalWorld()
    x = world.sample(N)
    return float(world.log_likelihoods(x).mean() - world.log_prob(x).mean())


def _importance() -> list[Case]:
    """A scale s times too wide has E w^2 / p^2 = s^2 / sqrt(2 s^2 - 1) a dimension."""
    second = (4 / 7**0.5) ** 2  # s = 2, two dimensions
    wide = partial(_linear, 2.0, 4000)
    exact = "orthogonal loadings: the encoder is the posterior"
    return [
        Case("iwae-1", f"{exact}, float32", 0.0, _single_precision, 1e-4, 1e-4, "p(x, z) / p(z|x)"),
        Case(
            "iwae-50",
            "log p(x) less Var(w) / 2k, to first order in 1/k",
            -(second - 1) / 100,
            partial(_above, iwae, wide, "first", k=50),
            0.01,  # 4 standard errors of 4,000 images, each of sd .16
            0.01,
            "the delta method",
        ),
        Case(
            "iwae-100",
            "effective samples: k p^2 / E w^2, for large k",
            100 / second,
            lambda: _size(iwae, wide, "size", k=100),
            0.05 * 100 / second,
            0.05 * 100 / second,
            "Kong 1992",
        ),
        Case(
            "iwae-50",
            "an untrained encoder is no proposal: one effective sample",
            1.0,
            lambda: _size(iwae, _untrained, "size", k=50),
            0.0,
            0.7,
            "a posterior of a hundredth of the prior's width in 4 dimensions",
        ),
    ]


def _single_precision() -> float:
    model, x, truth = _linear(1.0)
    return value(iwae(model.float(), x.float(), generator(0), k=1)) - float(truth.mean())


def _size(metric: Callable, problem: Callable[[], Problem], *seed, **settings) -> float:
    model, x, _ = problem()
    return listed(metric(model, x, generator(*seed), **settings))[0].ess


def _summed() -> list[Case]:
    def tighter() -> float:
        above = [_above(f, WRONG["joint code"], "summed", k=5) for f in (iwae_summed, iwae)]
        return above[0] - above[1]

    def exactly(problem: Callable[[], Problem]) -> Callable[[], float]:
        return partial(_above, iwae_summed, problem, "summed", k=1)

    sums, joint = exactly(partial(_categorical, 0.0)), exactly(partial(_joint, 1.0, 0.0))
    source = "log sum_c p(c) p(x|c)"
    return [
        Case("iwae-summed-1", "a category, no idea: exact", 0.0, sums, EXACT, EXACT, source),
        Case(
            "iwae-summed-1", "a joint code, the posterior: exact", 0.0, joint, EXACT, EXACT, source
        ),
        Case("iwae-summed-5", "tighter than IWAE-5", 0.0, tighter, 0.0, 0.5, "Rao-Blackwell"),
    ]


def _annealed() -> list[Case]:
    def case(name: str, problem: Callable[[], Problem], below: float, above: float, **settings):
        got = partial(_above, ais, problem, "ais", **settings)
        return Case("ais-200", name, 0.0, got, below, above, "E log w <= log p(x)")

    # Upwards: 4 standard errors of 50 images, whose log-weights have a deviation of .1 to .2.
    settings = {"temperatures": 200, "most": 50}
    start = {"start": "encoder", "temperatures": 20}
    joint = partial(_joint, SPREAD, 1.0, 50)
    return [
        case("a Gaussian code from the prior", partial(_linear, 1.0, 50), 0.2, 0.1, **settings),
        case("a joint code from the prior", joint, 0.2, 0.1, **settings),
        case("an encoder that is no proposal", _untrained, 0.6, 0.2, **settings, chains=16),
        case("from the posterior: exact", partial(_linear, 1.0, 5), EXACT, EXACT, **start),
        Case("ais-10", "the mean weight is p(x)", 1.0, _mean_weight, 0.05, 0.05, "Neal 2001"),
    ]


def _mean_weight() -> float:
    """E w / p(x); the weights' deviation is about 1, and there are 10,000 of them."""
    model, x, truth = _joint(1.0, 1.0, 10)
    bridge, path = Bridge(model, x, "prior"), schedule(10)
    stream = generator("mean weight")
    steps = adapt(bridge, bridge.draw(4, stream), path, stream, leapfrogs=3)
    log_w = anneal(bridge, bridge.draw(1000, stream), path, steps, stream, leapfrogs=3)
    return float((log_w - truth).exp().mean())


def _bracketed() -> list[Case]:
    """The simulated images, and so their log p(x), are those of `simulate` by the same stream."""
    source = "Grosse 2015: lower <= log p(x) <= upper"
    sides = (("upper", 0, 0.1, 0.25), ("lower", 1, 0.25, 0.1))
    return [
        Case("bdmc-100", f"{said}: {side}", 0.0, lambda n=name, i=i: _bracket(n)[i], *near, source)
        for name in BRACKETED
        for said in [f"a {name} code, images of the model's own"]
        for side, i, *near in sides
    ]


BRACKETED: dict[str, Callable[[], tuple[nn.Module, LinearGaussian | JointWorld]]] = {
    "Gaussian": lambda: (linear_vae(LINEAR, SPREAD), LINEAR),
    "joint": lambda: (JointWorld(overlap=1.0).vae(SPREAD), JointWorld(overlap=1.0)),
}


@cache
def _bracket(name: str) -> tuple[float, float]:
    """How far the upper and the lower bound lie above log p(x): one walk gives both."""
    model, world = BRACKETED[name]()
    like = torch.zeros(50, 1, 1, 8, dtype=torch.float64)
    x, _ = simulate(model, like, generator("bdmc"))
    upper, lower, *_ = bdmc(model, like, generator("bdmc"), temperatures=100)
    truth = float(world.log_prob(x).mean())
    return upper.value - truth, lower.value - truth
