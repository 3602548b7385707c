r"""Information between images and codes, by the aggregate posterior of the images at hand.

The encoder is known, so its density needs no critic. With the N images as the data,

.. math::
    q(z) = \frac1N \sum_j q(z|x_j), \quad
    I_q(x;z) = \frac1N \sum_i E_{q(z|x_i)} \log \frac{q(z|x_i)}{q(z)} \le \ln N.
"""

import math

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vmi.codes import Codes
from vmi.errors import NotApplicable
from vmi.latents import JointCode, Latents
from vmi.records import Estimate

__all__ = [
    "information",
    "information_categorical",
    "information_gaussian",
    "joint_probabilities",
    "log_aggregate",
    "mean_estimate",
    "sample",
]

CELLS = 4_000_000  # of the matrix of densities at a time, so that memory is bounded
LARGEST = 50_000_000  # table of probabilities of all categories together


def information(
    codes: Codes, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    r"""Returns I_q(x;z) of the whole code with a bracket around it, in nats.

    - the whole: the definition above, by one sample of each q(z|x_i). Unbiased for the N images;
      for the population they were drawn from it is InfoNCE with K = N, so at most ln N.
    - `infonce`, a lower bound: the same within batches of K images, so at most ln K,
      :math:`E \log \frac{q(z_i|x_i)}{\frac1K \sum_{j \le K} q(z_i|x_j)}`.
    - `rate`, an upper bound: :math:`E\, KL(q(z|x) \| p(z)) = I_q(x;z) + KL(q(z) \| p(z))`.

    Args:
        codes: N posteriors.
        generator: Of the samples.
        negatives: K, at most N.

    References:
        | ELBO surgery (Hoffman & Johnson, 2016)
        | http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    q, z = sample(codes, generator)
    own, n = q.log_prob(z), len(codes)
    k = min(negatives, n)
    order = torch.randperm(n, generator=generator)[: n // k * k].view(-1, k)
    within = torch.cat([own[i] - log_aggregate(q[i], z[i]) for i in order])
    rate = kl_divergence(q, _latents(codes).prior(z))
    return [
        mean_estimate(own - log_aggregate(q, z), ceiling=math.log(n)),
        mean_estimate(within, part="infonce", bound="lower", ceiling=math.log(k)),
        mean_estimate(rate, part="rate", bound="upper"),
    ]


def information_gaussian(
    codes: Codes, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    """Returns I_q(x;z) of the Gaussian block alone; see `information`.

    Raises:
        NotApplicable: There is no Gaussian block.
    """
    return information(codes.gaussian_block(), generator, negatives=negatives)


def information_categorical(codes: Codes) -> Estimate:
    r"""Returns I_q(x;c) of all categories together, exactly for the N images, in nats.

    .. math:: I_q(x;c) = H(q(c)) - \frac1N \sum_i H(q(c|x_i)) = \frac1N \sum_i KL(q(c|x_i) \| q(c))

    Ceiling: the logarithm of the number of values. Constant codes have 0. The standard error is
    that of the mean over images, to first order in 1/N.

    Raises:
        NotApplicable: There is no categorical block, or one of too many values to sum over.
    """
    p = joint_probabilities(codes.categorical_block())
    q = p.mean(0, keepdim=True)
    divergence = (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(1)
    return mean_estimate(divergence, bound="exact", ceiling=math.log(p.shape[1]))


def joint_probabilities(codes: Codes) -> Tensor:
    """Returns q(c|x_i) over every combination of the categories' values, (N, K_1 ... K_m), float64.

    Raises:
        NotApplicable: There are too many combinations.
    """
    combinations = math.prod(p.shape[1] for p in codes.categorical)
    if combinations * len(codes) > LARGEST:
        raise NotApplicable(f"{combinations} combinations of categories are too many to sum over")
    joint = torch.ones(len(codes), 1, dtype=torch.float64)
    for p in codes.categorical:
        joint = (joint[:, :, None] * p.double()[:, None, :]).flatten(1)
    return joint / joint.sum(1, keepdim=True)


def sample(codes: Codes, generator: torch.Generator) -> tuple[JointCode, Tensor]:
    """Returns the posteriors and one exact sample of each, (N, D), in float64."""
    q, latents = codes.posterior, _latents(codes)
    return q, q.sample_from(latents.draw_noise((len(codes),), generator).double())


def log_aggregate(q: JointCode, z: Tensor) -> Tensor:
    r"""Returns :math:`\log \frac1N \sum_j q(z_i|x_j)` of M codes under N posteriors, (M,).

    The densities are one matrix product, taken in parts so that memory stays bounded.
    """
    features, offsets = _quadratic(q)
    n = len(offsets)
    parts = [
        (_monomials(q, part) @ features + offsets).logsumexp(1)
        for part in z.split(max(1, CELLS // n))
    ]
    return torch.cat(parts) - math.log(n)


def mean_estimate(terms: Tensor, part: str = "", bound: str = "", **about) -> Estimate:
    """Creates the estimate that is the mean of N independent terms in nats, with its error."""
    stderr = float(terms.std() / math.sqrt(len(terms))) if len(terms) > 1 else math.nan
    about |= {"unit": "nats", "n": len(terms), "part": part, "bound": bound}
    return Estimate(float(terms.mean()), stderr, **about)


def _quadratic(q: JointCode) -> tuple[Tensor, Tensor]:
    """log q(z|x_j) = monomials(z) @ features[:, j] + offsets[j]; the categories are linear in z."""
    mean, precision = q.gaussian.mean, q.gaussian.stddev**-2
    logits = [c.logits for c in q.categoricals]
    features = torch.cat([-precision / 2, mean * precision, *logits], 1)
    log_scale = q.gaussian.stddev.log() + math.log(2 * math.pi) / 2
    return features.T, -(mean**2 * precision / 2 + log_scale).sum(1)


def _monomials(q: JointCode, z: Tensor) -> Tensor:
    gaussian, categoricals = q.split(z)
    return torch.cat([gaussian**2, gaussian, *categoricals], 1)


def _latents(codes: Codes) -> Latents:
    return Latents(codes.mean.shape[1], tuple(p.shape[1] for p in codes.categorical))
