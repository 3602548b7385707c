"""Spaces of classes and amounts together: neighbours are looked for within a class.

Points of two classes are infinitely far apart, whatever their numbers are called. So one count of
neighbours serves continuous, discrete and mixed variables.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vmi.mi.distances import count_equal, count_others, kth_distances
from vmi.mi.kinds import codes_of

__all__ = ["Space", "count_around", "joined", "radii"]


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
