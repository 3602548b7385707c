"""Factors of images in grids, and cases of metrics that are given such factors."""

import math
from collections.abc import Callable

import numpy as np

from vmi.estimate import Estimate
from vmi.verify.case import Case
from vmi.verify.parts import value

__all__ = [
    *("DSPRITES", "EXACT", "GRID_CEILING", "LIBRARY", "ORIENTATION", "POSITION", "SEEN"),
    *("draw", "grid", "own", "scored"),
]

DSPRITES = (3, 6, 40, 32, 32)  # shape, scale, orientation, x, y
LIBRARY = "disentanglement_lib, evaluation/metrics, its own test"
SEEN = "computed once from the published definition"
EXACT = 1e-12  # of exact arithmetic
# The 40 orientations fall in pairs; 12 of 20 bins hold two of the 32 positions.
ORIENTATION = math.log(20) / math.log(40)
POSITION = 1 - 12 * 2 / 32 * math.log(2) / math.log(32)
GRID_CEILING = (2 + ORIENTATION + 2 * POSITION) / 5  # .9024


def grid(*sizes: int) -> np.ndarray:
    """Every combination of the factors' values, (N, F)."""
    return np.indices(sizes).reshape(len(sizes), -1).T


def draw(n: int, *sizes: int, seed: int = 0) -> np.ndarray:
    """Factors of n random images, (n, F), the same each time."""
    stream = np.random.default_rng(seed)
    return np.stack([stream.integers(k, size=n) for k in sizes], 1)


def own(metric: Callable, factors: np.ndarray, *more, **settings) -> Callable:
    """The factors scored as a code."""
    return lambda: metric(factors.astype(float), factors, *more, **settings)


def scored(
    instrument: str,
    name: str,
    truth: float,
    got: Callable[[], Estimate | list[Estimate]],
    within: float = EXACT,
    *,
    part: str = "",
    source: str = "by hand",
) -> Case:
    """A case of a part of what a metric returns, or of all of it if it is one number."""
    named = f"{name}, {part}" if part else name
    return Case(instrument, named, truth, lambda: value(got(), part), within, within, source)
