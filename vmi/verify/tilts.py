"""Codes whose aggregate posterior is known, and the best weights that bend N(0, I) to it."""

from functools import cache

import torch
from torch import Tensor

from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate
from vmi.nets.latents import Latents
from vmi.priors.standard import Standard
from vmi.priors.tilted import Tilted
from vmi.random import generator

__all__ = ["SPACING", "Known", "KnownOdds", "clusters", "divergence", "draws", "grid"]

SPACING = 0.25  # of a grid on which densities are averaged over many estimates
REACH = 7.0  # of a grid: beyond it lie 1e-11 of N(0, 1)


def clusters(
    dimensions: int, n: int = 400, scale: float = 0.3, apart: float = 1.5, along: int = 1
) -> Codes:
    """Posteriors whose means lie in two clusters, one twice as often as the other.

    They lie on both sides of 0 in the first dimensions, as many as `along`, on the same in all.
    """
    stream = generator("clusters", dimensions, n)
    side = (torch.arange(n) % 3 > 0).double()[:, None] * 2 - 1
    noise = torch.randn(n, dimensions, generator=stream, dtype=torch.float64)
    mean = 0.2 * noise
    mean[:, :along] += apart * side
    return Codes(mean, torch.full_like(mean, scale))


class KnownOdds(Tilted):
    """The best weight there is, q(z) / p(z) of posteriors that are known.

    Of a code with groups it is that of each, q(z_k | z_<k) / p(z_k).
    """

    def __init__(
        self, codes: Codes, *, proposals: int = 1000, groups: tuple[int, ...] = ()
    ) -> None:
        sizes = tuple(p.shape[1] for p in codes.categorical)
        latents = Latents(codes.mean.shape[1], sizes, groups=groups)
        super().__init__(latents, proposals=proposals)
        self.q = codes.posterior

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns log q(z_k | z_<k) - log p(z_k)."""
        start, end = self.span(group)
        return self._joint(z, end) - (self._joint(z, start) if start else 0.0)

    def _joint(self, z: Tensor, end: int) -> Tensor:
        """log q - log p of the first numbers of codes."""
        if end == self.latents.size:
            q, p = self.q, self.base
        else:
            q, p = self.q.leading(end), Standard(Latents(end))
        z = z[..., :end]
        log_q = log_aggregate(q, z.flatten(0, -2)).view(z.shape[:-1])
        return log_q - p.log_prob(z)


class Known(Tilted):
    """A weight on the values of one category."""

    def __init__(self, weights: Tensor, *, proposals: int) -> None:
        super().__init__(Latents(0, (len(weights),)), proposals=proposals)
        self.log_weights = weights.double().log()

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns the logarithm of the weight of a one-hot."""
        return z.double() @ self.log_weights


def grid(dimensions: int, spacing: float = SPACING) -> tuple[Tensor, float]:
    """Points (G, D) at equal distances, and the volume that each stands for."""
    line = torch.arange(-REACH, REACH + spacing / 2, spacing, dtype=torch.float64)
    points = torch.cartesian_prod(*[line] * dimensions) if dimensions else line[:1]
    return points.view(len(points), -1)[:, :dimensions], spacing**dimensions


@cache
def divergence(
    n: int = 400, scale: float = 0.3, apart: float = 1.5, dimensions: int = 1, along: int = 1
) -> float:
    """KL(q || N(0, I)) of the clusters, by quadrature, in nats."""
    odds = KnownOdds(clusters(dimensions, n, scale=scale, apart=apart, along=along))
    points, volume = grid(dimensions, min(SPACING, scale / 2))
    log_r = odds.log_ratio(points)
    return float(((log_r + odds.base.log_prob(points)).exp() * log_r).sum() * volume)


def draws(prior: KnownOdds, n: int) -> Tensor:
    """Draws of q(z), as many of each posterior, about (n, D) and the same each time."""
    codes = prior.q.batch_shape[0]
    noise = prior.latents.draw_noise((n // codes, codes), generator("draws", n)).double()
    return prior.q.sample_from(noise).flatten(0, 1)
