"""The nearest neighbours of points, and how many points are within a distance; all exact."""

import math

import numpy as np
from scipy.spatial import KDTree

from vmi.mi import balls, boxes
from vmi.mi.norms import MANY, NORMS, Margins, between, blocks, of_pairs, size_of

__all__ = [
    "NORMS",
    "Margins",
    "count_by_sorting",
    "count_equal",
    "count_others",
    "extents",
    "kth_distances",
]

SEARCH_BY_TREE = 10  # dimensions; in more, sets are quicker
CHOOSE_BY_TREE = 20  # dimensions; in more, all distances at once are quicker
COUNT_BY_TREE = 100_000  # points, if they have two columns; of fewer, sets are quicker
SAMPLE = 20.0  # times the root of N (k + 1): points that bound how far the k-th neighbour is
ROUNDING = 1e-13  # relative; distances nearer to each other than this are the same


def extents(margins: Margins, k: int, norm: str = "max") -> np.ndarray:
    """Returns, for each margin, how far the k nearest neighbours of each point reach; (M, N).

    Of several points that are equally far as the k-th one is taken, whichever it is.
    """
    margins, norm = _prepared(margins, norm)
    neighbours = _neighbours(margins, k, norm)
    extents = np.zeros((len(margins), len(neighbours)))
    for extent, margin in zip(extents, margins, strict=True):
        for others in neighbours.T:
            np.maximum(extent, _length(margin[others] - margin, norm), out=extent)
    return extents


def kth_distances(margins: Margins, k: int, norm: str = "max") -> np.ndarray:
    """Returns how far the k-th nearest neighbour of each point is; (N,)."""
    margins, norm = _prepared(margins, norm)
    joint = np.hstack(margins)
    if joint.shape[1] <= SEARCH_BY_TREE and norm == "max":
        return KDTree(joint).query(joint, [k + 1], p=math.inf)[0][:, 0]
    n = len(joint)
    step = max(1, int(n / math.sqrt(SAMPLE * n * (k + 1))))
    found = np.empty(n)
    for rows in blocks(n, size_of(n)):
        some = between(margins, rows, slice(None, None, step), norm)
        found[rows] = np.partition(some, k, axis=1)[:, k]
    reach = found + _slack(margins, found)
    candidates = boxes.pairs(joint, reach) if norm == "max" else balls.pairs(margins, reach)
    for rows, first, others in candidates:
        if len(first) > MANY * n * (rows.stop - rows.start):
            every = between(margins, rows, slice(None), norm)
            found[rows] = np.partition(every, k, axis=1)[:, k]
            continue
        distances = of_pairs(margins, first, others, norm)
        order = np.lexsort((distances, first))
        found[rows] = distances[order][np.searchsorted(first, np.arange(rows.start, rows.stop)) + k]
    return found


def count_others(
    margins: Margins, radius: np.ndarray, norm: str = "max", *, strict: bool
) -> np.ndarray:
    """Returns how many other points are nearer than a radius in all margins, or at it too; (N,).

    The k-th neighbour itself stands exactly at the radius, so a distance that is equal to it but
    for rounding must fall on the right side.
    """
    margins, norm = _prepared(margins, norm)
    if norm == "max":
        margins = [np.hstack(margins)]
    slack = _slack(margins, radius)
    found = _count(margins, radius - slack if strict else radius + slack, norm)
    return np.maximum(found, 1) - 1  # nothing is nearer than 0, not even it


def count_equal(points: np.ndarray) -> np.ndarray:
    """Returns how many points are where each is, itself included; (N,)."""
    _, which, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    return counts[which.ravel()]


def count_by_sorting(points: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Counts the points within reach of each of (N, 1), itself included, (N,): in N log N."""
    values = points[:, 0]
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values - reach, "left")
    return np.searchsorted(ordered, values + reach, "right") - low


def _count(margins: Margins, reach: np.ndarray, norm: str) -> np.ndarray:
    if norm == "euclidean":
        return balls.count(margins, reach)
    (points,) = margins
    n, columns = points.shape
    if columns == 1:
        return count_by_sorting(points, reach)
    if columns == 2 and n > COUNT_BY_TREE:
        return KDTree(points).query_ball_point(points, reach, p=math.inf, return_length=True)
    return boxes.count(points, reach)


def _prepared(margins: Margins, norm: str) -> tuple[Margins, str]:
    """The margins laid out row by row, or their distances take twice as long; and the quicker norm.

    In one dimension both norms are the same, and the largest difference is far quicker.
    """
    if all(m.shape[1] == 1 for m in margins):
        norm = "max"
    return [np.ascontiguousarray(m) for m in margins], norm


def _slack(margins: Margins, radius: np.ndarray) -> np.ndarray:
    return ROUNDING * (radius + np.max([np.abs(m).max(1) for m in margins], 0))


def _neighbours(margins: Margins, k: int, norm: str) -> np.ndarray:
    """Returns the k + 1 nearest of each point, itself among them but for ties at 0; (N, k + 1)."""
    joint = np.hstack(margins)
    if joint.shape[1] <= CHOOSE_BY_TREE and norm == "max":
        return KDTree(joint).query(joint, k + 1, p=math.inf)[1]
    every = slice(None)
    parts = (between(margins, i, every, norm) for i in blocks(len(joint), size_of(len(joint))))
    return np.concatenate([np.argpartition(part, k, axis=1)[:, : k + 1] for part in parts])


def _length(differences: np.ndarray, norm: str) -> np.ndarray:
    if norm == "max":
        return np.abs(differences).max(1)
    return np.sqrt((differences**2).sum(1))
