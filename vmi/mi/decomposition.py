r"""The rate taken apart: information, total correlation and the divergence of each component.

.. math::
    \underbrace{E\, KL(q(z|x) \| p(z))}_{rate} = I_q(x;z)
    + \underbrace{KL(q(z) \| \textstyle\prod_d q(z_d))}_{TC}
    + \sum_d KL(q(z_d) \| p(z_d))
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.mi.aggregate import capped_estimate, far_warning
from vmi.nets.codes import Codes
from vmi.nets.densities import (
    components,
    log_aggregate,
    log_densities,
    log_own,
    rate,
    sample,
    standard_units,
)
from vmi.nets.joint_code import JointCode

__all__ = ["decomposition", "decomposition_stratified", "stratified_weights"]

PARTS = ("information", "total-correlation", "dimension-wise-kl")


def decomposition(codes: Codes, generator: torch.Generator) -> list[Estimate]:
    r"""Returns the rate and the three terms that it is the sum of, in nats.

    - the whole: the rate, :math:`\frac1N \sum_i KL(q(z|x_i) \| p(z))`, exact.
    - `information`: :math:`E \log q(z|x) / q(z)`, at most ln N; within 5% of it, a warning.
    - `total-correlation`: :math:`E \log q(z) / \prod_d q(z_d)`; each category is one component.
    - `dimension-wise-kl`: :math:`E \log \prod_d q(z_d) / p(z)`.

    The N images are the data and all N stand in every mixture, so for these images the parts, by
    one sample of each code, are unbiased up to order 1/N. Few images in many dimensions have a
    total correlation where the population has none.

    The parts add up to the rate exactly. As samples they would add up to the sampled rate, which
    misses the exact one by a noise of mean zero that is known image by image; each part gives up
    its regression on that noise (a control variate), which also takes from its error. A constant
    code has only its dimension-wise divergence, and none at the prior; a deterministic code has
    ln N nats of information exactly. The densities are those of the code moved and scaled (see
    `vmi.nets.densities.standard_units`), so that far offsets and narrow posteriors cost no digits.

    Args:
        codes: N posteriors.
        generator: Of the samples.

    Raises:
        NotApplicable: The codes have no width.

    References:
        | ELBO surgery (Hoffman & Johnson, 2016)
        | http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
        | Isolating Sources of Disentanglement in VAEs (Chen et al., 2018), equation 2
        | https://arxiv.org/abs/1802.04942
    """
    q, z = sample(standard_units(codes), generator)
    margins = sum(log_aggregate(q_d, z_d) for q_d, z_d in components(q, z))
    common = {"convention": "aggregate of the N images, control variate"}
    common["warning"] = far_warning(codes)
    draws = _Draws(codes.posterior, q, z)
    return _split_rate(draws, log_aggregate(q, z), margins, ("", "", ""), common)


def decomposition_stratified(
    codes: Codes, generator: torch.Generator, *, batch_size: int = 64
) -> list[Estimate]:
    r"""Returns the same by minibatch stratified sampling, as beta-TCVAE estimates it in training.

    The densities of a batch are an unbiased estimate of each aggregate, :math:`E\, \hat q(z) =
    q(z)` (see `stratified_weights`). Its logarithm is not: :math:`E \log \hat q(z) \le \log q(z)`,
    so `information` comes out too high (at worst ln N, where no other code of the batch is near)
    and `dimension-wise-kl` too low. With N = 2,000 and batches of 64, four independent dimensions
    of one nat each are read as 4.57 nats of information, a total correlation of -.39 and a
    dimension-wise divergence of -.12, where `decomposition` has 3.97, .07 and .01.

    Args:
        codes: N posteriors; what is left over by the last full batch is not used.
        generator: Of the samples and the batches.
        batch_size: At most N, at least 2.

    Raises:
        NotApplicable: There is one image, or one a batch.

    References:
        | Isolating Sources of Disentanglement in VAEs (Chen et al., 2018), appendix C
        | https://arxiv.org/abs/1802.04942
    """
    q, z = sample(standard_units(codes), generator)
    n, size = len(z), min(batch_size, len(z))
    if size < 2:
        raise NotApplicable("stratified sampling wants batches of at least two images")
    order = torch.randperm(n, generator=generator)[: n // size * size]
    log_weights = stratified_weights(n, size).log()
    parts = list(components(q, z))
    whole = _log_weighted(q, z, order, log_weights)
    margins = sum(_log_weighted(q_d, z_d, order, log_weights) for q_d, z_d in parts)
    common = {"convention": f"log of a stratified estimate, batches of {size}, control variate"}
    common["warning"] = far_warning(codes)
    bounds = ("upper", "", "lower")
    draws = _Draws(codes.posterior[order], q[order], z[order])
    return _split_rate(draws, whole, margins, bounds, common)


def stratified_weights(n: int, size: int) -> Tensor:
    r"""Returns the weights W, (B, B), with which densities of a batch estimate the aggregate.

    Row i is of a code drawn from the posterior of image i of the batch:

    .. math:: \hat q(z_i) = \sum_j W_{ij} q(z_i|x_j), \quad
        W_{ii} = \frac1N, \quad W_{i,i+1} = \frac{N - M}{N M}, \quad W_{ij} = \frac1M, \quad M = B-1

    A code's own image is in its batch for certain, so it has the weight 1/N that it has in the
    aggregate; the M others are drawn from N - 1 and share the rest, as (M - 1)/M + (N - M)/(NM) =
    (N - 1)/N. Averaged over batches, image j has weight 1/N for each code, so the estimate is
    unbiased. Which of the others has the smaller weight does not matter (i + 1 is modulo B).

    Own weights must lie on the diagonal. Code that is widely copied writes them into a flat view
    with a stride of B where B + 1 is the diagonal's: they fall into the first column, and nearly
    every code has its own image N/M times too heavy.

    Args:
        n: N, the number of images of which the aggregate is made.
        size: B, from 2 to N.
    """
    others = size - 1
    weights = torch.full((size, size), 1 / others, dtype=torch.float64)
    diagonal = torch.eye(size, dtype=torch.bool)
    weights[diagonal] = 1 / n
    weights[diagonal.roll(1, 1)] = (n - others) / (n * others)
    return weights


def _log_weighted(q: JointCode, z: Tensor, order: Tensor, log_weights: Tensor) -> Tensor:
    """The logarithm of the stratified estimate of the aggregate, batch by batch of the order."""
    batches = order.view(-1, len(log_weights))
    return torch.cat([(log_densities(q[i], z[i]) + log_weights).logsumexp(1) for i in batches])


@dataclass(frozen=True)
class _Draws:
    """Posteriors, the same moved and scaled, and one sample of each of those.

    Attributes:
        posterior: q(z|x), in the units of the prior.
        scaled: The same in units of their own.
        z: (N, D), samples of `scaled`.
    """

    posterior: JointCode
    scaled: JointCode
    z: Tensor

    def log_own(self) -> Tensor:
        """log q(z|x) of each sample, in the units of `scaled`, (N,)."""
        return log_own(self.scaled, self.z)

    def noise(self) -> Tensor:
        r"""log q(z|x) / p(z) less its mean, which is the rate of each image, (N,).

        Of a Gaussian dimension with mean m and deviation s, at :math:`m + s e`, it is

        .. math:: m s e + (s^2 - 1)(e^2 - 1) / 2,

        where nothing large is subtracted from anything large.
        """
        mean, scale = self.posterior.gaussian.mean, self.posterior.scale
        values, one_hot = self.scaled.split(self.z)
        e = (values - self.scaled.gaussian.mean) / self.scaled.scale
        total = (mean * scale * e + (scale**2 - 1) * (e**2 - 1) / 2).sum(1)
        pairs = zip(self.posterior.categoricals, one_hot, strict=True)
        return total + sum(((c - q.probs) * q.logits).sum(1) for q, c in pairs)


def _split_rate(
    draws: _Draws, joint: Tensor, margins: Tensor, bounds: tuple, common: dict
) -> list[Estimate]:
    """The rate and its parts, from log q(z) and sum_d log q(z_d) at a sample of each code."""
    paid, noise = rate(draws.posterior), draws.noise()
    information = _without(noise, draws.log_own() - joint)
    correlation = _without(noise, joint - margins)
    whole = mean_estimate(paid, bound="exact", convention="E KL(q(z|x) || p(z))")
    terms = (information, correlation, paid - information - correlation)
    told, *parts = zip(terms, PARTS, bounds, strict=True)
    n = len(draws.scaled.gaussian.mean)
    return [
        whole,
        capped_estimate(told[0], n, told[1], bound=told[2], **common),
        *(mean_estimate(*part, **common) for part in parts),
    ]


def _without(noise: Tensor, terms: Tensor) -> Tensor:
    """Terms less their regression on a noise of mean zero: the same mean, a smaller error."""
    variance = noise.var(correction=0)
    if variance == 0:
        return terms
    return terms - noise * (noise * (terms - terms.mean())).mean() / variance
