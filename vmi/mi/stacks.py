"""Many pairs of arrays at once: the same network fitted to each, side by side in one stack.

A neural estimator is written for a stack of problems of one shape and called with one pair;
`estimate_each` calls it with many. A problem's number depends on its own data and generator only
(up to rounding), so that it is the same alone and among others.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vmi.arrays import columns, is_discrete
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import also, are_few, bounded, codes_of, without_density
from vmi.mi.limits import short_of_normal
from vmi.mi.rows import rows_of_groups

__all__ = ["CONVENTION", "Side", "estimate_each", "normalised", "stacked"]

CONVENTION = "fitted on 60%, stopped by 20%, reported on 20%"
LEAST = 20  # pairs, of which 4 are reported on
LEVELS, MOST_LEVELS = 64, 1024  # classes that become as many columns: of few rows, and of many
ROWS = 10  # that a class is to have on average, where there are more than LEVELS
KNOTS = 41  # of the map to a normal distribution
BEYOND = 0.5  # the farthest from the last knot


@dataclass(frozen=True)
class Side:
    """One variable of S problems, in the three parts that a neural estimator needs.

    Attributes:
        fit: (S, N_fit, D).
        held: (S, N_held, D), to stop by.
        report: (S, N_report, D).
        discrete: The columns are a one-hot encoding of at most D classes.
        flaw: Why the columns have no density; "" where they may have one.
    """

    fit: Tensor
    held: Tensor
    report: Tensor
    discrete: bool = False
    flaw: str = ""

    @property
    def dimensions(self) -> int:
        """D."""
        return self.fit.shape[-1]

    @property
    def kind(self) -> tuple:
        """The sizes that all problems of one stack share."""
        parts = (self.fit, self.held, self.report)
        return self.discrete, self.flaw, *(tuple(p.shape[1:]) for p in parts)

    def blank(self) -> "Side":
        """Returns as many rows of one column of zeros."""
        return Side(*(torch.zeros_like(p[..., :1]) for p in (self.fit, self.held, self.report)))

    @classmethod
    def stack(cls, sides: Sequence["Side"]) -> "Side":
        """Stacks problems of one kind."""
        parts = ([getattr(s, p) for s in sides] for p in ("fit", "held", "report"))
        return cls(*map(torch.cat, parts), sides[0].discrete, sides[0].flaw)


def stacked(body: Callable[..., list[Estimate]]) -> Callable[..., Estimate]:
    """Makes an estimator of one pair (x, y, generator) from a function of a stack of them.

    Args:
        body: Is given two `Side` and a list of generators, and returns an estimate of each problem.
    """

    @wraps(body)
    def estimator(x, y, generator: torch.Generator, *, groups=None, **settings) -> Estimate:
        return estimate_each(estimator, [(x, y)], [generator], settings, groups)[0]

    estimator.body = body
    estimator.__annotations__ = {"generator": torch.Generator, "return": Estimate}
    return estimator


def estimate_each(
    estimator: Callable[..., Estimate],
    pairs: Sequence[tuple[Any, Any]],
    generators: Sequence[torch.Generator],
    settings: Mapping[str, Any],
    groups: Any = None,
    learn: int = 1,
) -> list[Estimate]:
    """Returns the estimate of each pair (x, y): neural estimators all at once, others in turn.

    Args:
        estimator: Of one pair, `(x, y, *, ...)` or `(x, y, generator, *, ...)`.
        pairs: Arrays (N,) or (N, D); best of equal shape.
        generators: One a pair.
        settings: Of the estimator.
        groups: (N,), of all pairs: rows of one group, which depend on each other, are all in one of
            the three parts, and one of them alone in those that are looked at. For neural ones.
        learn: Of the part that a neural one is fitted on, every so many-th row is taken.

    Raises:
        NotApplicable: The estimator has no meaning for one of the pairs.
    """
    if not hasattr(estimator, "body"):
        random = "generator" in inspect.signature(estimator).parameters
        drawing = [{"generator": g} if random else {} for g in generators]
        return [estimator(x, y, **d, **settings) for (x, y), d in zip(pairs, drawing, strict=True)]
    problems = [_parts(x, y, g, groups, learn) for (x, y), g in zip(pairs, generators, strict=True)]
    estimates: dict[int, Estimate] = {}
    for members in _alike(problems):
        x, y = (Side.stack([problems[i][side] for i in members]) for side in (0, 1))
        streams = [generators[i] for i in members]
        with _one_thread():
            estimates |= zip(members, estimator.body(x, y, streams, **settings), strict=True)
    return [_told(estimates[i], x, y) for i, (x, y) in enumerate(pairs)]


def _told(estimate: Estimate, x, y) -> Estimate:
    """Adds the ceiling of a discrete side, which integers are no classes, and what is missed."""
    named = {"x": columns(x), "y": columns(y)}
    texts = [_amounts(name, values) for name, values in named.items()]
    if all(_classes(values) is None for values in named.values()):
        texts.append(short_of_normal(estimate, *named.values()))
    return also(bounded(estimate, x, y), *texts)


def _amounts(name: str, values: np.ndarray) -> str:
    if not is_discrete(values) or _classes(values) is not None:
        return ""
    count, most = codes_of(values)[1], _levels(len(values))
    rows = f"over the {most} classes that {len(values)} rows allow"
    return f"{name} has {count} values, {rows}: its integers are taken as amounts"


def _levels(n: int) -> int:
    """How many classes N rows allow."""
    return max(LEVELS, min(n // ROWS, MOST_LEVELS))


def _classes(values: np.ndarray) -> np.ndarray | None:
    """Which class each row (N, D) of integers or of few floats is of, unless they are too many."""
    if not is_discrete(values):
        return codes_of(values)[0] if are_few(values) else None
    codes, count = codes_of(values)
    return codes if count <= _levels(len(values)) else None


def normalised(values: Tensor, fit: int) -> Tensor:
    """Returns columns (N, D) mapped one-to-one to about a standard normal distribution.

    The map is increasing and linear between quantiles of the first `fit` rows, and half a unit
    beyond the last of them is as far as any value goes, as a network is at a loss beyond what it
    has seen. A value that takes several quantiles goes to their middle, a constant to 0. So no
    heavy tail survives, no information is lost, and Gaussian columns stay Gaussian.
    """
    reach = torch.special.ndtri(torch.tensor(1 - 0.5 / fit, dtype=torch.float64))
    levels = torch.special.ndtr(torch.linspace(-1, 1, KNOTS, dtype=torch.float64) * reach)
    ordered = values[:fit].sort(0).values
    knots = ordered[(levels * (fit - 1)).round().long()].T.contiguous()
    position = _positions(knots, values.T.contiguous()).T
    low, high = knots[:, 0], knots[:, -1]
    spread = torch.where(high > low, high - low, 1.0)
    beyond = (values - high).clamp_min(0) - (low - values).clamp_min(0)
    return (2 * position / (KNOTS - 1) - 1) * reach + BEYOND * beyond / (spread + beyond.abs())


def _positions(knots: Tensor, values: Tensor) -> Tensor:
    """Where values (D, N) stand among sorted knots (D, Q), from 0 to Q - 1; the middle of ties."""
    left = torch.searchsorted(knots, values)
    right = torch.searchsorted(knots, values, right=True)
    upper = left.clamp(1, KNOTS - 1)
    below, above = knots.gather(1, upper - 1), knots.gather(1, upper)
    share = ((values - below) / torch.where(above > below, above - below, 1.0)).clamp(0, 1)
    return torch.where(right > left, (left + right - 1) / 2, upper - 1 + share)


def _parts(
    x, y, generator: torch.Generator, groups: Any = None, learn: int = 1
) -> tuple[Side, Side]:
    """Shuffles the pairs and parts them; each column is mapped without a look at the pairing."""
    n = len(x)
    if n != len(y):
        raise NotApplicable(f"x has {n} rows and y {len(y)}: they are not pairs")
    first, *others = _rows(n, generator, groups)
    parts = [first[::learn], *others]
    return _side("x", x, parts), _side("y", y, parts)


def _rows(n: int, generator: torch.Generator, groups: Any) -> list[Tensor]:
    """The rows of the three parts, of 60, 20 and 20% of them or of their groups."""
    count = n if groups is None else len(np.unique(groups))
    if count < LEAST:
        what = "pairs" if groups is None else "groups"
        need = f"to fit, to stop and to report: {LEAST} or more"
        raise NotApplicable(f"{count} {what} are too few {need}")
    order = torch.randperm(count, generator=generator)
    held = round(0.2 * count)
    parts = list(order.split([count - 2 * held, held, held]))
    return parts if groups is None else rows_of_groups(groups, parts)


def _side(name: str, values, parts: Sequence[Tensor]) -> Side:
    values, sizes, order = columns(values), [len(p) for p in parts], torch.cat(list(parts))
    if not np.isfinite(values).all():
        raise NotApplicable("a value is not finite")
    if (codes := _classes(values)) is not None:
        width = LEVELS * math.ceil((codes.max() + 1) / LEVELS)  # alike for all draws of a task
        one_hot = torch.nn.functional.one_hot(torch.from_numpy(codes)[order], width).float()
        return Side(*one_hot[None].split(sizes, 1), discrete=True)
    rows = normalised(torch.from_numpy(values.astype(np.float64))[order], sizes[0])
    return Side(*rows.float()[None].split(sizes, 1), flaw=without_density(name, rows.numpy()))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Matrices this small gain nothing by threads, and lose all where others want the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _alike(problems: Sequence[tuple[Side, Side]]) -> list[list[int]]:
    """Groups the problems that can share a stack."""
    groups: dict[tuple, list[int]] = {}
    for i, (x, y) in enumerate(problems):
        groups.setdefault((x.kind, y.kind), []).append(i)
    return list(groups.values())
