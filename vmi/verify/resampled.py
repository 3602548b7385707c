"""Known answers of resampling and of Langevin dynamics, where the density is known."""

import math
from collections.abc import Callable, Iterator
from functools import cache, partial

import torch
from torch import Tensor

from vmi.nets.latents import Latents
from vmi.priors.langevin import langevin
from vmi.priors.tilted import Tilted, effective_size
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.tilts import Known, KnownOdds, clusters, divergence, draws

__all__ = ["cases"]

FEW = 40  # codes, whose density is asked for often


def cases() -> list[Case]:
    """Returns the known answers of tilted priors."""
    return [*_resampled(), *_bounds(), *_ratios(), *_walks(), *_groups()]


# ---------------------------------------------------------------- resampling, where it is exact

WEIGHTS = torch.tensor([9.0, 1.0])  # of two values


def _density(proposals: int) -> float:
    """The probability that SIR of two values returns the first: over the counts of proposals."""
    total = 0.0
    for first in range(proposals + 1):
        share = first * float(WEIGHTS[0])
        share /= share + (proposals - first) * float(WEIGHTS[1])
        total += math.comb(proposals, first) / 2**proposals * share
    return total


def _resampled() -> Iterator[Case]:
    """Of the estimate with the point itself among the proposals; 40,000 of them."""
    source = "Lawson 2019, section 3; the binomial sum"
    for m in (1, 2, 10, 100):
        truth, near = _density(m), 0.01

        def estimate(m: int = m, log: bool = False) -> float:
            prior = Known(WEIGHTS, proposals=m)
            first = torch.tensor([[1.0, 0.0]]).expand(40_000, 2)
            found = prior.log_prob(first, generator("resampled", m))
            return float(found.mean() if log else found.exp().mean())

        def share(m: int = m) -> float:
            drawn = Known(WEIGHTS, proposals=m).sample(40_000, generator("drawn", m))
            return float(drawn[:, 0].mean())

        below = partial(estimate, log=True)
        yield Case("ncp", f"SIR of two values, M = {m}", truth, estimate, near, near, source)
        yield Case("ncp", f"draws of two values, M = {m}", truth, share, near, near, source)
        name = f"SIR of two values, M = {m}: the logarithm"
        yield Case("ncp", name, math.log(truth), below, 0.3, 1e-3, "Jensen")


# ---------------------------------------------------------------- what resampling can win

FAR = {"scale": 0.02, "apart": 2.5}  # narrow and far from the prior's mode


def _bounds() -> Iterator[Case]:
    """What the best weight wins grows with M to the divergence, and never passes ln M."""
    for name, world in (("wide clusters", {}), ("narrow clusters", FAR)):
        truth = divergence(FEW, **world)
        for m in (1, 10, 100, 1000):
            got, most = partial(_won, m, **world), min(math.log(m), truth)
            at_all = f"{name}, M = {m}: at most the divergence and ln M"
            source = "p_M <= M p; KL(q || p) is the most that any prior wins"
            yield Case("ncp", at_all, most, got, math.inf, 0.06, source)
        near = f"{name}, M = 1000: near the divergence"
        yield Case("ncp", near, truth, partial(_won, 1000, **world), 0.15, 0.06, "M to infinity")


@cache
def _won(proposals: int, **world: float) -> float:
    """E_q log p_M - log p, of 1,000 draws of q; the standard error is .02."""
    prior = KnownOdds(clusters(1, FEW, **world), proposals=proposals)
    z = draws(prior, 1000)
    return float((prior.log_prob(z, generator("won")) - prior.base.log_prob(z)).mean())


def _ratios() -> Iterator[Case]:
    """Of the best weight, by Monte Carlo with no training."""

    def log_z() -> float:
        log_r = KnownOdds(clusters(1, FEW)).weigh(100_000, generator("z"))
        return float(log_r.logsumexp(0)) - math.log(len(log_r))

    def inverse() -> float:
        odds = KnownOdds(clusters(1, FEW))
        return float((-odds.log_ratio(draws(odds, 100_000))).exp().mean())

    def mean() -> float:
        odds = KnownOdds(clusters(1, FEW))
        return float(odds.log_ratio(draws(odds, 100_000)).mean())

    def size() -> float:
        return float(effective_size(Known(WEIGHTS, proposals=1).weigh(1000, generator("size"))))

    truth = divergence(FEW)
    yield Case("ncp", "the best weight: log Z", 0.0, log_z, 0.02, 0.02, "E_p q / p = 1")
    yield Case("ncp", "the best weight: E 1 / r", 1.0, inverse, 0.1, 0.1, "E_q p / q = 1")
    yield Case("ncp", "the best weight: E log r", truth, mean, 0.02, 0.02, "Donsker-Varadhan")
    even = 1000 * 25 / 41  # (E r)^2 / E r^2 of the weights 9 and 1
    yield Case("ncp", "effective proposals of 1,000", even, size, 20, 20, "Kong 1992")


# ---------------------------------------------------------------- Langevin dynamics


class Normal(Tilted):
    """The weight that bends N(0, 1) to N(1, 1/4)."""

    def __init__(self) -> None:
        super().__init__(Latents(1))

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns the logarithm of it, but for a constant."""
        z = z[..., 0]
        return z.square() / 2 - 2 * (z - 1).square()


def _walks() -> Iterator[Case]:
    """The moves are accepted, so that a step of .3, long for a deviation of .5, does no harm."""
    truths = {"mean": (1.0, 0.03), "deviation": (0.5, 0.03)}

    def moment(name: str) -> float:
        ended = langevin(Normal(), 4000, generator("walk"), steps=60, size=0.3).codes
        return float(ended.mean() if name == "mean" else ended.std())

    for name, (truth, near) in truths.items():
        got = partial(moment, name)
        yield Case("ncp", f"Langevin to N(1, 1/4): {name}", truth, got, near, near, "on paper")

    def share() -> float:
        ended = langevin(Known(WEIGHTS, proposals=1), 4000, generator("walk"), steps=30).codes
        return float(ended[:, 0].mean())

    yield Case("ncp", "Langevin of two values: 9 to 1", 0.9, share, 0.02, 0.02, "on paper")


# ---------------------------------------------------------------- two groups, the second by context

DIAGONAL = {"along": 2}  # the second dimension goes with the first
GROUPS = (1, 1)


def _groups() -> Iterator[Case]:
    """The best weights of two groups win what the best weight of both together does."""
    truth = divergence(FEW, dimensions=2, **DIAGONAL)
    for m in (1, 10, 100, 1000):
        got, most = partial(_won_by_group, m), min(2 * math.log(m), truth)
        name = f"two groups, M = {m}: at most the divergence and 2 ln M"
        yield Case("ncp", name, most, got, math.inf, 0.06, "a product of two densities")
    near, source = partial(_won_by_group, 1000), "M to infinity"
    yield Case("ncp", "two groups, M = 1000: near the divergence", truth, near, 0.15, 0.06, source)

    def log_z() -> float:
        odds = _odds(1)
        return float((odds.log_sum(draws(odds, 400), 10_000, generator("context"), 1)).mean())

    given = "the best weight below a context: log Z"
    yield Case("ncp", given, math.log(10_000), log_z, 0.02, 0.02, "E_p q(z_2 | z_1) / p(z_2) = 1")
    yield from _chained()


def _odds(proposals: int) -> KnownOdds:
    return KnownOdds(clusters(2, FEW, **DIAGONAL), proposals=proposals, groups=GROUPS)


@cache
def _won_by_group(proposals: int) -> float:
    prior = _odds(proposals)
    return float(prior.gain(draws(prior, 1000), generator("groups")).mean())


class Chain(Tilted):
    """The weights that bend N(0, I) to z_1 ~ N(1, 1/4), z_2 ~ N(z_1, 1/4).

    The second has a factor of its context, e^(5 z_1), which its normaliser takes away again: the
    product of both weights would be bent to far larger z_1.
    """

    def __init__(self, *, proposals: int = 500) -> None:
        super().__init__(Latents(2, groups=GROUPS), proposals=proposals)

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns the logarithm of the weight of a group, but for a constant."""
        first, second = z[..., 0], z[..., 1]
        if group:
            return second.square() / 2 - 2 * (second - first).square() + 5 * first
        return first.square() / 2 - 2 * (first - 1).square()


def _chained() -> Iterator[Case]:
    """Drawn group by group, whether by resampling or by Langevin dynamics."""
    drawn = {
        "SIR": lambda: Chain().sample(8000, generator("chain")),
        "Langevin": lambda: langevin(Chain(), 8000, generator("chain"), steps=60, size=0.3).codes,
    }
    truths = {"mean of the first": 1.0, "mean of the second": 1.0, "variance of the second": 0.5}
    for how, draw in drawn.items():
        for i, (name, truth) in enumerate(truths.items()):

            def moment(draw: Callable[[], Tensor] = draw, i: int = i) -> float:
                z = draw()
                return float((z.mean(0)[0], z.mean(0)[1], z.var(0)[1])[i])

            yield Case("ncp", f"{how} of two groups: {name}", truth, moment, 0.04, 0.04, "on paper")
