"""Likelihoods p(x|z): from a decoder's outputs to a distribution over images."""

import math
from collections.abc import Callable
from functools import partial

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
    return Independent(Bernoulli(logits=outputs, validate_args=False), 3)


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
