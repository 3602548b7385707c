r"""Counts: bins, entropies, and the mutual information of each dimension and each factor.

Everything is plug-in, from every code there is, in nats:

.. math:: H(x) = -\sum_a \hat p(a) \ln \hat p(a), \quad I(x;y) = H(x) + H(y) - H(x,y)

Plug-in information is never 0 by itself: of independent variables with A and B values it is
about :math:`(A - 1)(B - 1) / 2N`, not 0. Normal noise in 20 equal-width bins seems to hold .09
of the entropy of a 40-valued factor with 1,000 images (.089 +- .007 from draw to draw), and .009
with 10,000.
"""

from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics import plain
from vmi.metrics.bins import Cut, binned, discretised
from vmi.metrics.kept import kept

__all__ = [
    "Table",
    "capacity",
    "compared",
    "entropy",
    "mutual_information_matrix",
    "share",
    "tables",
]

CELLS = 2**15  # of a table of several factors at once, which then stays in the cache
SHORT = 0.05  # of a ceiling that the factors themselves may fall short of without a word


def entropy(values: np.ndarray) -> float:
    """Returns the plug-in entropy of integers from 0 up, (N,), in nats."""
    return _entropy(np.bincount(values))


def mutual_information_matrix(xs: list[np.ndarray], ys: list[np.ndarray]) -> np.ndarray:
    """Returns the plug-in mutual information of each x with each y, (len(xs), len(ys)), in nats.

    Args:
        xs: Integer arrays (N,), each from 0 up.
        ys: The same.
    """
    return _information(xs, ys, [entropy(x) for x in xs], [entropy(y) for y in ys])


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Returns part / whole, and 0 where the whole is 0; of any shapes that go together."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


@dataclass(frozen=True)
class Table:
    """The mutual information of D dimensions and F factors, and their entropies, in nats.

    Attributes:
        information: (D, F), I(z_d; v_f).
        code_entropies: (D,), H(z_d).
        factor_entropies: (F,), H(v_f).
        values: (D,), how many values each dimension could have taken: bins, or categories.
        shares: For each factor, the shares of its values.
    """

    information: np.ndarray
    code_entropies: np.ndarray
    factor_entropies: np.ndarray
    values: np.ndarray
    shares: tuple[np.ndarray, ...]

    @property
    def of_factors(self) -> np.ndarray:
        """The information as a share of each factor's entropy, (D, F)."""
        return share(self.information, self.factor_entropies)

    def most(self, values: int | None = None) -> np.ndarray:
        """The most that a dimension of so many values can tell of each factor, (F,), in nats.

        Args:
            values: Of the dimension; of the one here that has most without.
        """
        return np.array([capacity(p, values or int(self.values.max())) for p in self.shares])


def capacity(shares: np.ndarray, values: int) -> float:
    r"""Returns the most that a variable of so many values can tell of a factor, in nats.

    .. math:: \max_{g: V \to \{1 \dots B\}} H(g(v))

    and H(v) where the factor has no more values than that. What is returned is never less than the
    maximum, and more only as far as values cannot be shared out evenly: the commonest ones have a
    group each as long as they are more than an even share of what is left, which is then spread
    evenly over the groups that are left.

    Args:
        shares: Of the factor's values, the greatest first.
        values: B.

    Example:
        >>> bool(capacity(np.full(40, 1 / 40), 20) == np.log(20))
        True
    """
    if len(shares) > values:
        left = np.append(1.0, 1 - np.cumsum(shares))[:values].clip(0)
        even = left / np.arange(values, 0, -1)
        alone = int(np.argmax(shares[:values] <= even))  # of all there are, the last never is more
        told = -(shares[:alone] * np.log(shares[:alone])).sum()
        rest = left[alone]
        return float(told - rest * np.log(even[alone])) if rest > 0 else float(told)
    return float(-(shares * np.log(shares)).sum())


def compared(value: float, own: float, ceiling: float, convention: str, **fields) -> Estimate:
    """Creates the estimate of a score beside its ceiling and what the factors themselves score.

    Where the factors, cut as the codes are, fall short of the ceiling by more than a twentieth, the
    estimate has a warning, as the ceiling is then no measure of what a disentangled code scores.

    Args:
        value: The score.
        own: The same of the factors, taken as a code.
        ceiling: What no code can pass.
        convention: Of the score.
        fields: Of the estimate.
    """
    said = f"the factors themselves score {own:.4g}"
    warning = f"{said}, as they go together, are skewed or are cut: compare with that"
    return Estimate(
        value,
        ceiling=ceiling,
        convention=f"{convention}; {said}",
        warning=warning if own < (1 - SHORT) * ceiling else "",
        **fields,
    )


def tables(
    codes,
    factors,
    bins: int,
    cut: Cut = binned,
    *,
    cut_factors: bool = False,
    dimensions: int = 1,
    several: int = 1,
) -> tuple[Table, Table]:
    """Returns the table of a code, and that of the factors themselves taken as a code.

    The score of the second is what a metric says of the factors where they are cut alike. It is no
    ceiling: of factors that are skewed or go together, other codes score more (see `compared`).

    Args:
        codes: N posteriors, or an array (N,) or (N, D); their means and most probable categories
            are what is counted. Stored posteriors and their own factors are counted once.
        factors: (N,) or (N, F), integers for classes, floats for continuous factors.
        bins: Into which means and continuous factors are cut.
        cut: `binned` or `quantile_binned`.
        cut_factors: Cut the classes as well.
        dimensions: How many the metric needs.
        several: How many factors that vary it needs.

    Raises:
        NotApplicable: The code has too few dimensions, too few factors vary, or a number is not
            finite.
    """
    once = partial(kept, codes=codes, factors=factors)
    code_columns = plain.dimensions(codes)
    factor_columns = once("factor columns", lambda: plain.factor_columns(factors))
    _check(code_columns, dimensions, "dimension", "this code has")
    _check(factor_columns, several, "factor", "here varies")
    least = max(dimensions, len(factor_columns))

    def count() -> tuple[Table, Table]:
        xs = once(("codes", bins, cut), lambda: discretised(code_columns, bins, cut))
        perfect = once(("factors", bins, cut), lambda: [cut(v, bins) for v in factor_columns])
        targets = perfect if cut_factors else discretised(factor_columns, bins, cut)
        perfect = perfect + [np.zeros_like(perfect[0])] * (least - len(perfect))
        values = [bins if z.dtype.kind == "f" else int(z.max()) + 1 for z in code_columns]
        return _table(xs, targets, values), _table(perfect, targets, [bins] * len(perfect))

    return once(("tables", bins, cut, cut_factors, least), count)


def _check(columns: list[np.ndarray], least: int, what: str, only: str) -> None:
    if len(columns) < least:
        raise NotApplicable(f"the metric compares {what}s, and {only} {len(columns) or 'none'}")


def _table(xs: list[np.ndarray], ys: list[np.ndarray], values: list[int]) -> Table:
    hx, hy = [entropy(x) for x in xs], [entropy(y) for y in ys]
    counts = [np.bincount(y) for y in ys]
    shares = tuple(np.sort(n[n > 0])[::-1] / n.sum() for n in counts)
    told = _information(xs, ys, hx, hy)
    return Table(told, np.array(hx), np.array(hy), np.array(values), shares)


def _information(xs: list, ys: list, hx: list[float], hy: list[float]) -> np.ndarray:
    """The entropies of each pair, of tables of one x and as many ys together as stay small."""
    rows = [int(x.max()) + 1 for x in xs]
    joint = [[] for _ in xs]
    for group in _groups([int(y.max()) + 1 for y in ys], min(CELLS, len(xs[0])) // max(rows)):
        places, sizes = 0, [int(ys[f].max()) + 1 for f in group]
        for f, size in zip(group, sizes, strict=True):
            places = places * size + ys[f]
        for x, k, found in zip(xs, rows, joint, strict=True):
            flat = np.bincount(x * prod(sizes) + places, minlength=k * prod(sizes))
            found += [_entropy(counts) for counts in _margins(flat.reshape(k, *sizes))]
    return np.add.outer(hx, hy) - np.array(joint)


def _groups(sizes: list[int], most: int) -> list[list[int]]:
    """Places of neighbours whose sizes have a product of at most `most`, or one alone."""
    groups: list[list[int]] = [[0]]
    for place in range(1, len(sizes)):
        if prod(sizes[i] for i in [*groups[-1], place]) <= most:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _margins(table: np.ndarray) -> list[np.ndarray]:
    """The table of the first axis and each of the others, flat."""
    axes = range(1, table.ndim)
    return [table.sum(tuple(a for a in axes if a != kept)).ravel() for kept in axes]


def _entropy(counts: np.ndarray) -> float:
    counts = counts[counts > 0]
    p = counts / counts.sum()
    return float(-(p * np.log(p)).sum())
