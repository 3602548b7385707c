r"""Conditional mutual information by nearest neighbours, of one sample in many orders at once.

.. math::
    \hat I = \frac1N \sum_i \psi(k_i) + \psi(n_z(i)) - \psi(n_{xz}(i)) - \psi(n_{yz}(i))

is that of Frenzel and Pompe, as `vmi.mi.neighbours.conditional_ksg` has it: :math:`n` counts the
points strictly nearer than the k-th neighbour of the point in the joint space, the point itself
included. Where only x is reordered, the distances in z and in (y, z) stay as they are, and those in
x are differences of few columns. So distances are not searched for but computed, some rows and
a few orders at a time, as many as the processor's cache holds. That takes :math:`N^2` steps an
order, of which each is a nanosecond or two, and is faster than trees up to N of some thousands.
Both sides of each comparison are rounded alike, so that single precision takes no neighbour away.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.special import digamma

from vmi.mi.spaces import Space

__all__ = ["informations"]

CELLS = 2**17  # distances at a time: with their copies they fit a cache of a megabyte or two
FAR = np.float32(1e30)  # from class to class, beyond all amounts
LEAST = {np.int16: np.int16(1), np.float32: np.nextafter(np.float32(0), np.float32(1))}


def informations(
    x: Space, y: Space, z: Space | None, k: int, orders: Sequence[np.ndarray]
) -> np.ndarray:
    r"""Returns :math:`\hat I(x_\pi; y \mid z)` for each order of the rows of x, (S,), in nats.

    Whole numbers, as ranks are, have distances of 16 bits, others of 32. Points of two classes are
    infinitely far apart; a point with fewer than k others in its class counts those that there are,
    and one alone is left out. Where the k-th neighbour is at 0, k is the number of points there.

    Args:
        x: N points.
        y: The same.
        z: The same, or None for I(x;y).
        k: The number of neighbours, less than N.
        orders: (S, N), which row of x stands in each place.
    """
    orders = np.asarray(orders)
    s, n = orders.shape
    x, y, *given = _columns(x, y, *([z] if z else []))
    psi = digamma(np.arange(1, n + 1))
    total, counted = np.zeros(s), np.zeros(s)
    size = max(1, CELLS // n)
    for rows in _parts(n, size):
        near_y = _distances(y[None], rows)
        near_z = _distances(given[0][None], rows) if given else np.zeros_like(near_y)
        near_yz = np.maximum(near_z, near_y)
        for some in _parts(s, max(1, size // near_yz.shape[1])):
            terms = _terms(_distances(x[orders[some]], rows), near_yz, near_z, k, psi)
            total[some] += np.nansum(terms, 1)
            counted[some] += np.isfinite(terms).sum(1)
    return total / np.maximum(counted, 1)


def _columns(*spaces: Space) -> list[np.ndarray]:
    """The points as columns, (N, D), of whole numbers if all are; two classes are `FAR` apart."""
    whole = all(s.classes is None and m.dtype == np.int16 for s in spaces for m in s.margins)
    kind = np.int16 if whole and all(s.margins for s in spaces) else np.float32
    found = []
    for space in spaces:
        classes = [] if space.classes is None else [space.classes[:, None] * FAR]
        found.append(np.hstack([*space.margins, *classes]).astype(kind))
    return found


def _parts(n: int, size: int) -> Iterator[slice]:
    return (slice(i, min(i + size, n)) for i in range(0, n, size))


def _distances(points: np.ndarray, rows: slice) -> np.ndarray:
    """The largest differences of a column of (S, N, D) between some rows and all; (S, R, N)."""
    found = None
    for values in np.moveaxis(points, -1, 0):
        apart = values[:, rows, None] - values[:, None, :]
        np.abs(apart, out=apart)
        found = apart if found is None else np.maximum(found, apart, out=found)
    return found


def _terms(near_x, near_yz, near_z, k: int, psi: np.ndarray) -> np.ndarray:
    """The local terms of each order, (S, R); NaN of a point that is alone in its class."""
    joint = np.maximum(near_x, near_yz)
    joint.partition(k, axis=-1)  # the point itself is the zeroth
    radius, kth = joint[..., k], np.full(joint.shape[:2], k)
    if (lonely := radius >= FAR).any():
        there = joint < FAR
        radius = np.where(lonely, np.where(there, joint, 0).max(-1), radius)
        kth = np.where(lonely, _count(there) - 1, kth)
    alone = kth == 0
    if (tied := radius == 0).any():
        kth = np.where(tied, _count(joint == 0), kth)
        radius = np.where(tied, LEAST[joint.dtype.type], radius)  # nearer than that is at 0
    of_z, of_yz = _psi_within(near_z, radius, psi), _psi_within(near_yz, radius, psi)
    np.maximum(near_x, near_z, out=near_x)
    terms = psi[kth - 1] + of_z - of_yz - _psi_within(near_x, radius, psi)
    return np.where(alone, np.nan, terms) if alone.any() else terms


def _psi_within(distances: np.ndarray, radius: np.ndarray, psi: np.ndarray) -> np.ndarray:
    """The digamma of how many points are nearer than the radius, itself included."""
    return psi[_count(distances < radius[..., None]) - 1]


def _count(there: np.ndarray) -> np.ndarray:
    """How many are true along the last axis; as bytes, which takes a quarter of the time."""
    return there.view(np.uint8).sum(-1, dtype=np.uint32).astype(np.int64)
