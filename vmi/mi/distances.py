"""The nearest neighbours of points, and how many points are within a distance; all exact."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

__all__ = [
    "NORMS",
    "Margins",
    "count_by_distances",
    "count_by_sorting",
    "count_equal",
    "count_others",
    "extents",
]

Margins = Sequence[np.ndarray]  # of the same N points, (N, D) each

NORMS = {"max": "chebyshev", "euclidean": "euclidean"}  # and what scipy calls them
CELLS = 2_000_000  # of a matrix of distances at a time, so that memory is bounded
SEARCH_BY_TREE = 20  # dimensions; in more, all distances at once are quicker
COUNT_BY_TREE = 3  # fewer, since a margin's ball holds a share of all points
ROUNDING = 1e-13  # relative; distances nearer to each other than this are the same


def extents(margins: Margins, k: int, norm: str = "max") -> np.ndarray:
    """Returns, for each margin, how far the k nearest neighbours of each point reach; (M, N)."""
    norm = "max" if all(m.shape[1] == 1 for m in margins) else norm  # the same, and far quicker
    neighbours = _neighbours(margins, k, norm)
    extents = np.zeros((len(margins), len(neighbours)))
    for extent, margin in zip(extents, margins, strict=True):
        for others in neighbours.T:
            np.maximum(extent, _length(margin[others] - margin, norm), out=extent)
    return extents


def count_others(
    margins: Margins, radius: np.ndarray, norm: str = "max", *, strict: bool
) -> np.ndarray:
    """Returns how many other points are nearer than a radius in all margins, or at it too; (N,).

    The k-th neighbour itself stands exactly at the radius, so a distance that is equal to it but
    for rounding must fall on the right side.
    """
    norm = "max" if all(m.shape[1] == 1 for m in margins) else norm
    if norm == "max" or len(margins) == 1:
        margins = [np.hstack(margins)]
    slack = ROUNDING * (radius + np.max([np.abs(m).max(1) for m in margins], 0))
    reach = radius - slack if strict else radius + slack
    found = _count(margins, reach, norm)
    return np.maximum(found, 1) - 1  # nothing is nearer than 0, not even it


def _count(margins: Margins, reach: np.ndarray, norm: str) -> np.ndarray:
    if len(margins) > 1 or margins[0].shape[1] > COUNT_BY_TREE:
        return count_by_distances(margins, reach, norm)
    count = count_by_sorting if margins[0].shape[1] == 1 else _by_tree
    return count(margins, reach, norm)


def count_equal(points: np.ndarray) -> np.ndarray:
    """Returns how many points are where each is, itself included; (N,)."""
    _, which, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    return counts[which.ravel()]


def _neighbours(margins: Margins, k: int, norm: str) -> np.ndarray:
    """Returns the k + 1 nearest of each point, itself among them but for ties at 0; (N, k + 1)."""
    joint = np.hstack(margins)
    if joint.shape[1] <= SEARCH_BY_TREE and norm == "max":
        return KDTree(joint).query(joint, k + 1, p=math.inf)[1]
    parts = (_distances(margins, i, norm) for i in _blocks(len(joint)))
    return np.concatenate([np.argpartition(part, k, axis=1)[:, : k + 1] for part in parts])


def count_by_sorting(margins: Margins, reach: np.ndarray, _: str) -> np.ndarray:
    """Counts the points within reach of each of (N, 1), itself included, (N,): in N log N."""
    values = margins[0][:, 0]
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values - reach, "left")
    return np.searchsorted(ordered, values + reach, "right") - low


def _by_tree(margins: Margins, reach: np.ndarray, norm: str) -> np.ndarray:
    (points,), p = margins, math.inf if norm == "max" else 2
    return KDTree(points).query_ball_point(points, reach, p=p, return_length=True)


def count_by_distances(margins: Margins, reach: np.ndarray, norm: str) -> np.ndarray:
    """Counts the same in any margins by all distances, as many at a time as `CELLS` allows."""
    blocks = _blocks(len(reach))
    return np.concatenate([(_distances(margins, i, norm) <= reach[i, None]).sum(1) for i in blocks])


def _distances(margins: Margins, rows: slice, norm: str) -> np.ndarray:
    """The distances of some points to all."""
    first, *others = (cdist(m[rows], m, NORMS[norm]) for m in margins)
    for other in others:
        np.maximum(first, other, out=first)
    return first


def _blocks(n: int) -> Iterator[slice]:
    size = max(1, CELLS // n)
    return (slice(i, i + size) for i in range(0, n, size))


def _length(differences: np.ndarray, norm: str) -> np.ndarray:
    if norm == "max":
        return np.abs(differences).max(1)
    return np.sqrt((differences**2).sum(1))
