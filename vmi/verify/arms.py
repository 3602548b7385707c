"""Known answers of what is measured under a fitted prior: likelihoods, the gap and what is won."""

import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from vmi.data.gaussian import LinearGaussian
from vmi.likelihood.annealed import ais, bdmc, simulate
from vmi.likelihood.bounds import elbo, iwae
from vmi.likelihood.flattering import iwae_flattering
from vmi.likelihood.summed import iwae_summed
from vmi.metrics.frechet import frechet_distance
from vmi.metrics.resampling import discriminator, resampling
from vmi.metrics.two_samples import prior_classifier, prior_mmd
from vmi.mi.prior_gap import prior_gap
from vmi.nets.codes import Codes
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.priors.aggregate import Aggregate
from vmi.priors.mixture import Mixture
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard
from vmi.priors.tilted import Tilted
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.parts import value
from vmi.verify.worlds import CategoricalWorld, linear_images, linear_vae

__all__ = ["Bent", "cases"]

EXACT = 1e-9  # what float64 leaves of an identity


def cases() -> list[Case]:
    """Returns the known answers under fitted priors."""
    return [
        *_gaps(),
        *_discriminators(),
        *_two_samples(),
        *_features(),
        *_ladder(),
        *_annealed(),
        *_tilted(),
    ]


class Bent(Tilted):
    """The weight that bends N(0, I) to a density that is known."""

    def __init__(self, density: Callable[[Tensor], Tensor], latents: Latents, m: int) -> None:
        super().__init__(latents, proposals=m)
        self.density = density

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns the logarithm of the density over that of N(0, I)."""
        return self.density(z) - self.base.log_prob(z)


# ---------------------------------------------------------------- codes around 1: q(z) = N(1, 1)

N = 2000
SCALE = 0.5
NEAR = 4 / math.sqrt(N)  # four standard errors of terms with a deviation of 1
HALF_LOG_2_PI = math.log(2 * math.pi) / 2


@cache
def codes(n: int = N, *names: str) -> Codes:
    """Posteriors whose means are so drawn that their aggregate is N(1, 1)."""
    noise = torch.randn(n, 1, generator=generator("around 1", n, *names), dtype=torch.float64)
    mean = 1 + math.sqrt(1 - SCALE**2) * noise
    return Codes(mean, torch.full_like(mean, SCALE))


def around(z: Tensor) -> Tensor:
    """The log-density of N(1, 1)."""
    return -(z[..., 0] - 1).square() / 2 - HALF_LOG_2_PI


def bent(m: int = 1000) -> Bent:
    """N(0, 1) bent to N(1, 1), by the best weight there is."""
    return Bent(around, Latents(1), m)


def _measured(measure: Callable[..., Any], *given: Any, part: str = "") -> float:
    return value(measure(*given, generator("arms", part)), part)


def _gaps() -> Iterator[Case]:
    """KL(N(1, 1) || N(0, 1)) = 1/2."""
    source = "KL = 1/2, of which the best prior leaves nothing"
    standard = Standard(Latents(1))
    for name, prior, part, truth, below in (
        ("of N(0, 1)", standard, "", 0.5, NEAR),
        ("of N(0, 1)", standard, "ceiling", 0.5, NEAR),
        ("of N(0, 1)", standard, "ceiling-most", 0.5, NEAR),
        ("of N(0, 1)", standard, "won", 0.0, 0.0),
        ("of the best weight", bent(), "", 0.0, NEAR),
        ("of the best weight", bent(), "won", 0.5, NEAR),
        ("of the best weight", bent(), "share", 1.0, 0.1),
    ):
        got = partial(_measured, prior_gap, codes(), prior, part=part)
        said = f"{name}, {part}" if part else name
        yield Case("prior-gap", said, truth, got, below, max(below, EXACT), source)


def _divergence() -> float:
    """The Jensen-Shannon divergence of N(0, 1) and N(1, 1), by quadrature."""
    z = torch.linspace(-10, 11, 4201, dtype=torch.float64)[:, None]
    both = torch.stack([around(z), around(z + 1)])
    middle = both.logsumexp(0) - math.log(2)
    return float((both.exp() * (both - middle)).sum() / 2 * 0.005)


def _discriminators() -> Iterator[Case]:
    share = 0.5 * (1 + math.erf(0.5 / math.sqrt(2)))  # N(0, 1) below 1/2
    for part, truth, near in (
        ("", share, 0.03),
        ("cross-entropy", math.log(2) - _divergence(), 0.05),
        ("log-z", 0.0, 0.06),
        ("inverse", 1.0, 0.15),
        ("donsker-varadhan", 0.5, NEAR + 0.06),
    ):
        got = partial(_measured, discriminator, codes(), bent(), part=part)
        yield Case("discriminator", f"N(1, 1) {part}".strip(), truth, got, near, near, "on paper")
    ideal = math.exp(-1)  # (E r)^2 / E r^2 of r = exp(z - 1/2)
    got = partial(_measured, resampling, codes(), bent())
    yield Case("resampling", "share of 1,000", ideal, got, 0.03, 0.03, "E r^2 = e")
    for m in (5, 500):
        got = partial(_measured, resampling, codes(), bent(), part=f"won-{m}")
        name, source = f"won by {m}: at most the divergence", "p_M <= M p"
        yield Case("resampling", name, 0.5, got, 0.2 if m == 5 else 0.1, 0.1, source)


def _two_samples() -> Iterator[Case]:
    """Differences of two draws are N(d, 2); the kernel is 2 / (2 + u^2)."""
    u = torch.linspace(-20, 20, 8001, dtype=torch.float64)

    def mean(d: float) -> float:
        density = (-(u - d).square() / 4).exp() / math.sqrt(4 * math.pi)
        return float((density * 2 / (2 + u.square())).sum() * 0.005)

    discrepancy, source = 2 * (mean(0.0) - mean(1.0)), "by quadrature"
    standard = Standard(Latents(1))
    for name, prior, truth in (("N(0, 1)", standard, discrepancy), ("itself", bent(), 0.0)):
        got = partial(_measured, prior_mmd, codes(), prior)
        yield Case("prior-mmd", f"N(1, 1) and {name}", truth, got, 0.03, 0.03, source)
    best = 0.5 * (1 + math.erf(0.5 / math.sqrt(2)))
    for name, prior, truth, below in (
        ("N(0, 1)", standard, best, 0.06),
        ("itself", bent(), 0.5, 0.04),
    ):
        got = partial(_measured, prior_classifier, codes(), codes(N, "train"), prior)
        said = f"N(1, 1) and {name}"
        yield Case("prior-classifier", said, truth, got, below, 0.04, "the best there is")


def _features() -> Iterator[Case]:
    """Of 20,000 draws of two normals in three dimensions: 1 + (2 - 1)^2 a dimension."""

    def distance(far: bool) -> float:
        x, y = torch.randn(2, 20_000, 3, generator=generator("features"), dtype=torch.float64)
        return frechet_distance(x, 1 + 2 * y if far else y)

    for name, truth, near in (("N(0, I) and N(1, 4 I)", 6.0, 0.15), ("two of N(0, I)", 0.0, 3e-3)):
        got = partial(distance, truth > 0)
        yield Case("frechet", name, truth, got, near, near, "on paper, four standard errors")


# ---------------------------------------------------------------- a linear world, another prior

WORLD = LinearGaussian(dimensions=8, latents=2, scale=1.0)
MEAN = torch.tensor([0.5, -0.3], dtype=torch.float64)
COVARIANCE = torch.tensor([[0.5, 0.2], [0.2, 0.8]], dtype=torch.float64)
SPREAD = 1.5  # of a wrong encoder's posteriors
ERROR = 0.03  # 4 standard errors of 1,000 images, whose IWAE-50 has a deviation of .2


def normal() -> Mixture:
    """One Gaussian that is no standard one, as an exact prior."""
    made = Mixture(Latents(2), components=1)
    tensors = {"log_weights": torch.zeros(1).double(), "mean": MEAN[None]}
    tensors |= {"root": torch.linalg.cholesky(COVARIANCE)[None], "converged": torch.tensor(True)}
    return made.load(tensors)


def log_marginal(x: Tensor) -> Tensor:
    """log p(x) of the world's images under that prior, (N,)."""
    w = WORLD.loadings
    noise = WORLD.scale**2 * torch.eye(len(w), dtype=torch.float64)
    return MultivariateNormal(w @ MEAN, w @ COVARIANCE @ w.T + noise).log_prob(x.flatten(1))


def _above(metric: Callable[..., Any], prior: Prior, n: int = 1000, **settings: Any) -> float:
    """How far a metric lies above log p(x) of the same images under the Gaussian prior, in nats."""
    x = linear_images(WORLD, n)
    made = metric(linear_vae(WORLD, SPREAD), x, generator("arm"), prior, **settings)
    return value(made) - float(log_marginal(x).mean())


def _ladder() -> Iterator[Case]:
    """ELBO <= IWAE-5 <= IWAE-50 <= log p(x) under a fitted prior as under N(0, I)."""
    rung = partial(_above, iwae, normal())
    source = "Burda 2016, theorem 1"
    steps = (
        ("iwae-5", "above the ELBO", lambda: rung(k=5) - _above(elbo, normal()), 0.0, 2.5),
        ("iwae-50", "above IWAE-5", lambda: rung(k=50) - rung(k=5), 0.0, 1.0),
        ("iwae-50", "below log p(x)", lambda: rung(k=50), 0.3, ERROR),
    )
    for metric, name, got, below, above in steps:
        yield Case(metric, f"under a Gaussian prior: {name}", 0.0, got, below, above, source)
    yield _summed()


def _summed() -> Case:
    """A category whose prior is uneven: log sum_c p(c) p(x|c) is exact."""
    world, shares = CategoricalWorld(), torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)
    prior = Aggregate(Latents(0, (4,)))
    empty = torch.zeros(1, 0, dtype=torch.float64)
    prior.keep(JointCode(empty, empty, [shares.log()[None]]))

    def above() -> float:
        x = world.sample(100)
        truth = (world.log_likelihoods(x) + shares.log()).logsumexp(1)
        return value(iwae_summed(world.vae(0.0), x, generator(0), prior)) - float(truth.mean())

    return Case("iwae-summed", "an uneven prior: exact", 0.0, above, EXACT, EXACT, "the sum")


def _annealed() -> Iterator[Case]:
    """As under N(0, I), where 4 standard errors of 50 images are .1."""
    got = partial(_above, ais, normal(), n=50, temperatures=100)
    yield Case("ais-100", "under a Gaussian prior", 0.0, got, 0.2, 0.1, "E log w <= log p(x)")

    def bracket(part: str) -> float:
        model, like = linear_vae(WORLD), linear_images(WORLD, 50)
        x, _ = simulate(model, like, generator("bdmc"), normal())
        made = bdmc(model, like, generator("bdmc"), normal(), temperatures=100)
        return value(made, part) - float(log_marginal(x).mean())

    for part, below, above in (("", 0.1, 0.25), ("lower", 0.25, 0.1)):
        name = f"under a Gaussian prior: {part or 'upper'}"
        yield Case("bdmc-100", name, 0.0, partial(bracket, part), below, above, "Grosse 2015")


# ---------------------------------------------------------------- the same prior, by its weight


def _tilted() -> Iterator[Case]:
    """The sampler's density tends to that of the prior that it resamples towards, from below."""

    def weighted(m: int) -> Bent:
        return Bent(normal().log_prob, Latents(2), m)

    many = lambda: _above(iwae, weighted(1000), n=500, k=50)  # noqa: E731
    alone = lambda: _above(iwae, weighted(1), n=100) - _above(iwae, Standard(Latents(2)), n=100)  # noqa: E731
    source = "an unbiased estimate of a density of its own, for every M"
    yield Case("iwae-50", "a weight, M = 1000: near log p(x)", 0.0, many, 0.4, 0.05, source)
    yield Case("iwae-100", "a weight, M = 1: N(0, I)", 0.0, alone, EXACT, EXACT, "p_1 = p")
    yield _flattering(weighted(5))


def _flattering(prior: Bent) -> Case:
    """By how much a normaliser from a single draw flatters: - E_p log r = KL(p || p')."""
    inverse = torch.linalg.inv(COVARIANCE)
    truth = float(inverse.trace() + MEAN @ inverse @ MEAN - 2 + COVARIANCE.logdet()) / 2
    x, model = linear_images(WORLD, 4), linear_vae(WORLD, SPREAD)

    def mean(draws: int, seeds: int) -> float:
        made = [
            iwae_flattering(model, x, generator("flatter", s), prior, k=20, draws=draws)
            for s in range(seeds)
        ]
        return sum(map(value, made)) / seeds

    got = lambda: mean(1, 1000) - mean(100_000, 20)  # noqa: E731
    name, source = "a normaliser of one draw: KL(p || p')", "Jensen"
    return Case("iwae-flattering", name, truth, got, 0.2, 0.2, source)  # 4 errors of 1,000 draws
