"""Known answers of the most that a counting metric can say, and of factors in any unit."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from vmi.metrics import gaps, mig, modularity
from vmi.verify.case import Case
from vmi.verify.grids import DSPRITES, EXACT, ORIENTATION, grid, own, scored
from vmi.verify.parts import listed

__all__ = ["cases"]


def cases() -> list[Case]:
    """Returns the known answers of ceilings, and of extreme units."""
    return [*_skewed(), *_together(), *_halves(), *_extremes()]


def _ceiling(instrument: str, of: str, truth: float, metric: Callable, factors: np.ndarray) -> Case:
    """The ceiling of a metric, of factors that are scored as a code."""
    got, name = own(metric, factors), f"ceiling of {of}"
    most = lambda: listed(got())[0].ceiling  # noqa: E731
    return Case(instrument, name, truth, most, EXACT, EXACT, "by hand")


def _skewed() -> Iterator[Case]:
    """The most that 20 values tell of a factor of 40: 19 of a twentieth each, 21 of another."""
    common, rare = np.repeat(np.arange(19), 21), np.arange(19, 40)
    f = np.stack([np.tile(np.r_[common, rare], 3), np.repeat(np.arange(3), 420)], 1)
    # One group for the rare values and one for each common one are 20 of a twentieth each.
    told, other, lost = math.log(20), math.log(3), math.log(21) / 20
    summed = (told + other) / (told + lost + other)
    joint = (1 - lost / (told + lost + math.log(20)) + 1) / 2
    most = {
        "mig": (mig.mig, (told / (told + lost) + 1) / 2),
        "mig-quantile": (mig.mig_quantile, (told / (told + lost) + 1) / 2),
        "mig-sup": (gaps.mig_sup, 1.0),
        "dcimig": (gaps.dcimig, summed),
        "jemmig": (gaps.jemmig, joint),
    }
    for name, (metric, top) in most.items():
        yield _ceiling(name, "a skewed factor", top, metric, f)
    pooled = np.stack([np.minimum(f[:, 0], 19), f[:, 1]], 1).astype(float)
    for name in ("mig", "dcimig", "jemmig"):
        metric, top = most[name]
        got = partial(metric, pooled, f)
        yield scored(name, "a skewed factor, the rare values as one", top, got)
    position = math.log(20) / math.log(32)
    top = (2 + ORIENTATION + 2 * position) / 5
    yield _ceiling("mig", "dSprites, 20 bins", top, mig.mig, grid(*DSPRITES))


def _together() -> Iterator[Case]:
    """Two bits that agree in three images of four, so that each tells of the other."""
    bits = np.array([[0, 0]] * 3 + [[1, 1]] * 3 + [[0, 1], [1, 0]])
    shared = 1 + (0.75 * math.log(0.75) + 0.25 * math.log(0.25)) / math.log(2)
    both = np.stack([bits @ [1, 2], 0 * bits[:, 0]], 1).astype(float)
    first = np.stack([bits[:, 0], 0 * bits[:, 0]], 1).astype(float)
    title = "bits that go together"
    yield _ceiling("mig", title, 1, mig.mig, bits)
    yield scored("mig", f"{title}, both in one", 1, partial(mig.mig, both, bits))
    yield scored("mig", f"{title}, themselves", 1 - shared, own(mig.mig, bits))
    alone = partial(mig.mig, first, bits)
    yield scored("mig", f"{title}, the first alone", (1 + shared) / 2, alone)
    yield scored("mig-sup", f"{title}, themselves", 1 - shared, own(gaps.mig_sup, bits))


def _halves() -> Iterator[Case]:
    """Half of a factor is as pure as all of it, where what a code holds is what counts."""
    name, square = "mig-sup-code-entropy", grid(4, 4)
    half = partial(gaps.mig_sup_code_entropy, 1.0 * (square // [1, 2]), square)
    yield scored(name, "the factors themselves", 1, own(gaps.mig_sup_code_entropy, grid(4, 5, 6)))
    yield scored(name, "half of a factor", 1, half)


def _extremes() -> Iterator[Case]:
    """Bins that no unit and no origin empties."""
    f = grid(4, 5)
    steps = {
        "from 1 in units in the last place": lambda v: 1.0 + v * np.finfo(float).eps,
        "in denormal numbers": lambda v: 5e-324 * v,
        "up to 1e308": lambda v: 4e307 * v - 8e307,
        "from 1e15": lambda v: 1e15 + v,
    }
    scores = {
        "mig": mig.mig,
        "mig-sup": gaps.mig_sup,
        "modularity": modularity.modularity,
        "dcimig": gaps.dcimig,
    }
    for name, metric in scores.items():
        for how, to in steps.items():
            yield scored(name, f"the factors {how}", 1, partial(metric, to(f), f))
