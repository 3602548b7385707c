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
POINTS = 2048  # in a table, which is then half a MB and stays in the cache
WORDS = 4_000_000  # of sets at a time, so that memory is bounded
SPARSE = 8  # times as many rows as there is room for are listed at once: sets have few members

Column = tuple[np.ndarray, np.ndarray, np.ndarray]


def count(points: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Returns how many points (N, D) are within reach (N,) of each, itself included; (N,)."""
    n, columns = len(points), _columns(points, reach)
    found = np.zeros(n, np.int64)
    for rows in blocks(n, WORDS * 64 // POINTS):
        for part in blocks(n, POINTS):
            inside = _within(columns, part, rows)
            found[rows] += np.bitwise_count(inside).sum(1, dtype=np.int64)
    return found


def pairs(points: np.ndarray, reach: np.ndarray) -> Pairs:
    """Yields rows, some at a time, and which pairs of these and of all points are within reach.

    The pairs are two arrays of numbers of points, in the order of the first.
    """
    n, columns = len(points), _columns(points, reach)
    for rows in blocks(n, max(1, WORDS * 64 // n)):
        inside = np.hstack([_within(columns, part, rows) for part in blocks(n, POINTS)])
        for some in blocks(len(inside), SPARSE * size_of(n)):
            first, others = _members(inside[some])
            start = rows.start + some.start
            yield slice(start, rows.start + some.stop), start + first, others


def _columns(points: np.ndarray, reach: np.ndarray) -> list[Column]:
    """Of each column the order of its points, and of which ranks those within reach of each are.

    The ranks are from the first (N,) up to the second (N,); a reach below 0 has none.
    """
    found = []
    for column in points.T:
        order = column.argsort()
        ordered, far = column[order], reach[order]
        low, high = np.empty((2, len(order)), np.int64)
        low[order] = ordered.searchsorted(ordered - far, "left")
        high[order] = ordered.searchsorted(ordered + far, "right")
        found.append((order, low, np.maximum(low, high, out=high)))
    return found


def _within(columns: list[Column], part: slice, rows: slice) -> np.ndarray:
    """The set of the points of a part that are within reach of each of some rows, (M, W) words."""
    words = -(-(part.stop - part.start) // 64)
    inside = np.full((rows.stop - rows.start, words), ~np.uint64(0), WORD)
    upper, lower = np.empty_like(inside), np.empty_like(inside)
    rank = np.zeros(1 + len(columns[0][0]), np.int64)  # within the part, of the ranks among all
    for order, low, high in columns:
        belongs = (part.start <= order) & (order < part.stop)
        np.cumsum(belongs, out=rank[1:])
        table = _firsts(order[belongs] - part.start, words)
        np.take(table, rank[high[rows]], 0, upper, "clip")
        np.take(table, rank[low[rows]], 0, lower, "clip")
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
    row, word = np.divmod(np.flatnonzero(sets != 0), sets.shape[1])  # quicker flat, and of bits
    bits = np.unpackbits(sets[row, word].view(np.uint8), bitorder="little")
    which, bit = np.divmod(np.flatnonzero(bits.view(bool)), 64)
    return row[which], 64 * word[which] + bit
