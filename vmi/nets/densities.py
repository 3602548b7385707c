r"""The aggregate posterior of the images at hand: its samples and its densities.

.. math:: q(z) = \frac1N \sum_j q(z|x_j)
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.nets.joint_code import JointCode, kl_categorical
from vmi.nets.latents import Latents

__all__ = [
    "check_summable",
    "components",
    "joint_probabilities",
    "log_aggregate",
    "log_densities",
    "log_own",
    "prior",
    "rate",
    "sample",
    "standard_units",
]

CELLS = 4_000_000  # of the matrix of densities at a time, so that memory is bounded
LARGEST = 50_000_000  # table of probabilities of all categories together
ROUNDING = 1e-8  # nats that an expanded square may lose; where it would lose more, none is expanded
HALF_LOG_2_PI = math.log(2 * math.pi) / 2


def sample(codes: Codes, generator: torch.Generator) -> tuple[JointCode, Tensor]:
    """Returns the posteriors and one exact sample of each, (N, D), in float64."""
    q, latents = codes.posterior, _latents(codes)
    return q, q.sample_from(latents.draw_noise((len(codes),), generator).double())


def standard_units(codes: Codes) -> Codes:
    r"""Returns codes whose Gaussian dimensions have mean 0 and reach no further than 1, in float64.

    A dimension is moved and divided, means and standard deviations alike, which changes no
    information: :math:`I_q(x;z)` is the same for whatever one-to-one map of each dimension. Far
    offsets, tiny and huge units then cost no digits.
    """
    mean, scale = codes.mean.double(), codes.scale.double()
    reach = mean.abs().amax(0).clamp_min(torch.finfo(torch.float64).tiny)
    mean = mean / reach
    centred, scale = mean - mean.mean(0), scale / reach
    unit = torch.maximum(centred.abs().amax(0), scale.amax(0))
    return replace(codes, mean=centred / unit, scale=scale / unit)


def log_own(q: JointCode, z: Tensor) -> Tensor:
    r"""Returns :math:`\log q(z_i|x_i)` of N codes, each under its own posterior, (N,).

    As `log_densities` has it where nothing is expanded, so that the ratio of the two is exact.
    """
    values, one_hot = q.split(z)
    mean, scale = q.gaussian.mean, q.scale
    total = -(((values - mean) / scale).square() / 2 + scale.log() + HALF_LOG_2_PI).sum(1)
    pairs = zip(q.categoricals, one_hot, strict=True)
    return total + sum((c * category.logits).sum(1) for category, c in pairs)


def log_densities(q: JointCode, z: Tensor) -> Tensor:
    r"""Returns :math:`\log q(z_i|x_j)` of M codes under N posteriors, (M, N).

    One matrix product of the square expanded, :math:`z^2 - 2 z m + m^2`, where that keeps the
    digits. It does not where posteriors are narrow beside the distances between them; there the
    differences :math:`(z - m) / s` are taken dimension by dimension, which is exact and slower.
    """
    if _expandable(q, z):
        features, offsets = _quadratic(q)
        return _monomials(q, z) @ features + offsets
    values, one_hot = q.split(z)
    mean, scale = q.gaussian.mean, q.scale
    total = -(scale.log() + HALF_LOG_2_PI).sum(1).expand(len(z), -1)
    for d in range(mean.shape[1]):
        total = total - ((values[:, [d]] - mean[:, d]) / scale[:, d]).square() / 2
    pairs = zip(q.categoricals, one_hot, strict=True)
    return total + sum(c @ category.logits.T for category, c in pairs)


def log_aggregate(q: JointCode, z: Tensor) -> Tensor:
    r"""Returns :math:`\log \frac1N \sum_j q(z_i|x_j)` of M codes under N posteriors, (M,).

    In parts, so that memory stays bounded; see `log_densities`.
    """
    n = len(q.gaussian.mean)
    parts = [log_densities(q, part).logsumexp(1) for part in z.split(max(1, CELLS // n))]
    return torch.cat(parts) - math.log(n)


def components(q: JointCode, z: Tensor) -> Iterator[tuple[JointCode, Tensor]]:
    """Yields each Gaussian dimension, then each category, as a code of its own, with its z."""
    gaussian, categories = q.split(z)
    mean, scale = q.gaussian.mean, q.scale
    for d in range(mean.shape[1]):
        yield JointCode(mean[:, [d]], scale[:, [d]]), gaussian[:, [d]]
    for category, one_hot in zip(q.categoricals, categories, strict=True):
        yield JointCode(mean[:, :0], scale[:, :0], [category.logits]), one_hot


def prior(q: JointCode) -> JointCode:
    """Returns p(z) in the batch shape of posteriors."""
    sizes = tuple(c.logits.shape[-1] for c in q.categoricals)
    return Latents(q.gaussian.event_shape[0], sizes).prior(q.mean)


def rate(q: JointCode) -> Tensor:
    """Returns KL(q(z|x_i) || p(z)) of each image in nats, (N,)."""
    mean, scale = q.gaussian.mean, q.scale
    gaussian = ((mean.square() + scale.square() - 1) / 2 - scale.log()).sum(1)
    return gaussian + kl_categorical(q, prior(q))


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


def _expandable(q: JointCode, z: Tensor) -> bool:
    """Whether the expanded square of no dimension loses more than `ROUNDING` to cancellation."""
    if not z.shape[1] or not q.gaussian.mean.shape[1]:
        return True
    values, _ = q.split(z)
    farthest = torch.maximum(values.abs().amax(0), q.gaussian.mean.abs().amax(0))
    terms = (farthest / q.scale.amin(0)).square().sum()
    return bool(terms * torch.finfo(torch.float64).eps < ROUNDING)


def _quadratic(q: JointCode) -> tuple[Tensor, Tensor]:
    """log q(z|x_j) = monomials(z) @ features[:, j] + offsets[j]; the categories are linear in z."""
    mean, precision = q.gaussian.mean, q.scale**-2
    logits = [c.logits for c in q.categoricals]
    features = torch.cat([-precision / 2, mean * precision, *logits], 1)
    log_scale = q.scale.log() + HALF_LOG_2_PI
    return features.T, -(mean**2 * precision / 2 + log_scale).sum(1)


def _monomials(q: JointCode, z: Tensor) -> Tensor:
    gaussian, categoricals = q.split(z)
    return torch.cat([gaussian**2, gaussian, *categoricals], 1)


def _latents(codes: Codes) -> Latents:
    return Latents(codes.mean.shape[1], tuple(p.shape[1] for p in codes.categorical))
