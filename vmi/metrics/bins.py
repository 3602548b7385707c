"""Bins: which of a few intervals each value lies in."""

from collections.abc import Callable

import numpy as np

__all__ = ["Cut", "binned", "discretised", "quantile_binned"]

Cut = Callable[[np.ndarray, int], np.ndarray]

NARROW = 100  # units in the last place that a bin is to be wide, or its edges are rounded together
BLOCK = 32_768  # values at a time, which stay in the cache while every edge passes
FEW = 64  # edges, of which each value is compared with all; with more, it is searched for


def binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Returns the index of the equal-width bin of each value, 0 to bins - 1; (N,).

    An edge belongs to the bin above it. The edges are those of `numpy.histogram`, as in
    disentanglement_lib, so that values on a grid fall on the same side of them. Where a bin is as
    narrow as the digits of its values, as in a column of two neighbouring numbers, those less the
    least of them are cut.
    """
    values = np.ldexp(values, -np.frexp(np.abs(values).max(initial=0.0))[1])  # exact: or overflows
    if np.ptp(values) < bins * NARROW * np.finfo(values.dtype).eps:
        values = values - values.min()  # exact between near numbers
        values = values / (values.max() or 1.0)
    edges = np.histogram_bin_edges(values, bins)
    return _passed(values, edges[1:-1], np.greater_equal, "right")


def quantile_binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Returns the index of the bin of each value, 0 to bins - 1, where all bins hold as many; (N,).

    Equal values share a bin, so bins are unequal where there are ties. No growing function of the
    values changes anything, and no outlier can.
    """
    last = -(-np.arange(1, bins) * len(values) // bins) - 1  # in integers, as a quotient may round
    return _passed(values, np.sort(values)[last], np.greater, "left")


def discretised(columns: list[np.ndarray], bins: int, cut: Cut = binned) -> list[np.ndarray]:
    """Returns integers as they are and floats cut into bins."""
    return [cut(column, bins) if column.dtype.kind == "f" else column for column in columns]


def _passed(values: np.ndarray, edges: np.ndarray, beyond: np.ufunc, side: str) -> np.ndarray:
    """How many of the edges, in order, each value is beyond, (N,).

    As `numpy.searchsorted` has it, which guesses at branches where this compares in a row.
    """
    if len(edges) > FEW:
        return np.searchsorted(edges, values, side=side).astype(np.int64)
    places = np.zeros(len(values), np.int64)
    for start in range(0, len(values), BLOCK):
        some = values[start : start + BLOCK]
        count = np.zeros(len(some), np.uint8)
        for edge in edges:
            count += beyond(some, edge)
        places[start : start + BLOCK] = count
    return places
