"""How cost grows with the work: process seconds over size, and the exponent fitted to them.

    python benchmarks/speed/growth.py [--output growth.csv]

An exponent of 1 is a cost in proportion; it is the slope of the least-squares line through the
logarithms. Sizes are those at which fixed costs no longer rule.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from aggregate import posteriors
from engines import measure as training
from metrics import family, world
from neighbours import pairs
from turns import seconds, tabulate

from vmi.likelihood.bounds import iwae
from vmi.mi.neighbours import ksg
from vmi.models import make
from vmi.nets.densities import log_aggregate, sample
from vmi.random import generator
from vmi.records import write
from vmi.report import report

__all__ = ["CASES", "HEADER", "exponent", "measured"]

HEADER = ("work", "axis", "size", "seconds", "exponent")


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Returns b of the least-squares line ln t = a + b ln n.

    Example:
        >>> round(exponent([1, 2, 4], [3.0, 12.0, 48.0]), 6)
        2.0
    """
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def counting(images: int) -> Callable[[], object]:
    """The metrics that count, of so many images."""
    given = world(images)
    return lambda: family(*given)


def counting_wide(dimensions: int) -> Callable[[], object]:
    """The metrics that count, of so many dimensions."""
    given = world(100_000, dimensions)
    return lambda: family(*given)


def neighbours(images: int) -> Callable[[], object]:
    """KSG of so many pairs of one column each."""
    given = pairs(images, 1)
    return lambda: ksg(*given)


def aggregate(images: int) -> Callable[[], object]:
    """The aggregate posterior of so many images, at each of them."""
    q, z = sample(posteriors(images), generator(1))
    return lambda: log_aggregate(q, z)


def importance(samples: int) -> Callable[[], object]:
    """The importance-weighted bound of 4 images by so many samples."""
    images = torch.rand(4, 1, 28, 28, generator=generator(0)).round()
    model = make(images.shape[1:], {"model": "vae"}, {"gaussian": 16}, "dense-400", "bernoulli")
    model.eval().requires_grad_(False)
    return lambda: iwae(model, images, generator(1), k=samples)


def seeds(count: int) -> Callable[[], object]:
    """A cohort of so many seeds of a small dense model, 50 steps of it by either engine."""
    return lambda: training("dense-128", 8, "vae", count, 50, "cpu")


def cells(count: int) -> Callable[[], object]:
    """The report of so many cells of a task and an estimator, with five seeds each."""
    from scale import make_records, make_suite

    def work() -> None:
        suite = make_suite("estimators", count)
        with tempfile.TemporaryDirectory() as folder:
            write(make_records(suite), Path(folder, "records.csv"))
            report(suite, Path(folder))

    return work


# What is done, what grows, the sizes, and the work of one.
CASES = (
    ("metrics that count", "images", (46_080, 184_320, 737_280), counting),
    ("metrics that count", "dimensions", (10, 20, 40), counting_wide),
    ("KSG, 1 + 1", "images", (5_000, 20_000, 80_000), neighbours),
    ("exact I_q(x; z), D = 16", "images", (1_000, 2_000, 4_000), aggregate),
    ("IWAE, dense 784-400-400", "samples", (250, 500, 1_000), importance),
    ("training, both engines", "seeds", (2, 4, 8), seeds),
    ("report", "cells", (400, 1_600, 6_400), cells),
)


def measured(work: str, axis: str, sizes: Sequence[int], prepare: Callable) -> list[tuple]:
    """Returns a row a size: the least process seconds of two runs, and the exponent of them all."""
    times = []
    for size in sizes:
        once = prepare(size)
        times.append(min(seconds(once) for _ in range(2)))
    slope = exponent(sizes, times)
    print(f"{work}: cost grows with the {axis} to the {slope:.2f}")
    return [(work, axis, n, f"{t:.4g}", f"{slope:.3f}") for n, t in zip(sizes, times, strict=True)]


if __name__ == "__main__":
    tabulate(HEADER, lambda: [row for case in CASES for row in measured(*case)], __doc__)
