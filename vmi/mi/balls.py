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

CLEAR = 1e-2  # of a squared reach, in which few pairs lie
ERRORS = 4.0  # times the unit of rounding and the terms of a sum: more than a square is ever off


def count(margins: Margins, reach: np.ndarray) -> np.ndarray:
    """Returns how many points are within reach (N,) of each in all margins, itself too; (N,)."""
    n = len(reach)
    found = np.zeros(n, np.int64)
    for rows, surely, perhaps in _compared(margins, reach):
        found[rows] = [np.count_nonzero(row) for row in surely]  # quicker than along an axis
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
    far = np.where(reach < 0, -np.inf, reach**2)[:, None]
    factors = [_factors(m - m.mean(0), far) for m in margins]
    rooms = [np.empty((size, n), left.dtype) for left, *_ in factors]  # new memory takes longer
    flags = np.empty((3, size, n), bool)
    for rows in blocks(n, size):
        surely, perhaps, near = flags[:, : rows.stop - rows.start]
        for i, (room, (left, right, low, high)) in enumerate(zip(rooms, factors, strict=True)):
            squares = np.matmul(left[rows], right, out=room[: len(near)])
            for within, most in ((surely, low), (perhaps, high)):
                if i == 0:
                    np.less_equal(squares, most[rows], out=within)
                else:
                    within &= np.less_equal(squares, most[rows], out=near)
        yield rows, surely, perhaps


def _factors(centred: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, ...]:
    """Two matrices whose product is all squared distances, and what is surely and perhaps near.

    In single precision where that tells most pairs: it is twice as quick.

    Args:
        centred: (N, D).
        far: The squared reaches, (N, 1).

    Returns:
        The matrices, (N, D + 2) and (D + 2, N), and per row the most that a product may be of a
        pair within reach for certain, and of any, (N, 1).
    """
    squares = (centred**2).sum(1, keepdims=True)
    ones = np.ones_like(squares)
    left, right = np.hstack([-2 * centred, squares, ones]), np.hstack([centred, ones, squares])
    for kind in (np.float32, float):
        error = (
            ERRORS * left.shape[1] * np.finfo(kind).eps * (squares + squares.max() + far.clip(0))
        )
        if np.median(error) < CLEAR * np.median(far) and 4 * squares.max() < np.finfo(kind).max:
            break
    low, high = ((far + e).astype(kind) for e in (-error, error))
    return left.astype(kind), np.ascontiguousarray(right.T, kind), low, high
