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
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import digamma

from vmi.arrays import aligned, is_discrete, standardised
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.distances import NORMS, Margins, count_equal, count_others, extents

__all__ = ["conditional_ksg", "ksg", "ksg2", "mixed_ksg"]

PARTS = 5  # of the data, whose spread gives the standard error
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

    Discrete values are points on the line here, with distances; `plug-in` takes them as categories.

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
        z: The same; the variable to condition on. Integers are classes that stand apart as far as
            they differ; each is to have many more than k points.
        k: The number of neighbours, less than N.

    Raises:
        NotApplicable: There are not more than k points, or x or y is discrete.

    References:
        | Partial Mutual Information for Coupling Analysis of Multivariate Time Series
        | (Frenzel & Pompe, 2007), https://doi.org/10.1103/PhysRevLett.99.204101
    """
    _refuse_discrete(x=x, y=y)
    margins = _standardised(k, x=x, y=y, z=z)
    continuous = margins[:2] if is_discrete(z) else margins
    return _estimate(_squares_given, margins, k, "max norm", _warning(continuous))


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
    fields = {"n": n, "convention": convention, "warning": warning}
    return Estimate(float(terms.mean()), float(stderr), "nats", **fields)


def _warning(margins: Margins) -> str:
    share = max(np.mean(count_equal(m) > 1) for m in margins)
    if share <= REPEATED:
        return ""
    return f"{share:.0%} of the points share a value, which breaks KSG; see mixed-ksg"


# ---------------------------------------------------------------- local terms, (N,) each


def _squares(margins: Margins, k: int, norm: str) -> np.ndarray:
    radius = extents(margins, k, norm).max(0)
    inside = [count_others(m, radius, norm, strict=True) for m in margins]
    return digamma(k) + digamma(len(radius)) - sum(digamma(n + 1) for n in inside)


def _rectangles(margins: Margins, k: int) -> np.ndarray:
    pairs = zip(margins, extents(margins, k), strict=True)
    inside = [count_others(margin, extent, strict=False) for margin, extent in pairs]
    return digamma(k) - 1 / k + digamma(len(inside[0])) - sum(digamma(n) for n in inside)


def _squares_or_atoms(margins: Margins, k: int) -> np.ndarray:
    radius = extents(margins, k).max(0)
    nearer = [count_others(m, radius, strict=True) + 1 for m in margins]
    equal = [count_equal(space) for space in (np.hstack(margins), *margins)]
    kth, *inside = np.where(radius > 0, [np.full_like(nearer[0], k), *nearer], equal)
    return digamma(kth) + math.log(len(radius)) - sum(digamma(n) for n in inside)


def _squares_given(margins: Margins, k: int) -> np.ndarray:
    x, y, z = margins
    radius = extents(margins, k).max(0)
    spaces = np.hstack([x, z]), np.hstack([y, z]), z
    xz, yz, z_alone = (digamma(count_others(s, radius, strict=True) + 1) for s in spaces)
    return digamma(k) - xz - yz + z_alone
