"""Likelihoods p(x|z): from a decoder's outputs to a distribution over images."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Independent, Normal

from vmi.registry import Registry

__all__ = [
    "LIKELIHOODS",
    "Likelihood",
    "bernoulli",
    "gaussian",
    "make_likelihood",
    "squashed_gaussian",
]

Likelihood = Callable[[Tensor], Distribution]  # of a decoder's outputs, (B, C, H, W)

LIKELIHOODS = Registry(
    "likelihood",
    {
        "bernoulli": "vmi.nets.likelihoods:bernoulli",
        "gaussian": "vmi.nets.likelihoods:gaussian",
        "squashed-gaussian": "vmi.nets.likelihoods:squashed_gaussian",
    },
)


def bernoulli(outputs: Tensor) -> Distribution:
    """Creates p(x) of bits from logits, (B, C, H, W)."""
    return Independent(_Bits(logits=outputs, validate_args=False), 3)


def gaussian(outputs: Tensor, *, scale: float = 1.0) -> Distribution:
    """Creates N(x; outputs, scale^2).

    Raises:
        ValueError: The scale is not positive.
    """
    if not scale > 0:
        raise ValueError(f"a Gaussian likelihood wants a positive scale, not {scale}")
    return Independent(_NormalOfScale(outputs, scale), 3)


def squashed_gaussian(outputs: Tensor, *, scale: float = 0.7) -> Distribution:
    """Creates N(x; (1 + tanh(outputs)) / 2, scale^2), for pixels in [0, 1].

    On pixels in [-1, 1] the scale is twice as large. The authors' squared error averaged over 784
    such pixels with w_kl = .005 is a variance of 784 * .005 / 2 = 1.96 there: a scale of .7 here.
    """
    return gaussian((1 + outputs.tanh()) / 2, scale=scale)


class _Bits(Bernoulli):
    """Bits whose logarithm of a probability is quick, and so is its gradient."""

    def log_prob(self, value: Tensor) -> Tensor:
        """Returns the log-probability of each pixel, in nats."""
        return _LogOfBits.apply(*torch.broadcast_tensors(self.logits, value))


class _LogOfBits(torch.autograd.Function):
    r""":math:`x l - \max(l, 0) - \ln(1 + e^{-|l|})` of logits l and bits x.

    `log1p` would be exact where the last term is small, but takes ten times as long as `log`, one
    number at a time. What is lost is at most half a unit of rounding of 1 a pixel.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(logits: Tensor, bits: Tensor) -> Tensor:
        rest = logits.abs().neg_().exp_().add_(1).log_()
        return (bits * logits).sub_(logits.clamp(min=0)).sub_(rest)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        """Keeps both."""
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        logits, bits = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        of_logits = gradient * (bits - logits.sigmoid()) if wanted[0] else None
        return of_logits, gradient * logits if wanted[1] else None


class _NormalOfScale(Normal):
    """N(x; mean, scale^2) with one number for a scale: no logarithm or square of it a pixel."""

    def __init__(self, mean: Tensor, scale: float) -> None:
        super().__init__(mean, scale, validate_args=False)
        self.number = scale

    def log_prob(self, value: Tensor) -> Tensor:
        """Returns the log-density of each pixel, in nats."""
        constant = math.log(self.number) + math.log(2 * math.pi) / 2
        return (value - self.loc).square().mul(-0.5 / self.number**2) - constant


def make_likelihood(likelihood: str | Likelihood) -> Likelihood:
    """Creates the likelihood of a name such as `gaussian-0.5`, or returns a callable as it is."""
    if not isinstance(likelihood, str):
        return likelihood
    function, settings = LIKELIHOODS.load(likelihood)
    configured = partial(function, **settings)
    configured(torch.zeros(1, 1, 1, 1))  # refuses its settings here, and not in training
    return configured
