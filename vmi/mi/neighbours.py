r"""Information between two arrays by the distances to nearest neighbours, in nats.

Shared by all: columns are standardised first; distances in a margin are the largest difference of
a column unless said otherwise, and in the joint space the largest of the margins'. The search is
exact, so nothing is drawn at random and nothing jittered. A monotone map of a column changes the
truth by nothing and the estimate by about a standard error. The estimates fluctuate around 0 where
the truth is 0: they are not clipped. They fall short of large information, as one dimension of it
needs about :math:`e^{I}` points, and of any in many dimensions.

The standard error is the larger of two, each somewhat too small where the other is not: that of
the mean of the local terms as if these were independent, though neighbours share neighbours; and
that by the spread of five parts of the data, as in Holmes & Nemenman 2019,
https://doi.org/10.1103/PhysRevE.100.022404. On average it is .75 to 1.1 of the spread over
draws, less (.67) for the strong information of several columns in few hundred points.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from scipy.special import digamma

from vmi.arrays import aligned, is_discrete, standardised
from vmi.errors import NotApplicable
from vmi.estimate import Estimate

__all__ = ["conditional_ksg", "ksg", "ksg2", "mixed_ksg"]

Margins = Sequence[np.ndarray]  # of the same N points, (N, D) each

NORMS = {"max": "chebyshev", "euclidean": "euclidean"}  # and what scipy calls them
CELLS = 2_000_000  # of a matrix of distances at a time, so that memory is bounded
SEARCH_BY_TREE = 20  # dimensions; in more, all distances at once are quicker
COUNT_BY_TREE = 3  # fewer, since a margin's ball holds a share of all points
ROUNDING = 1e-13  # relative; distances nearer to each other than this are the same
PARTS = 5  # of the data, whose spread tells the standard error
REPEATED = 0.05  # a share of points with equals; with more, KSG is not to be trusted


def ksg(x, y, *, k: int = 3, norm: str = "max") -> Estimate:
    r"""Returns I(x;y) by the first algorithm of Kraskov, Stögbauer and Grassberger, in nats.

    .. math:: \psi(k) + \psi(N) - \frac1N \sum_i \psi(n_x(i) + 1) + \psi(n_y(i) + 1)

    with :math:`n_x(i)` the number of other points whose x is nearer to :math:`x_i` than the k-th
    neighbour of the point is in the joint space. Less k, less bias and more spread. A constant x
    scores exactly 0, with a warning.

    Args:
        x: (N,) or (N, D) floats.
        y: The same.
        k: The number of neighbours, less than N.
        norm: Of a margin: "max", as published, or "euclidean", as in the `bmi` benchmark. In one
            dimension they are the same; in many, Euclidean balls lose less.

    Raises:
        NotApplicable: There are not more than k points, or an array is discrete.

    References:
        | Estimating mutual information (Kraskov, Stögbauer & Grassberger, 2004), equation 8
        | https://arxiv.org/abs/cond-mat/0305641
    """
    margins = _continuous(k, x=x, y=y)
    if norm not in NORMS:
        raise NotApplicable(f"the norm {norm!r} is none of {', '.join(NORMS)}")
    return _estimate(partial(_squares, norm=norm), margins, k, f"{norm} norm", _warning(margins))


def ksg2(x, y, *, k: int = 3) -> Estimate:
    r"""Returns I(x;y) by the second algorithm of Kraskov, Stögbauer and Grassberger, in nats.

    .. math:: \psi(k) - \frac1k + \psi(N) - \frac1N \sum_i \psi(n_x(i)) + \psi(n_y(i))

    with :math:`n_x(i)` the number of other points whose x is at most as far from :math:`x_i` as
    the farthest in x of the k nearest neighbours in the joint space: the smallest rectangle around
    them in place of the square of `ksg`.

    Args:
        x: (N,) or (N, D) floats.
        y: The same.
        k: The number of neighbours, less than N.

    Raises:
        NotApplicable: There are not more than k points, or an array is discrete.

    References:
        | Estimating mutual information (Kraskov, Stögbauer & Grassberger, 2004), equation 9
        | https://arxiv.org/abs/cond-mat/0305641
    """
    margins = _continuous(k, x=x, y=y)
    return _estimate(_rectangles, margins, k, "max norm, rectangles", _warning(margins))


def mixed_ksg(x, y, *, k: int = 3) -> Estimate:
    r"""Returns I(x;y) where x and y may be discrete, continuous or both in one column, in nats.

    .. math:: \ln N + \frac1N \sum_i \psi(\tilde k_i) - \psi(n_x(i)) - \psi(n_y(i))

    Where the k-th neighbour is at a distance above 0, :math:`\tilde k_i = k` and :math:`n_x(i)` is
    the number of points whose x is nearer than that; where it is at 0, they are the numbers of
    points at 0. Each counts the point itself. These are the counts of the authors' own code; with
    counts up to and at the distance, and logarithms in place of digammas, the estimate with k = 3
    is .04 to .3 nats too low.

    Discrete values are numbers here, as near as they differ: `plug-in` knows categories.

    Args:
        x: (N,) or (N, D), integers or floats.
        y: The same.
        k: The number of neighbours, less than N.

    Raises:
        NotApplicable: There are not more than k points.

    References:
        | Estimating Mutual Information for Discrete-Continuous Mixtures (Gao et al., 2017)
        | https://arxiv.org/abs/1709.06212
    """
    margins = _standardised(k, x=x, y=y)
    return _estimate(_squares_or_atoms, margins, k, "max norm, counts as in the authors' code")


def conditional_ksg(x, y, z, *, k: int = 3) -> Estimate:
    r"""Returns I(x;y|z) by the nearest neighbours of Frenzel and Pompe, in nats.

    .. math::
        \psi(k) - \frac1N \sum_i \psi(n_{xz}(i) + 1) + \psi(n_{yz}(i) + 1) - \psi(n_z(i) + 1)

    with the counts of `ksg` in the spaces of (x, z), (y, z) and z. It is pulled towards 0, more so
    the stronger z binds x and y.

    Args:
        x: (N,) or (N, D) floats.
        y: The same.
        z: The same; what is known already. Integers are classes that stand apart as far as they
            differ; each is to have many more than k points.
        k: The number of neighbours, less than N.

    Raises:
        NotApplicable: There are not more than k points, or x or y is discrete.

    References:
        | Partial Mutual Information for Coupling Analysis of Multivariate Time Series
        | (Frenzel & Pompe, 2007), https://doi.org/10.1103/PhysRevLett.99.204101
    """
    _refuse_discrete(x=x, y=y)
    margins = _standardised(k, x=x, y=y, z=z)
    known = margins[:2] if is_discrete(z) else margins
    return _estimate(_squares_given, margins, k, "max norm", _warning(known))


# ---------------------------------------------------------------- what the four share


def _continuous(k: int, **arrays) -> list[np.ndarray]:
    _refuse_discrete(**arrays)
    return _standardised(k, **arrays)


def _refuse_discrete(**arrays) -> None:
    for name, values in arrays.items():
        if is_discrete(values):
            hint = "mixed-ksg takes both kinds, plug-in two discrete arrays"
            raise NotApplicable(f"{name} is discrete, and this is for floats: {hint}")


def _standardised(k: int, **arrays) -> list[np.ndarray]:
    margins = [standardised(a.astype(float)) for a in aligned(**arrays)]
    if not 1 <= k < len(margins[0]):
        n = len(margins[0])
        raise NotApplicable(f"k is {k}: it is to be from 1 to less than the {n} points there are")
    return margins


def _estimate(
    local: Callable[[Margins, int], np.ndarray],
    margins: Margins,
    k: int,
    how: str,
    warning: str = "",
) -> Estimate:
    """Creates the estimate that is the mean of N local terms of the margins."""
    terms = local(margins, k)
    n = len(terms)
    stderr = terms.std() / math.sqrt(n)
    if n // PARTS > k:
        parts = [local([m[i::PARTS] for m in margins], k).mean() for i in range(PARTS)]
        stderr = max(stderr, np.std(parts, ddof=1) / math.sqrt(PARTS))
    convention = f"k={k}, {how}, standardised, not clipped at 0"
    about = {"n": n, "convention": convention, "warning": warning}
    return Estimate(float(terms.mean()), float(stderr), "nats", **about)


def _warning(margins: Margins) -> str:
    share = max(np.mean(_equal(m) > 1) for m in margins)
    if share <= REPEATED:
        return ""
    return f"{share:.0%} of the points share a value, which breaks KSG; see mixed-ksg"


# ---------------------------------------------------------------- local terms, (N,) each


def _squares(margins: Margins, k: int, norm: str) -> np.ndarray:
    radius = _extents(margins, k, norm).max(0)
    inside = [_others(m, radius, norm, strict=True) for m in margins]
    return digamma(k) + digamma(len(radius)) - sum(digamma(n + 1) for n in inside)


def _rectangles(margins: Margins, k: int) -> np.ndarray:
    extents = _extents(margins, k)
    inside = [_others(m, e, strict=False) for m, e in zip(margins, extents, strict=True)]
    return digamma(k) - 1 / k + digamma(len(inside[0])) - sum(digamma(n) for n in inside)


def _squares_or_atoms(margins: Margins, k: int) -> np.ndarray:
    radius = _extents(margins, k).max(0)
    nearer = [_others(m, radius, strict=True) + 1 for m in margins]
    equal = [_equal(space) for space in (np.hstack(margins), *margins)]
    kth, *inside = np.where(radius > 0, [np.full_like(nearer[0], k), *nearer], equal)
    return digamma(kth) + math.log(len(radius)) - sum(digamma(n) for n in inside)


def _squares_given(margins: Margins, k: int) -> np.ndarray:
    x, y, z = margins
    radius = _extents(margins, k).max(0)
    spaces = np.hstack([x, z]), np.hstack([y, z]), z
    xz, yz, z_alone = (digamma(_others(s, radius, strict=True) + 1) for s in spaces)
    return digamma(k) - xz - yz + z_alone


# ---------------------------------------------------------------- search and count


def _extents(margins: Margins, k: int, norm: str = "max") -> np.ndarray:
    """Returns, for each margin, how far the k nearest neighbours of each point reach; (M, N)."""
    neighbours = _neighbours(margins, k, norm)
    extents = np.zeros((len(margins), len(neighbours)))
    for extent, margin in zip(extents, margins, strict=True):
        for others in neighbours.T:
            np.maximum(extent, _length(margin[others] - margin, norm), out=extent)
    return extents


def _neighbours(margins: Margins, k: int, norm: str) -> np.ndarray:
    """Returns the k + 1 nearest of each point, itself among them but for ties at 0; (N, k + 1)."""
    joint = np.hstack(margins)
    if joint.shape[1] <= SEARCH_BY_TREE and norm == "max":
        return KDTree(joint).query(joint, k + 1, p=math.inf)[1]
    nearest = []
    for i in _blocks(len(joint)):
        distances = cdist(margins[0][i], margins[0], NORMS[norm])
        for m in margins[1:]:
            np.maximum(distances, cdist(m[i], m, NORMS[norm]), out=distances)
        nearest.append(np.argpartition(distances, k, axis=1)[:, : k + 1])
    return np.concatenate(nearest)


def _others(
    points: np.ndarray, radius: np.ndarray, norm: str = "max", *, strict: bool
) -> np.ndarray:
    """Returns how many other points are nearer than a radius, or at it too; (N,).

    The k-th neighbour itself stands exactly at the radius, so a distance that is equal to it but
    for rounding must fall on the right side.
    """
    slack = ROUNDING * (radius + np.abs(points).max(1))
    reach = radius - slack if strict else radius + slack
    count = _by_sorting if points.shape[1] == 1 else _by_tree
    if points.shape[1] > COUNT_BY_TREE:
        count = _by_distances
    return np.maximum(count(points, reach, norm), 1) - 1  # nothing is nearer than 0, not even it


def _equal(points: np.ndarray) -> np.ndarray:
    """Returns how many points are where each is, itself included; (N,)."""
    _, which, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    return counts[which.ravel()]


def _by_sorting(points: np.ndarray, reach: np.ndarray, _: str) -> np.ndarray:
    values = points[:, 0]
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values - reach, "left")
    return np.searchsorted(ordered, values + reach, "right") - low


def _by_tree(points: np.ndarray, reach: np.ndarray, norm: str) -> np.ndarray:
    p = math.inf if norm == "max" else 2
    return KDTree(points).query_ball_point(points, reach, p=p, return_length=True)


def _by_distances(points: np.ndarray, reach: np.ndarray, norm: str) -> np.ndarray:
    parts = [cdist(points[i], points, NORMS[norm]) <= reach[i, None] for i in _blocks(len(points))]
    return np.concatenate([part.sum(1) for part in parts])


def _blocks(n: int) -> Iterator[slice]:
    size = max(1, CELLS // n)
    return (slice(i, i + size) for i in range(0, n, size))


def _length(differences: np.ndarray, norm: str) -> np.ndarray:
    if norm == "max":
        return np.abs(differences).max(1)
    return np.sqrt((differences**2).sum(1))
