"""Orders of rows that stand for what chance does where x and y are independent, maybe given z."""

from collections.abc import Iterator

import numpy as np
import torch
from scipy.spatial import KDTree

from vmi.mi.kinds import codes_of
from vmi.mi.spaces import Space

__all__ = ["global_orders", "group_orders", "local_orders"]

NONE = -1  # stands where a row has fewer neighbours than others


def global_orders(n: int, count: int, generator: torch.Generator) -> np.ndarray:
    """Draws permutations of n rows, each as likely as any other; (count, n).

    With x so reordered, x is independent of y *and of z*: where z tells of x, such a null is not
    that of x and y being independent given z.
    """
    return torch.rand(count, n, dtype=torch.float64, generator=generator).argsort(1).numpy()


def local_orders(z: Space, count: int, generator: torch.Generator, near: int = 5) -> np.ndarray:
    r"""Draws orders in which each row has the x of one with nearly its own z; (count, n).

    Rows are visited in a random order. Each takes one of its `near` nearest neighbours in z, itself
    among them, that no row has taken yet, any of those with the same chance; where all are taken,
    it takes any. So hardly a row is taken twice, and x depends on z as before, as well as
    neighbours of z tell. In Runge's words the neighbours are shuffled and tried one by one, which
    is the same.

    Of classes z, the rows of each are permuted among themselves, which is exact; where z has both
    classes and amounts, neighbours are of one class.

    Args:
        z: n rows.
        count: How many orders.
        generator: Of all of them.
        near: How many neighbours.

    References:
        | Conditional independence testing based on a nearest-neighbor estimator of conditional
        | mutual information (Runge, 2018), algorithm 1, https://arxiv.org/abs/1709.01447
    """
    if not z.margins:
        return _within_classes(z.classes, count, generator)
    neighbours = _neighbours(z, near)
    visits = global_orders(len(z), count, generator)
    every = np.arange(count)
    taken = np.zeros((count, len(z)), bool)
    orders = np.empty_like(visits)
    for rows in visits.T:  # a step of all orders at once
        near_to = neighbours[rows]
        keys = torch.rand(near_to.shape, generator=generator).numpy()
        keys += taken[every[:, None], near_to]
        keys[near_to == NONE] = np.inf
        orders[every, rows] = chosen = near_to[every, keys.argmin(1)]
        taken[every, chosen] = True
    return orders


def group_orders(groups: np.ndarray, count: int, generator: torch.Generator) -> np.ndarray:
    """Draws orders in which groups of equal size change places, their rows in order; (count, n).

    Args:
        groups: (n,), which group each row is of.
        count: How many orders.
        generator: Of all of them.
    """
    codes, _ = codes_of(np.reshape(groups, (-1, 1)))
    sizes = np.bincount(codes)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
    there = np.concatenate(members)
    orders = np.empty((count, len(codes)), np.int64)
    for order, chosen in zip(orders, _within_classes(sizes, count, generator), strict=True):
        order[there] = np.concatenate([members[group] for group in chosen])
    return orders


def _within_classes(classes: np.ndarray, count: int, generator: torch.Generator) -> np.ndarray:
    there = np.argsort(classes, kind="stable")
    keys = torch.rand(count, len(classes), dtype=torch.float64, generator=generator)
    orders = np.empty((count, len(classes)), np.int64)
    orders[:, there] = (keys + torch.from_numpy(classes)).argsort(1).numpy()
    return orders


def _neighbours(z: Space, near: int) -> np.ndarray:
    """The nearest rows of each, itself among them; (n, near), `NONE` in a class of fewer."""
    found = np.full((len(z), near), NONE)
    for rows, there in _of_each_class(z, near):
        found[rows, : there.shape[1]] = there
    return found


def _of_each_class(z: Space, near: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    points = np.hstack(z.margins).astype(float)
    for rows in z.cells(len(z)):
        k = np.arange(1, min(near, len(rows)) + 1)  # a list, or one neighbour loses its axis
        yield rows, rows[KDTree(points[rows]).query(points[rows], k, p=np.inf)[1]]
