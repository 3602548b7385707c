r"""One-to-one maps, which change the distribution of a pair and keep its mutual information.

All take (n, D) to (n, D) float64, but `swiss_roll`, which takes (n, 1) to (n, 2). Those that are
given as pairs (a map of x and a map of y) are the ones of the `bmi` benchmark.

References:
    Czyz et al. (2023), https://arxiv.org/abs/2306.11078
"""

import math

import torch
from torch import Tensor

from vmi.tasks.task import Map

__all__ = [
    "ASINH",
    "BIMODAL",
    "HALF_CUBE",
    "NORMAL_CDF",
    "SPIRAL",
    "SWISS_ROLL",
    "WIGGLY",
    "as_it_is",
    "asinh",
    "half_cube",
    "mixture_quantile",
    "normal_cdf",
    "spiral_x",
    "spiral_y",
    "swiss_roll",
    "wiggly_x",
    "wiggly_y",
]


def as_it_is(t: Tensor) -> Tensor:
    """Returns what it is given."""
    return t


def normal_cdf(t: Tensor) -> Tensor:
    r"""Returns :math:`\Phi(t)`, which makes standard normal margins uniform."""
    return torch.special.ndtr(t)


def half_cube(t: Tensor) -> Tensor:
    r"""Returns :math:`t \sqrt{|t|}`, which lengthens the tails."""
    return t * t.abs().sqrt()


def asinh(t: Tensor) -> Tensor:
    r"""Returns :math:`\log(t + \sqrt{t^2 + 1})`, which shortens the tails."""
    return torch.asinh(t)


def wiggly_x(t: Tensor) -> Tensor:
    r"""Returns t + .4 sin(t) + .2 sin(1.7 t + 1) + .03 sin(3.3 t - 2.5), whose slope is > .1."""
    return t + 0.4 * t.sin() + 0.2 * (1.7 * t + 1).sin() + 0.03 * (3.3 * t - 2.5).sin()


def wiggly_y(t: Tensor) -> Tensor:
    r"""Returns t - .4 sin(.4 t) + .17 sin(1.3 t + 3.5) + .02 sin(4.3 t - 2.5); slope > .5."""
    return t - 0.4 * (0.4 * t).sin() + 0.17 * (1.3 * t + 3.5).sin() + 0.02 * (4.3 * t - 2.5).sin()


def spiral_x(t: Tensor) -> Tensor:
    r"""Turns the first entry towards the second by the angle |t|^2 / D.

    .. math:: \exp(|t|^2 A / D)\, t, \quad A_{12} = -1, A_{21} = 1
    """
    return _spiral(t, 0)


def spiral_y(t: Tensor) -> Tensor:
    """Turns the second entry towards the third by the angle |t|^2 / D, as `spiral_x` does."""
    return _spiral(t, 1)


def swiss_roll(t: Tensor) -> Tensor:
    r"""Rolls [0, 1] up in the plane: :math:`s (\cos s, \sin s) / 21`, s = 1.5 pi (1 + 2 t)."""
    s = 1.5 * math.pi * (1 + 2 * t)
    return torch.cat([s * s.cos(), s * s.sin()], 1) / 21


def mixture_quantile(weights: tuple[float, ...], means: tuple[float, ...]) -> Map:
    r"""Returns the map of a standard normal entry to a mixture of normals with unit variances.

    It solves :math:`\sum_k w_k \Phi(s - \mu_k) = \Phi(t)` for s. As s lies between the least and
    the greatest t + mean, it is found by halving that interval.
    """

    def bimodal(t: Tensor) -> Tensor:
        wanted, low, high = torch.special.ndtr(t), t + min(means), t + max(means)
        for _ in range(60):  # from at most a few units to the last bit
            middle = (low + high) / 2
            parts = [torch.special.ndtr(middle - mean) for mean in means]
            below = sum(w * part for w, part in zip(weights, parts, strict=True)) < wanted
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2

    return bimodal


def _spiral(t: Tensor, first: int) -> Tensor:
    """The length is kept, so the angle is known afterwards too, and can be turned back."""
    angle = t.square().sum(1) / t.shape[1]
    one, two = t[:, first], t[:, first + 1]
    turned = t.clone()
    turned[:, first] = angle.cos() * one - angle.sin() * two
    turned[:, first + 1] = angle.cos() * two + angle.sin() * one
    return turned


NORMAL_CDF = (normal_cdf, normal_cdf)
HALF_CUBE = (half_cube, half_cube)
ASINH = (asinh, asinh)
WIGGLY = (wiggly_x, wiggly_y)
SPIRAL = (spiral_x, spiral_y)
SWISS_ROLL = (swiss_roll, as_it_is)
BIMODAL = (mixture_quantile((0.3, 0.7), (0.0, 5.0)), mixture_quantile((0.5, 0.5), (-1.0, 3.0)))
