r"""The aggregate posterior of the images at hand: its samples and its densities.

.. math:: q(z) = \frac1N \sum_j q(z|x_j)
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents

__all__ = [
    "check_summable",
    "components",
    "joint_probabilities",
    "log_aggregate",
    "prior",
    "sample",
]

CELLS = 4_000_000  # of the matrix of densities at a time, so that memory is bounded
LARGEST = 50_000_000  # table of probabilities of all categories together


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


def components(q: JointCode, z: Tensor) -> Iterator[tuple[JointCode, Tensor]]:
    """Yields each Gaussian dimension, then each category, as a code of its own, with its z."""
    gaussian, categories = q.split(z)
    mean, scale = q.gaussian.mean, q.gaussian.stddev
    for d in range(mean.shape[1]):
        yield JointCode(mean[:, [d]], scale[:, [d]]), gaussian[:, [d]]
    for category, one_hot in zip(q.categoricals, categories, strict=True):
        yield JointCode(mean[:, :0], scale[:, :0], [category.logits]), one_hot


def prior(q: JointCode) -> JointCode:
    """Returns p(z) in the batch shape of posteriors."""
    sizes = tuple(c.logits.shape[-1] for c in q.categoricals)
    return Latents(q.gaussian.event_shape[0], sizes).prior(q.mean)


def joint_probabilities(codes: Codes) -> Tensor:
    """Returns q(c|x_i) over every combination of the categories' values, (N, K_1 ... K_m), float64.

    Raises:
        NotApplicable: There are too many combinations.
    """
    check_summable(codes)
    joint = torch.ones(len(codes), 1, dtype=torch.float64)
    for p in codes.categorical:
        joint = (joint[:, :, None] * p.double()[:, None, :]).flatten(1)
    return joint / joint.sum(1, keepdim=True)


def check_summable(codes: Codes) -> None:
    """Refuses codes of more combinations of categories than can be summed over.

    Raises:
        NotApplicable: There are too many.
    """
    combinations = math.prod(p.shape[1] for p in codes.categorical)
    if combinations * len(codes) > LARGEST:
        raise NotApplicable(f"{combinations} combinations of categories are too many to sum over")


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
