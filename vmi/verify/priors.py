"""Known answers of priors: densities that integrate to 1, and resampling whose density is known."""

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec

import torch
from torch import Tensor

from vmi import priors
from vmi.models.vae import VAE
from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate
from vmi.nets.latents import Latents
from vmi.priors.langevin import langevin
from vmi.priors.prior import Prior
from vmi.priors.tilted import Tilted, effective_size
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.worlds import channel_codes

__all__ = ["Known", "KnownOdds", "cases", "clusters", "divergence", "fitted"]

N = 400  # codes
SPACING = 0.25  # of a grid on which densities are averaged over many estimates
FINE = (1.0, 0.01, 0.05)  # of one on which they are exact, in 0, 1 and 2 dimensions: splines bend
DRAWS = 30_000
REACH = 7.0  # of a grid: beyond it lie 1e-11 of N(0, 1)
FEW = 40  # whose density is asked for often
ESTIMATES = 200_000  # of a resampled density, at all points of a grid together
EXACT, SINGLE = 1e-9, 1e-3  # what float64 and float32 leave of an integral


def cases() -> list[Case]:
    """Returns the known answers of the priors."""
    made = (_normalised, _resampled, _bounds, _ratios, _learned, _walks)
    return [case for each in made for case in each()]


# ---------------------------------------------------------------- codes whose aggregate is known


def clusters(dimensions: int, n: int = N, scale: float = 0.3, apart: float = 1.5) -> Codes:
    """Posteriors whose means lie in two clusters, one twice as often as the other."""
    stream = generator("clusters", dimensions, n)
    side = (torch.arange(n) % 3 > 0).double()[:, None] * 2 - 1
    noise = torch.randn(n, dimensions, generator=stream, dtype=torch.float64)
    mean = 0.2 * noise
    mean[:, :1] += apart * side
    return Codes(mean, torch.full_like(mean, scale))


def joint(n: int = N) -> Codes:
    """The same in one dimension, with a category of three values that goes along with the side."""
    codes = clusters(1, n)
    likely = (codes.mean[:, 0] > 0).long()
    return Codes(codes.mean, codes.scale, (0.1 + 0.7 * torch.eye(3, dtype=torch.float64)[likely],))


class KnownOdds(Tilted):
    """The best weight there is, q(z) / p(z) of posteriors that are known."""

    def __init__(self, codes: Codes, *, proposals: int = 1000) -> None:
        sizes = tuple(p.shape[1] for p in codes.categorical)
        super().__init__(Latents(codes.mean.shape[1], sizes), proposals=proposals)
        self.q = codes.posterior

    def log_ratio(self, z: Tensor) -> Tensor:
        """Returns log q(z) - log p(z)."""
        log_q = log_aggregate(self.q, z.flatten(0, -2)).view(z.shape[:-1])
        return log_q - self.base.log_prob(z)


class Known(Tilted):
    """A weight on the values of one category."""

    def __init__(self, weights: Tensor, *, proposals: int) -> None:
        super().__init__(Latents(0, (len(weights),)), proposals=proposals)
        self.log_weights = weights.double().log()

    def log_ratio(self, z: Tensor) -> Tensor:
        """Returns the logarithm of the weight of a one-hot."""
        return z.double() @ self.log_weights


def grid(dimensions: int, spacing: float = SPACING) -> tuple[Tensor, float]:
    """Points (G, D) at equal distances, and the volume that each stands for."""
    line = torch.arange(-REACH, REACH + spacing / 2, spacing, dtype=torch.float64)
    points = torch.cartesian_prod(*[line] * dimensions) if dimensions else line[:1]
    return points.view(len(points), -1)[:, :dimensions], spacing**dimensions


@cache
def divergence(n: int = N, scale: float = 0.3, apart: float = 1.5, dimensions: int = 1) -> float:
    """KL(q || N(0, I)) of the clusters, by quadrature, in nats."""
    odds = KnownOdds(clusters(dimensions, n, scale=scale, apart=apart))
    points, volume = grid(dimensions, min(SPACING, scale / 2))
    log_r = odds.log_ratio(points)
    return float(((log_r + odds.base.log_prob(points)).exp() * log_r).sum() * volume)


@cache
def fitted(name: str, kind: str, steps: int = 1000) -> Prior:
    """A prior fitted to the codes of that kind, in so many steps if in any; once a process."""
    codes = CODES[kind]()
    sizes = tuple(p.shape[1] for p in codes.categorical)
    latents = Latents(codes.mean.shape[1], sizes)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = VAE((1, 4, 4), latents, "dense-16").eval().requires_grad_(False)
    prior = priors.make(latents, {"prior": name})
    if hasattr(prior, "steps"):
        prior.steps = steps
    return priors.fit(prior, codes, generator("fit", name), model)


CODES: dict[str, Callable[[], Codes]] = {
    "one dimension": partial(clusters, 1),
    "two dimensions": partial(clusters, 2),
    "a category": lambda: channel_codes(torch.tensor([[0.7, 0.2, 0.1]]).double().expand(N, 3)),
    "a joint code": joint,
}


# ---------------------------------------------------------------- every density integrates to 1

FITTED = {  # and by how much the integral may differ from 1
    "standard": EXACT,
    "aggregate-100": EXACT,
    "mixture-3": EXACT,
    "vamp-20": EXACT,
    "ncp-20": 0.05,  # four standard errors of the fewest estimates, in two dimensions
    "two-stage-20": 0.05,
    **({"flow": SINGLE} if find_spec("zuko") else {}),
}
OF_GAUSSIANS = ("mixture", "flow")


def _normalised() -> Iterator[Case]:
    for name, error in FITTED.items():
        for kind in CODES:
            if kind != "a category" or not name.startswith(OF_GAUSSIANS):
                got = partial(_integral, name, kind)
                source = "a density"
                yield Case(name, f"integral over {kind}", 1.0, got, error, error, source)
        near = 0.02 if error > SINGLE else 0.012  # four standard errors of DRAWS, and of estimates
        share = partial(_share, name)
        yield Case(name, "draws beyond .625 as the density has it", 0.0, share, near, near, source)


def _integral(name: str, kind: str) -> float:
    r"""Of a density whose estimates are random, averaged over as many of them as there are columns.

    The points lie .25 apart, which is exact for Gaussians as wide as .3: the error of the sum is of
    the order of :math:`e^{-2 \pi^2 (.3 / .25)^2}`.
    """
    _, density = _densities(name, kind)
    return float(density.sum())


def _share(name: str) -> float:
    """How much more often draws lie beyond .625, which is between points, than by the density."""
    z, density = _densities(name, "one dimension")
    drawn = fitted(name, "one dimension", steps=100).sample(DRAWS, generator("share", name))
    return float((drawn[:, 0] > 0.625).double().mean() - density[z[:, 0] > 0.625].sum())


@cache
def _densities(name: str, kind: str) -> tuple[Tensor, Tensor]:
    """Points of a grid, and the probability of the volume that each stands for."""
    prior = fitted(name, kind, steps=100)
    gaussian, sizes = prior.latents.gaussian, prior.latents.categorical
    points, volume = grid(gaussian, SPACING if prior.bound == "lower" else FINE[gaussian])
    values = torch.eye(sizes[0] if sizes else 1, dtype=torch.float64)[:, : sum(sizes)]
    z = torch.cat([points.repeat_interleave(len(values), 0), values.repeat(len(points), 1)], 1)
    cost = len(z) * getattr(prior, "samples", 1)
    columns = 1 if prior.bound == "exact" else max(1, ESTIMATES // cost)
    with torch.no_grad():
        log_p = prior.log_prob(
            z[:, None].expand(-1, columns, -1), generator("integral", name, kind)
        )
    return z, log_p.exp().mean(1) * volume


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
    z = _draws(prior, 1000)
    return float((prior.log_prob(z, generator("won")) - prior.base.log_prob(z)).mean())


def _draws(prior: KnownOdds, n: int) -> Tensor:
    codes = prior.q.batch_shape[0]
    noise = prior.latents.draw_noise((n // codes, codes), generator("draws", n)).double()
    return prior.q.sample_from(noise).flatten(0, 1)


def _ratios() -> Iterator[Case]:
    """Of the best weight, by Monte Carlo with no training."""

    def log_z() -> float:
        log_r = KnownOdds(clusters(1, FEW)).weigh(100_000, generator("z"))
        return float(log_r.logsumexp(0)) - math.log(len(log_r))

    def inverse() -> float:
        odds = KnownOdds(clusters(1, FEW))
        return float((-odds.log_ratio(_draws(odds, 100_000))).exp().mean())

    def mean() -> float:
        odds = KnownOdds(clusters(1, FEW))
        return float(odds.log_ratio(_draws(odds, 100_000)).mean())

    def size() -> float:
        return float(effective_size(Known(WEIGHTS, proposals=1).weigh(1000, generator("size"))))

    truth = divergence(FEW)
    yield Case("ncp", "the best weight: log Z", 0.0, log_z, 0.02, 0.02, "E_p q / p = 1")
    yield Case("ncp", "the best weight: E 1 / r", 1.0, inverse, 0.1, 0.1, "E_q p / q = 1")
    yield Case("ncp", "the best weight: E log r", truth, mean, 0.02, 0.02, "Donsker-Varadhan")
    even = 1000 * 25 / 41  # (E r)^2 / E r^2 of the weights 9 and 1
    yield Case("ncp", "effective proposals of 1,000", even, size, 20, 20, "Kong 1992")


def _learned() -> Iterator[Case]:
    """What fitted priors win of q on draws of it; none may pass the divergence."""
    owed = {"aggregate-400": 0.02, "mixture-2": 0.03, "ncp-1000": 0.06, "two-stage": 0.3}
    owed |= {"flow": 0.08} if find_spec("zuko") else {}
    truth = divergence(dimensions=2)
    for name, below in owed.items():

        def won(name: str = name) -> float:
            z, prior = _draws(KnownOdds(clusters(2)), 4000), fitted(name, "two dimensions")
            with torch.no_grad():
                return float(prior.gain(z, generator("learned", name)).mean())

        source = "E_q log p'(z) / p(z) = KL(q || p) - KL(q || p')"
        yield Case(name, "what it wins of two clusters", truth, won, below, 0.05, source)


# ---------------------------------------------------------------- Langevin dynamics


class Normal(Tilted):
    """The weight that bends N(0, 1) to N(1, 1/4)."""

    def __init__(self) -> None:
        super().__init__(Latents(1))

    def log_ratio(self, z: Tensor) -> Tensor:
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
