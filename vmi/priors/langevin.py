"""Draws of a tilted prior by Langevin dynamics."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from vmi.priors.tilted import Tilted

__all__ = ["Walked", "langevin"]


class Walked(NamedTuple):
    """Where chains ended.

    Attributes:
        codes: (n, size), one-hot in each category.
        acceptance: The share of moves of the Gaussian block that were accepted; NaN without one.
    """

    codes: Tensor
    acceptance: float


def langevin(
    prior: Tilted, n: int, generator: Generator, *, steps: int = 100, size: float = 0.1
) -> Walked:
    r"""Walks n chains from the standard prior towards :math:`p_r(z) \propto r(z) p(z)`.

    .. math:: z' = z + \frac s2 \nabla \log r(z) p(z) + \sqrt s\, w, \quad w \sim N(0, I)

    A move is accepted as Metropolis and Hastings have it, so that the chains keep :math:`p_r`
    whatever s is; without that they would keep what they keep only for small s. Categories are
    proposed anew from the standard prior before each move, and accepted with probability
    :math:`\min(1, r(z') / r(z))`. Groups are walked from the top down, each below where those above
    it ended, as the normaliser of a group is one of its context. Unlike resampling it needs no M,
    but enough steps: chains that have to cross where :math:`p_r` is small do not.

    Args:
        prior: With its weight r.
        n: How many chains.
        generator: Of all that is random.
        steps: Of each chain, and group.
        size: s.

    References:
        | Exponential Convergence of Langevin Distributions and Their Discrete Approximations
        | (Roberts & Tweedie, 1996), https://doi.org/10.2307/3318418
    """
    z, accepted = prior.base.sample(n, generator), []
    for group in range(prior.groups):
        start, end = prior.span(group)
        block = slice(start, min(end, prior.latents.gaussian))
        for _ in range(steps):
            if end > block.stop:
                z = _other_categories(prior, z, generator, group)
            if block.stop > start:
                z, taken = _moved(prior, z, size, generator, group, block)
                accepted.append(taken.double().mean())
    return Walked(z, float(torch.stack(accepted).mean()) if accepted else float("nan"))


def _other_categories(prior: Tilted, z: Tensor, generator: Generator, group: int) -> Tensor:
    drawn, gaussian = prior.base.sample(len(z), generator), prior.latents.gaussian
    proposed = torch.cat([z[:, :gaussian], drawn[:, gaussian:]], 1)
    with torch.no_grad():
        log_ratio = prior.log_ratio(proposed, group) - prior.log_ratio(z, group)
    return torch.where(_accept(log_ratio, generator)[:, None], proposed, z)


def _moved(
    prior: Tilted, z: Tensor, size: float, generator: Generator, group: int, block: slice
) -> tuple[Tensor, Tensor]:
    value, slope = _target(prior, z, group, block)
    noise = torch.randn(slope.shape, generator=generator, dtype=z.dtype)
    step = size / 2 * slope + size**0.5 * noise
    proposed = torch.cat([z[:, : block.start], z[:, block] + step, z[:, block.stop :]], 1)
    other, back = _target(prior, proposed, group, block)
    towards = noise.square().sum(1) / 2
    from_there = (step + size / 2 * back).square().sum(1) / (2 * size)
    taken = _accept(other - value + towards - from_there, generator)
    return torch.where(taken[:, None], proposed, z), taken


def _target(prior: Tilted, z: Tensor, group: int, block: slice) -> tuple[Tensor, Tensor]:
    """log r_k(z_k | z_<k) p(z), and its slope in a block of the group."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        value = prior.log_ratio(z, group) + prior.base.log_prob(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope[:, block]


def _accept(log_ratio: Tensor, generator: Generator) -> Tensor:
    uniform = torch.rand(len(log_ratio), generator=generator, dtype=log_ratio.dtype)
    return uniform.log() < log_ratio
