"""Distances of points in several margins: the largest of the margins', each by the norm chosen."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.spatial.distance import cdist

__all__ = ["MANY", "NORMS", "Margins", "between", "blocks", "of_pairs", "size_of"]

Margins = Sequence[np.ndarray]  # of the same N points, (N, D) each

NORMS = {"max": "chebyshev", "euclidean": "euclidean"}  # and what scipy calls them
MANY = 1 / 16  # of all pairs; more, as on a lattice, are not picked out, but all are looked at
CELLS = 500_000  # of a matrix of distances at a time, so that it stays in the cache


def blocks(n: int, size: int) -> Iterator[slice]:
    """Yields the numbers from 0 to n, as many as `size` at a time."""
    return (slice(i, min(i + size, n)) for i in range(0, n, size))


def size_of(n: int) -> int:
    """Returns how many rows of N distances are looked at together."""
    return max(1, CELLS // n)


def between(margins: Margins, some: slice, others: slice, norm: str) -> np.ndarray:
    """Returns the distances of some points from others, (M, L)."""
    first, *rest = (cdist(m[some], m[others], NORMS[norm]) for m in margins)
    for distances in rest:
        np.maximum(first, distances, out=first)
    return first


def of_pairs(margins: Margins, first: np.ndarray, others: np.ndarray, norm: str) -> np.ndarray:
    """Returns the distances of pairs of points, given by their numbers, (P,)."""
    found = np.zeros(len(first))
    for margin in margins:
        if norm == "euclidean":
            away = np.take(margin, first, 0)
            away -= np.take(margin, others, 0)
            np.maximum(found, np.sqrt(np.einsum("ij,ij->i", away, away)), out=found)
            continue
        for column in margin.T:
            away = column[first] - column[others]
            np.maximum(found, np.abs(away, out=away), out=found)
    return found
