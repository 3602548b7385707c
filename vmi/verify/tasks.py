r"""The known answers of the tasks: what the benchmarks list, and what the densities say.

The bmi benchmark lists its truths to four digits, which the closed forms have to give to half of
the last. Where a paper gives none, the truth is held against the mean of the pointwise information
of N pairs, to four standard errors: over Gaussian pairs of correlation rho it has the variance
rho^2 a pair. A picture's numbers are read off its pixels first, so that case fails if the drawing
loses any of them.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from vmi.random import generator
from vmi.tasks import load
from vmi.tasks.normal import correlated, correlation_of
from vmi.verify.case import Case

__all__ = ["BMI", "cases", "read_bump", "read_rectangle", "read_segment"]

# What the bmi package lists for its 40 tasks.
BMI = {
    "normal": 0.4133,
    "normal-cdf-normal": 0.4133,
    "additive-noise-0.1": 1.7094,
    "additive-noise-0.75": 0.3333,
    "bimodal": 0.4133,
    "wiggly-normal": 0.4133,
    "half-cube-normal": 0.4133,
    "student-1x1-dof-1": 0.2242,
    "asinh-student-1x1-dof-1": 0.2242,
    "swiss-roll": 0.4133,
    "dense-2": 0.2939,
    "dense-3": 0.4133,
    "dense-5": 0.5928,
    "dense-25": 1.2922,
    "dense-50": 1.6243,
    "two-pair-2": 1.0217,
    "two-pair-3": 1.0217,
    "two-pair-5": 1.0217,
    "two-pair-25": 1.0217,
    "student-2x2-dof-1": 0.4319,
    "student-2x2-dof-2": 0.1931,
    "student-3x3-dof-2": 0.2909,
    "student-3x3-dof-3": 0.1787,
    "student-5x5-dof-2": 0.4482,
    "student-5x5-dof-3": 0.2985,
    "normal-cdf-two-pair-3": 1.0217,
    "normal-cdf-two-pair-5": 1.0217,
    "normal-cdf-two-pair-25": 1.0217,
    "half-cube-two-pair-3": 1.0217,
    "half-cube-two-pair-5": 1.0217,
    "half-cube-two-pair-25": 1.0217,
    "spiral-two-pair-3": 1.0217,
    "spiral-two-pair-5": 1.0217,
    "spiral-two-pair-25": 1.0217,
    "spiral-normal-cdf-two-pair-3": 1.0217,
    "spiral-normal-cdf-two-pair-5": 1.0217,
    "spiral-normal-cdf-two-pair-25": 1.0217,
    "asinh-student-2x2-dof-1": 0.4319,
    "asinh-student-3x3-dof-2": 0.2909,
    "asinh-student-5x5-dof-2": 0.4482,
}
N = 20_000  # pairs drawn for a mean
PICTURES = {"bumps": 2, "rectangles": 4}  # and the numbers that each shows


def cases() -> list[Case]:
    """Returns the known answers of the tasks."""
    return [*_listed(), *_stairs(), *_pictures()]


def read_bump(pictures: Tensor, side: int, spread: float = 0.2) -> Tensor:
    r"""Reads the positions of bumps off their pictures, (n, 2), uniform numbers in [0, 1].

    Two pixels beside each other differ in their logarithm by
    :math:`(2 p - g - g') (g' - g) / 2 s^2` along their axis.
    """
    logs, grid = pictures.unflatten(1, (side, side)).log(), _grid(side)
    middle, step = (grid[1:] + grid[:-1]) / 2, 1 / (side - 1)
    found = []
    for axis in (2, 1):
        slope = logs.diff(dim=axis).mean(3 - axis) / step
        found.append((slope * spread**2 + middle).mean(1))
    return torch.stack(found, 1)


def read_rectangle(pictures: Tensor, side: int, softness: float = 0.05) -> Tensor:
    """Reads the uniform numbers that rectangles were drawn from off their pictures, (n, 4)."""
    square = pictures.unflatten(1, (side, side))
    # A row is c times a line, and so is the sum of all rows.
    ends = [read_segment(square.sum(axis), softness) for axis in (1, 2)]
    return torch.cat([_uniform(*end) for end in ends], 1)


def read_segment(lines: Tensor, softness: float = 0.05) -> tuple[Tensor, Tensor]:
    r"""Reads the two ends of a soft line off c times its pixels, (n, side), where c is unknown.

    1 = (1 + L R)/c a + (L/c) a/s + (R/c) a s in each pixel, by least squares; L R < 1 tells c from
    the other solution c L R.
    """
    grid = _grid(lines.shape[1])
    s = ((grid - 0.5) / softness).exp()  # from the middle, so that neither end is far
    rows = torch.stack([lines, lines / s, lines * s], 2)
    scales = rows.abs().amax(1, keepdim=True)
    ones = torch.ones(*lines.shape, 1, dtype=torch.float64)
    total, low, high = (torch.linalg.lstsq(rows / scales, ones).solution / scales.mT).unbind(1)
    c = (total + (total**2 - 4 * low * high).clamp(min=0).sqrt()) / 2
    return 0.5 + softness * (low / c).log(), 0.5 - softness * (high / c).log()


def _listed() -> list[Case]:
    source = "the bmi package, Czyz et al. (2023), https://arxiv.org/abs/2306.11078"
    return [
        Case(name, "information", truth, partial(_information, name), 5e-5, 5e-5, source)
        for name, truth in BMI.items()
    ]


def _stairs() -> list[Case]:
    source = "Poole et al. (2019), https://arxiv.org/abs/1905.06922"
    return [
        _mean(f"staircase-{truth}", truth, 20, partial(_profile, f"staircase-{truth}"), source)
        for truth in (2, 4, 6, 8, 10)
    ]


def _pictures() -> list[Case]:
    source = "Butakov et al. (2024), https://arxiv.org/abs/2403.02187"
    return [
        _mean(f"{shape}-{side}", 2, pairs, partial(_seen, shape, side), source)
        for shape, pairs in PICTURES.items()
        for side in (16, 32)
    ]


def _mean(name: str, truth: float, pairs: int, got: Callable[[], float], source: str) -> Case:
    error = 4 * math.sqrt(pairs / N) * correlation_of(truth, pairs)
    return Case(name, "mean pointwise information", truth, got, error, error, source)


def _information(name: str) -> float:
    return load(name).information


def _profile(name: str) -> float:
    return float(load(name).profile(N, generator("verify", name)).mean())


def _seen(shape: str, side: int) -> float:
    """The mean pointwise information of the numbers that are read off pictures."""
    read = {"bumps": read_bump, "rectangles": read_rectangle}[shape]
    task, stream = load(f"{shape}-{side}"), generator("verify", shape, side)
    pairs = PICTURES[shape]
    density = correlated(pairs, correlation_of(2, pairs)).pointwise
    total = 0.0
    for _ in range(N // 1000):  # of which a thousand stay small
        numbers = [read(torch.from_numpy(side_), side) for side_ in task.sample(1000, stream)]
        total += float(density(*(torch.special.ndtri(u) for u in numbers)).sum())
    return total / N


def _uniform(low: Tensor, high: Tensor, shortest: float = 0.2) -> Tensor:
    """What `segments` made the ends from."""
    first = 1 - (1 - low / (1 - shortest)) ** 2
    second = (high - low - shortest) / (1 - shortest - low)
    return torch.cat([first, second], 1).clamp(1e-12, 1 - 1e-12)


def _grid(side: int) -> Tensor:
    return torch.linspace(0, 1, side, dtype=torch.float64)
