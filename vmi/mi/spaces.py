"""Spaces of classes and amounts together: neighbours are looked for within a class.

Points of two classes are infinitely far apart, whatever their numbers are called. So one count of
neighbours serves continuous, discrete and mixed variables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from vmi.arrays import normal_scores, standardised
from vmi.errors import NotApplicable
from vmi.mi.distances import count_equal, count_others, kth_distances
from vmi.mi.kinds import REPEATED, are_classes, codes_of

__all__ = ["MARGINS", "Space", "count_around", "joined", "radii", "ranks", "space"]

CRUMBS = 5  # rows; of classes with no more of them most say nothing
SIXTEEN = np.iinfo(np.int16).max


@dataclass(frozen=True)
class Space:
    """N points of one variable, or of several.

    Attributes:
        margins: (N, D) each, amounts; the distance is the largest of the margins'.
        classes: (N,), or None where there are none.
    """

    margins: Sequence[np.ndarray]
    classes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.margins[0] if self.classes is None else self.classes)

    def part(self, rows: np.ndarray | slice) -> "Space":
        """Returns some of the points."""
        classes = None if self.classes is None else self.classes[rows]
        return Space([m[rows] for m in self.margins], classes)

    def cells(self, n: int) -> Iterator[np.ndarray]:
        """Yields the rows of each class; all rows where there are none."""
        if self.classes is None:
            yield np.arange(n)
            return
        order = np.argsort(self.classes, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(self.classes[order])) + 1)


def ranks(values: np.ndarray) -> np.ndarray:
    """Returns twice the ranks of columns (N, D), whole numbers; equal values share the mean.

    Example:
        >>> ranks(np.array([[0.5], [9.0], [0.5]])).ravel().tolist()
        [3, 6, 3]
    """
    doubled = 2 * rankdata(values, axis=0)
    return doubled.astype(np.int16 if 2 * len(values) < SIXTEEN else np.float32)


MARGINS = {"normal": normal_scores, "ranks": ranks, "standardised": standardised}


def space(values: np.ndarray, margins: str) -> Space:
    """Returns (N, D) as points of classes and amounts: columns of few values are classes together.

    Unless most of these classes are too small; then all columns are amounts.

    Raises:
        NotApplicable: Nobody knows such margins.

    Example:
        >>> there = space(np.stack([np.arange(40) % 2, np.arange(40) / 7], 1), "ranks")
        >>> len(there.margins), there.margins[0].shape, there.classes[:3].tolist()
        (1, (40, 1), [0, 1, 0])
    """
    if margins not in MARGINS:
        raise NotApplicable(f"the margins {margins!r} are none of {', '.join(MARGINS)}")
    few = np.array([are_classes(column[:, None]) for column in values.T])
    if few.any():
        codes, _ = codes_of(values[:, few])
        if np.mean(np.bincount(codes)[codes] <= CRUMBS) <= REPEATED:
            amounts = [] if few.all() else [MARGINS[margins](values[:, ~few].astype(float))]
            return Space(amounts, codes)
    return Space([MARGINS[margins](values.astype(float))])


def joined(*spaces: Space) -> Space:
    """Returns the space of several variables at once."""
    margins = [margin for space in spaces for margin in space.margins]
    classes = [space.classes for space in spaces if space.classes is not None]
    if not classes:
        return Space(margins)
    return Space(margins, codes_of(np.stack(classes, 1))[0])


def radii(space: Space, n: int, k: int, norm: str = "max") -> tuple[np.ndarray, np.ndarray]:
    """Returns how far the k-th neighbour is in a point's class, and which it is, (N,) each.

    In a class of fewer it is the last that there is; of a point alone in its class, the zeroth.
    Where all that a space has is classes, it is at 0.
    """
    radius, kth = np.zeros(n), np.zeros(n, int)
    for rows in space.cells(n):
        kth[rows] = near = min(k, len(rows) - 1)
        if near and space.margins:
            radius[rows] = kth_distances([m[rows] for m in space.margins], near, norm)
    return radius, kth


def count_around(space: Space, radius: np.ndarray, norm: str = "max") -> np.ndarray:
    """Returns how many points are nearer than the radius, itself included, (N,).

    Where the radius is 0, it is how many are at the point.
    """
    n = len(radius)
    found = np.zeros(n, int)
    for rows in space.cells(n):
        if not space.margins:
            found[rows] = len(rows)
            continue
        reach = radius[rows]
        nearer = count_others([m[rows] for m in space.margins], reach, norm, strict=True) + 1
        at = nearer if reach.all() else count_equal(np.hstack([m[rows] for m in space.margins]))
        found[rows] = np.where(reach > 0, nearer, at)
    return found
