r"""Which points lie within a reach of each of others by the Euclidean distance in each margin.

.. math:: |a - b|^2 = |a|^2 + |b|^2 - 2\, a \cdot b

is a product of matrices, of centred columns and two more, and many times quicker than differences.
But it cancels: its error is bounded by a multiple of :math:`\epsilon (|a|^2 + \max_b |b|^2)`, and
pairs that are no farther than that from the reach are told by their differences.
"""

from collections.abc import Iterator

import numpy as np

from vmi.mi.boxes import Pairs
from vmi.mi.norms import MANY, Margins, between, blocks, of_pairs, size_of

__all__ = ["count", "pairs"]

ERRORS = 4.0  # times the unit of rounding and the terms of a sum: more than a square is ever off


def count(margins: Margins, reach: np.ndarray) -> np.ndarray:
    """Returns how many points are within reach (N,) of each in all margins, itself too; (N,)."""
    n = len(reach)
    found = np.zeros(n, np.int64)
    for rows, surely, perhaps in _compared(margins, reach):
        found[rows] = np.count_nonzero(surely, 1)
        first, others = np.divmod(np.flatnonzero(perhaps ^ surely), n)
        if len(first) > MANY * surely.size:
            all_of_them = between(margins, rows, slice(None), "euclidean")
            found[rows] = np.count_nonzero(all_of_them <= reach[rows, None], 1)
            continue
        first += rows.start
        near = of_pairs(margins, first, others, "euclidean") <= reach[first]
        found[rows] += np.bincount(first[near] - rows.start, minlength=len(surely))
    return found


def pairs(margins: Margins, reach: np.ndarray) -> Pairs:
    """Yields rows, some at a time, and all pairs of these and of any points that are within reach.

    A few that are not may be among them, by rounding. They are in the order of the first.
    """
    for rows, _, perhaps in _compared(margins, reach):
        first, others = np.divmod(np.flatnonzero(perhaps), len(reach))
        yield rows, rows.start + first, others


def _compared(
    margins: Margins, reach: np.ndarray
) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Yields rows and which points are surely within reach of each, and which may be, (M, N)."""
    n, size = len(reach), size_of(len(reach))
    factors = [_factors(m - m.mean(0)) for m in margins]
    room, flags = np.empty((size, n)), np.empty((3, size, n), bool)  # new memory takes longer
    far = np.where(reach < 0, -np.inf, reach**2)[:, None]
    for rows in blocks(n, size):
        squares = room[: rows.stop - rows.start]
        surely, perhaps, near = flags[:, : len(squares)]
        surely[:] = perhaps[:] = True
        for left, right, error in factors:
            np.matmul(left[rows], right, out=squares)
            surely &= np.less_equal(squares, far[rows] - error[rows], out=near)
            perhaps &= np.less_equal(squares, far[rows] + error[rows], out=near)
        yield rows, surely, perhaps


def _factors(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two matrices whose product is all squared distances, and how far a row may be off, (N, 1)."""
    squares = (centred**2).sum(1, keepdims=True)
    ones = np.ones_like(squares)
    left, right = np.hstack([-2 * centred, squares, ones]), np.hstack([centred, ones, squares])
    unit = ERRORS * left.shape[1] * np.finfo(float).eps
    return left, np.ascontiguousarray(right.T), unit * (squares + squares.max())
