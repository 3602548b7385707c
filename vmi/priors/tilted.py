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

    Where the code has groups (`Latents.groups`), each has a weight of its own, given those above
    it, and is drawn from M proposals of its own. The normaliser is then one of the context:

    .. math:: p_r(z) = \prod_k \frac{r_k(z_k | z_{<k})\, p(z_k)}{Z_k(z_{<k})}, \quad
        Z_k(z_{<k}) = E_{p(z_k)} r_k(z_k | z_{<k})

    and :math:`\hat p_M` is the product over groups: K of them win no more than K ln M.

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
        each = f" for each of {self.groups} groups" if self.groups > 1 else ""
        return f"SIR, M = {self.proposals}{each}"

    @property
    def groups(self) -> int:
        """How many groups the code has."""
        return len(self.latents.ends)

    def span(self, group: int) -> tuple[int, int]:
        """Returns where a group of a code begins and ends."""
        ends = (0, *self.latents.ends)
        return ends[group], ends[group + 1]

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns log r_k of codes (..., size), (...), in float64; up to a constant.

        Args:
            z: What is below the group is not looked at.
            group: k, from 0.
        """
        raise NotImplementedError

    def log_weight(self, z: Tensor) -> Tensor:
        """Returns the sum of log r_k over the groups of codes (..., size), (...)."""
        return torch.stack([self.log_ratio(z, k) for k in range(self.groups)]).sum(0)

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws n codes, (n, size), each of M proposals of its own, group by group."""
        z = torch.zeros(n, self.latents.size, dtype=torch.float64)
        for group in range(self.groups):
            pieces = self._proposed(z, self.proposals, generator, group)
            z = torch.cat([_chosen(*piece, generator) for piece in pieces])
        return z

    def log_prob(self, z: Tensor, generator: Generator) -> Tensor:
        r"""Returns the logarithm of :math:`\hat p_M` of codes (..., N, size), (..., N).

        Codes that differ in no axis but the leading ones share their proposals: k samples of one
        image may, and N images may not, so that their numbers are independent.
        """
        return self.base.log_prob(z) + self.gain(z, generator)

    def gain(self, z: Tensor, generator: Generator, proposals: int | None = None) -> Tensor:
        r"""Returns :math:`\log \hat p_M / p` of codes (..., N, size), at most K ln M, (..., N).

        Args:
            z: See `log_prob`.
            generator: Of the proposals.
            proposals: M, if it is to be another.
        """
        m, won = proposals or self.proposals, torch.zeros(z.shape[:-1], dtype=torch.float64)
        if m == 1:
            return won
        for group in range(self.groups):
            own = self.log_ratio(z, group)
            others = self.log_sum(z, m - 1, generator, group)
            won = won + own - torch.logaddexp(own, others.expand_as(own)) + math.log(m)
        return won

    def log_sum(self, z: Tensor, count: int, generator: Generator, group: int = 0) -> Tensor:
        """Returns the logarithm of the sum of the weights of proposals of a group.

        Args:
            z: Codes (..., N, size), whose groups above are the context; leading axes share their
                proposals.
            count: How many proposals each of N has.
            generator: Of the proposals.
            group: Which.

        Returns:
            (..., N); (N,) of the topmost group, which has no context.
        """
        pieces = self._proposed(z, count, generator, group)
        return torch.cat([weights.logsumexp(-1) for _, weights in pieces], -1)

    def weigh(
        self, n: int, generator: Generator, group: int = 0, given: Tensor | None = None
    ) -> Tensor:
        """Returns log r_k of n proposals of a group, (n,), each below a code (n, size) if given."""
        z = torch.zeros(n, self.latents.size, dtype=torch.float64) if given is None else given
        return self.log_sum(z, 1, generator, group)

    @torch.no_grad()
    def _proposed(
        self, z: Tensor, count: int, generator: Generator, group: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yields codes with `count` proposals of a group in turn, (..., rows, count, size), and r.

        They come in parts of the N rows of z, (..., N, size); without a context, the leading axes
        are none.
        """
        start, _ = self.span(group)
        z = z if start else z.flatten(0, -3)[0] if z.dim() > 2 else z
        rows = max(1, ROWS // (count * math.prod(z.shape[:-2])))
        for part in z.split(rows, -2):
            drawn = self.base.sample(part.shape[-2] * count, generator).unflatten(0, (-1, count))
            shape = (*part.shape[:-1], count)
            above = part[..., None, :start].expand(*shape, start)
            proposed = torch.cat([above, drawn[..., start:].expand(*shape, -1)], -1)
            yield proposed, self.log_ratio(proposed, group)


def _chosen(z: Tensor, log_r: Tensor, generator: Generator) -> Tensor:
    """One proposal of each row of (rows, M, size), by its weight."""
    uniform = torch.rand(log_r.shape, generator=generator, dtype=torch.float64)
    chosen = (log_r - (-uniform.log()).log()).argmax(1)  # the Gumbel trick
    return z[torch.arange(len(z)), chosen]


def effective_size(log_r: Tensor) -> Tensor:
    r"""Returns the effective number of M proposals, (...), of their log-weights (..., M).

    .. math:: \frac{(\sum r)^2}{\sum r^2}, from 1 (one of them is all that is drawn) to M

    References:
        | A Note on Importance Sampling Using Standardized Weights (Kong, 1992)
        | https://galton.uchicago.edu/techreports/tr348.pdf
    """
    return (2 * log_r.logsumexp(-1) - (2 * log_r).logsumexp(-1)).exp()
