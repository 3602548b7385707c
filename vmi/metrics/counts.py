r"""Counts: bins, entropies, and the mutual information of each dimension and each factor.

Everything is plug-in, from every code there is, in nats:

.. math:: H(x) = -\sum_a \hat p(a) \ln \hat p(a), \quad I(x;y) = H(x) + H(y) - H(x,y)

Plug-in information is never 0 by itself: of independent variables with A and B values it is
about :math:`(A - 1)(B - 1) / 2N`, not 0. Normal noise in 20 equal-width bins seems to hold .09
of the entropy of a 40-valued factor with 1,000 images (.089 +- .007 from draw to draw), and .009
with 10,000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics import plain

__all__ = [
    "Cut",
    "Table",
    "binned",
    "capacity",
    "compared",
    "discretised",
    "entropy",
    "mutual_information_matrix",
    "quantile_binned",
    "share",
    "tables",
]

Cut = Callable[[np.ndarray, int], np.ndarray]

NARROW = 100  # units in the last place that a bin is to be wide, or its edges are rounded together
SHORT = 0.05  # of a ceiling that the factors themselves may fall short of without a word


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
    return np.digitize(values, edges[:-1]) - 1


def quantile_binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Returns the index of the bin of each value, 0 to bins - 1, where all bins hold as many; (N,).

    Equal values share a bin, so bins are unequal where there are ties. No growing function of the
    values changes anything, and no outlier can.
    """
    last = -(-np.arange(1, bins) * len(values) // bins) - 1  # in integers, as a quotient may round
    return np.searchsorted(np.sort(values)[last], values, side="left").astype(np.int64)


def discretised(columns: list[np.ndarray], bins: int, cut: Cut = binned) -> list[np.ndarray]:
    """Returns integers as they are and floats cut into bins."""
    return [cut(column, bins) if column.dtype.kind == "f" else column for column in columns]


def entropy(values: np.ndarray) -> float:
    """Returns the plug-in entropy of integers from 0 up, (N,), in nats."""
    counts = np.bincount(values)
    p = counts[counts > 0] / len(values)
    return float(-(p * np.log(p)).sum())


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
            are what is counted.
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
    code_columns, factor_columns = plain.dimensions(codes), plain.factor_columns(factors)
    _check(code_columns, dimensions, "dimension", "this code has")
    _check(factor_columns, several, "factor", "here varies")
    perfect = [cut(v, bins) for v in factor_columns]
    targets = perfect if cut_factors else discretised(factor_columns, bins, cut)
    perfect = perfect + [np.zeros_like(perfect[0])] * (dimensions - len(perfect))
    values = [bins if z.dtype.kind == "f" else int(z.max()) + 1 for z in code_columns]
    scored = _table(discretised(code_columns, bins, cut), targets, values)
    return scored, _table(perfect, targets, [bins] * len(perfect))


def _check(columns: list[np.ndarray], least: int, what: str, only: str) -> None:
    if len(columns) < least:
        raise NotApplicable(f"the metric compares {what}s, and {only} {len(columns) or 'none'}")


def _table(xs: list[np.ndarray], ys: list[np.ndarray], values: list[int]) -> Table:
    hx, hy = [entropy(x) for x in xs], [entropy(y) for y in ys]
    shares = tuple(np.sort(np.bincount(y)[np.unique(y)])[::-1] / len(y) for y in ys)
    told = _information(xs, ys, hx, hy)
    return Table(told, np.array(hx), np.array(hy), np.array(values), shares)


def _information(xs: list, ys: list, hx: list[float], hy: list[float]) -> np.ndarray:
    sizes = [int(y.max()) + 1 for y in ys]
    joint = [[entropy(x * size + y) for y, size in zip(ys, sizes, strict=True)] for x in xs]
    return np.add.outer(hx, hy) - np.array(joint)
