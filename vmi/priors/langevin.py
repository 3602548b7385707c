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
    :math:`\min(1, r(z') / r(z))`. Unlike resampling it needs no M, but enough steps: chains that
    have to cross where :math:`p_r` is small do not.

    Args:
        prior: With its weight r.
        n: How many chains.
        generator: Of all that is random.
        steps: Of each chain.
        size: s.

    References:
        | Exponential Convergence of Langevin Distributions and Their Discrete Approximations
        | (Roberts & Tweedie, 1996), https://doi.org/10.2307/3318418
    """
    gaussian = prior.latents.gaussian
    z, accepted = prior.base.sample(n, generator), []
    for _ in range(steps):
        if prior.latents.categorical:
            z = _other_categories(prior, z, generator)
        if gaussian:
            z, taken = _moved(prior, z, size, generator)
            accepted.append(taken.double().mean())
    return Walked(z, float(torch.stack(accepted).mean()) if accepted else float("nan"))


def _other_categories(prior: Tilted, z: Tensor, generator: Generator) -> Tensor:
    drawn, gaussian = prior.base.sample(len(z), generator), prior.latents.gaussian
    proposed = torch.cat([z[:, :gaussian], drawn[:, gaussian:]], 1)
    with torch.no_grad():
        log_ratio = prior.log_ratio(proposed) - prior.log_ratio(z)
    return torch.where(_accept(log_ratio, generator)[:, None], proposed, z)


def _moved(prior: Tilted, z: Tensor, size: float, generator: Generator) -> tuple[Tensor, Tensor]:
    gaussian = prior.latents.gaussian
    value, slope = _target(prior, z)
    noise = torch.randn(len(z), gaussian, generator=generator, dtype=z.dtype)
    step = size / 2 * slope + size**0.5 * noise
    proposed = torch.cat([z[:, :gaussian] + step, z[:, gaussian:]], 1)
    other, back = _target(prior, proposed)
    towards = noise.square().sum(1) / 2
    from_there = (step + size / 2 * back).square().sum(1) / (2 * size)
    taken = _accept(other - value + towards - from_there, generator)
    return torch.where(taken[:, None], proposed, z), taken


def _target(prior: Tilted, z: Tensor) -> tuple[Tensor, Tensor]:
    """log r(z) p(z) and its slope in the Gaussian block."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        value = prior.log_ratio(z) + prior.base.log_prob(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope[:, : prior.latents.gaussian]


def _accept(log_ratio: Tensor, generator: Generator) -> Tensor:
    uniform = torch.rand(len(log_ratio), generator=generator, dtype=log_ratio.dtype)
    return uniform.log() < log_ratio
