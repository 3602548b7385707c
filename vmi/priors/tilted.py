"""The standard prior, bent by a weight: draws by resampling, and a bound on their density."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from vmi.nets.latents import Latents
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard

__all__ = ["Tilted", "effective_size"]

ROWS = 100_000  # proposals weighed at a time, so that memory is bounded


class Tilted(Prior):
    r"""A weight r on the standard prior, by sampling importance resampling (SIR).

    .. math:: p_r(z) = \frac{r(z) p(z)}{Z}, \quad Z = E_p r

    Z is not known. What is drawn is no draw of :math:`p_r` either, but of the sampler, which draws
    M proposals from p and keeps one with a probability in proportion to its weight. The sampler has
    a density of its own, :math:`p_M`, of which there is an unbiased estimate for every M, with the
    point itself among the proposals:

    .. math::
        \hat p_M(z) = p(z) \frac{M r(z)}{r(z) + \sum_{m < M} r(z_m)}, \quad z_m \sim p, \quad
        E\, \hat p_M(z) = p_M(z) \le M p(z)

    so M proposals win no point more than ln M nats, and :math:`p_1 = p`.

    Args:
        latents: What a code is made of.
        proposals: M.

    References:
        | Energy-Inspired Models: Learning with Sampler-Induced Distributions (Lawson et al., 2019)
        | https://arxiv.org/abs/1910.14265
        | A Contrastive Learning Approach for Training Variational Autoencoder Priors
        | (Aneja et al., 2021), https://arxiv.org/abs/2010.02917
    """

    bound = "lower"

    def __init__(self, latents: Latents, *, proposals: int = 1000) -> None:
        super().__init__(latents)
        self.proposals, self.base = proposals, Standard(latents)

    @property
    def convention(self) -> str:
        """M."""
        return f"SIR, M = {self.proposals}"

    def log_ratio(self, z: Tensor) -> Tensor:
        """Returns log r of codes (..., size), (...), in float64; up to a constant."""
        raise NotImplementedError

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws n codes, (n, size), each of M proposals of its own."""
        parts = []
        for z, log_r in self._proposed(n, self.proposals, generator):
            uniform = torch.rand(log_r.shape, generator=generator, dtype=torch.float64)
            chosen = (log_r - (-uniform.log()).log()).argmax(1)  # the Gumbel trick
            parts.append(z[torch.arange(len(z)), chosen])
        return torch.cat(parts)

    def log_prob(self, z: Tensor, generator: Generator) -> Tensor:
        r"""Returns the logarithm of :math:`\hat p_M` of codes (..., N, size), (..., N).

        Codes that differ in no axis but the leading ones share their proposals: k samples of one
        image may, and N images may not, so that their numbers are independent.
        """
        return self.base.log_prob(z) + self.gain(z, generator)

    def gain(self, z: Tensor, generator: Generator, proposals: int | None = None) -> Tensor:
        r"""Returns :math:`\log \hat p_M / p` of codes (..., N, size), at most ln M, (..., N).

        Args:
            z: See `log_prob`.
            generator: Of the proposals.
            proposals: M, if it is to be another.
        """
        m = proposals or self.proposals
        if m == 1:
            return torch.zeros(z.shape[:-1], dtype=torch.float64)
        own, others = self.log_ratio(z), self._proposed(z.shape[-2], m - 1, generator)
        drawn = torch.cat([weights.logsumexp(1) for _, weights in others])
        return own - torch.logaddexp(own, drawn.expand_as(own)) + math.log(m)

    def weigh(self, n: int, generator: Generator) -> Tensor:
        """Returns log r of n proposals, (n,), in float64."""
        return torch.cat([w[:, 0] for _, w in self._proposed(n, 1, generator)])

    @torch.no_grad()
    def _proposed(
        self, n: int, count: int, generator: Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yields n rows of proposals, (at most n, count, size), and their log r."""
        size = max(1, ROWS // count)
        for start in range(0, n, size):
            rows = min(size, n - start)
            z = self.base.sample(rows * count, generator).view(rows, count, -1)
            yield z, self.log_ratio(z)


def effective_size(log_r: Tensor) -> Tensor:
    r"""Returns the effective number of M proposals, (...), of their log-weights (..., M).

    .. math:: \frac{(\sum r)^2}{\sum r^2}, from 1 (one of them is all that is drawn) to M

    References:
        | A Note on Importance Sampling Using Standardized Weights (Kong, 1992)
        | https://galton.uchicago.edu/techreports/tr348.pdf
    """
    return (2 * log_r.logsumexp(-1) - (2 * log_r).logsumexp(-1)).exp()
