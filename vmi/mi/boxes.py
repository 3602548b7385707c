r"""Which points lie within a reach of each of others by the largest difference of a column.

Along one column these are neighbours in sorted order, so that the set of them is the difference of
two sets from a table: the first r points in that order, for every r. Sets are bits of words, 64
points each, and those within reach in all columns are what the sets of the columns have in common.
That is exact, and takes :math:`D N^2 / 64` operations on words, not :math:`D N^2` on numbers.
"""

from collections.abc import Iterator

import numpy as np

from vmi.mi.norms import blocks, size_of

__all__ = ["Pairs", "count", "pairs"]

Pairs = Iterator[tuple[slice, np.ndarray, np.ndarray]]

WORD = np.dtype("<u8")
POINTS = 4096  # in a table, which is then 2 MB
WORDS = 4_000_000  # of sets at a time, so that memory is bounded


def count(points: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Returns how many points (N, D) are within reach (N,) of each, itself included; (N,)."""
    n, orders = len(points), points.argsort(0).T
    found = np.zeros(n, np.int64)
    for rows in blocks(n, WORDS * 64 // POINTS):
        for part in blocks(n, POINTS):
            inside = _within(points, orders, part, rows, reach)
            found[rows] += np.bitwise_count(inside).sum(1, dtype=np.int64)
    return found


def pairs(points: np.ndarray, reach: np.ndarray) -> Pairs:
    """Yields rows, some at a time, and which pairs of these and of all points are within reach.

    The pairs are two arrays of numbers of points, in the order of the first.
    """
    n, orders = len(points), points.argsort(0).T
    for rows in blocks(n, max(1, WORDS * 64 // n)):
        parts = (_within(points, orders, part, rows, reach) for part in blocks(n, POINTS))
        inside = np.hstack(list(parts))
        for some in blocks(len(inside), size_of(n)):
            first, others = _members(inside[some])
            start = rows.start + some.start
            yield slice(start, rows.start + some.stop), start + first, others


def _within(
    points: np.ndarray, orders: np.ndarray, part: slice, rows: slice, reach: np.ndarray
) -> np.ndarray:
    """The set of the points of a part that are within reach of each of some rows, (M, W) words."""
    words = -(-(part.stop - part.start) // 64)
    inside = np.full((rows.stop - rows.start, words), ~np.uint64(0), WORD)
    upper, lower = np.empty_like(inside), np.empty_like(inside)
    for column, order in zip(points.T, orders, strict=True):
        members, centres = (order[(s.start <= order) & (order < s.stop)] for s in (part, rows))
        ordered, centre, far = column[members], column[centres], reach[centres]
        low, high = np.empty((2, len(inside)), np.int64)
        low[centres - rows.start] = ordered.searchsorted(centre - far, "left")
        high[centres - rows.start] = ordered.searchsorted(centre + far, "right")
        table = _firsts(members - part.start, words)
        np.take(table, np.maximum(low, high), 0, upper, "clip")  # a reach below 0 holds none
        np.take(table, low, 0, lower, "clip")
        upper ^= lower
        inside &= upper
    return inside


def _firsts(order: np.ndarray, words: int) -> np.ndarray:
    """The sets of the first 0, 1, ... N of an order, (N + 1, W) words."""
    table = np.zeros((len(order) + 1, words), WORD)
    bit = np.left_shift(np.uint64(1), (order % 64).astype(WORD))
    table[np.arange(1, len(order) + 1), order // 64] = bit
    return np.bitwise_or.accumulate(table, 0, out=table)


def _members(sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which sets have which members, two arrays, in the order of the first."""
    row, word = sets.nonzero()
    bits = sets[row, word].view(np.uint8).reshape(-1, 8)
    which, bit = np.unpackbits(bits, 1, bitorder="little").nonzero()
    return row[which], 64 * word[which] + bit
