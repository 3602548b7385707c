r"""Tests of independence by nearest neighbours and permutation.

The statistic is the estimate of :math:`I(x; y \mid z)` of Frenzel and Pompe, which is not clipped
at 0, where it would tie. Rows of x are put in other orders B times, and

.. math:: p = \frac{1 + \#\{b : \hat I_b \ge \hat I\}}{B + 1},

which is never 0, and no more than :math:`\alpha` with a chance of at most :math:`\alpha` where the
orders are as likely as the one that was seen. How the orders are drawn is what parts the two tests.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from vmi.arrays import aligned
from vmi.errors import NotApplicable
from vmi.independence.outcome import Outcome
from vmi.independence.reordered import informations
from vmi.mi.kinds import REPEATED, repeated_share
from vmi.mi.orders import global_orders, local_orders
from vmi.mi.permutation import p_value
from vmi.mi.spaces import Space, space

__all__ = ["cmi_knn", "cmi_knn_global"]


def cmi_knn(
    x,
    y,
    z,
    generator: torch.Generator,
    *,
    k: float = 0.1,
    permutations: int = 199,
    shuffle: int = 5,
    margins: str = "normal",
) -> Outcome:
    r"""Tests independence by neighbours, with x permuted among rows of nearly the same z.

    The null of Runge, `local_orders`: x keeps what z tells of it, so that the test holds its level
    as far as neighbours in z are equal in all that matters. In many columns of z they are less and
    less so, and it rejects too often where z binds x and y strongly: of a common cause in ten
    columns it rejects .07 of 50 rows, .20 of 125, .32 of 250 and .84 of 1,000 at a level of .05
    (results/published/independence). Fewer neighbours mend it in part alone: of 250 rows, .38 with
    five, .29 with three and .15 with two. Without z each order is as likely as any other, and the
    level is exact.

    Args:
        x: (N,) or (N, D), integers or floats; integers, and floats of few values, are classes.
        y: The same.
        z: The same; what to condition on, or None.
        generator: Of the orders.
        k: The number of neighbours, or below 1 the fraction of N that they are. Many give a test
            more power, few an estimate less bias.
        permutations: B.
        shuffle: How many neighbours in z rows are permuted among.
        margins: "normal" scores; "ranks", which take half the time; or "standardised".

    Raises:
        NotApplicable: k is not less than N, or an array is malformed.

    References:
        | Conditional independence testing based on a nearest-neighbor estimator of conditional
        | mutual information (Runge, 2018), https://arxiv.org/abs/1709.01447
        | Partial Mutual Information for Coupling Analysis of Multivariate Time Series
        | (Frenzel & Pompe, 2007), https://doi.org/10.1103/PhysRevLett.99.204101
        | Permutation P-values Should Never Be Zero (Phipson & Smyth, 2010)
        | https://doi.org/10.2202/1544-6115.1585
    """
    given = _Given.of(x, y, z, k, margins)

    def orders() -> np.ndarray:
        if given.z is None:
            return global_orders(given.n, permutations, generator)
        return local_orders(given.z, permutations, generator, shuffle)

    return given.tested(orders(), f"permuted among {shuffle} neighbours in z" if given.z else "")


def cmi_knn_global(
    x,
    y,
    z,
    generator: torch.Generator,
    *,
    k: float = 0.1,
    permutations: int = 199,
    margins: str = "normal",
) -> Outcome:
    r"""Tests independence by neighbours, with all of x permuted, as for Markov networks.

    Permuted over all rows, x is independent of y and z together, which is another null: where z
    tells of x, as in x <- z -> y, it is false although x and y are independent given z, and the
    test rejects too often or too seldom. It is as published; `cmi_knn` mends it.

    Args:
        x: (N,) or (N, D), integers or floats; integers, and floats of few values, are classes.
        y: The same.
        z: The same; what to condition on, or None.
        generator: Of the orders.
        k: The number of neighbours, or below 1 the fraction of N that they are.
        permutations: B.
        margins: "normal" scores, "ranks" or "standardised".

    Raises:
        NotApplicable: k is not less than N, or an array is malformed.

    References:
        | Learning non-parametric Markov networks with mutual information (Leppä-aho, Räisänen,
        | Yang & Roos, 2017), https://arxiv.org/abs/1708.02497
    """
    given = _Given.of(x, y, z, k, margins)
    return given.tested(global_orders(given.n, permutations, generator), "x permuted over all rows")


@dataclass(frozen=True)
class _Given:
    """Three variables in their spaces, and how they are to be tested."""

    x: Space
    y: Space
    z: Space | None
    k: int
    how: str
    warning: str

    @classmethod
    def of(cls, x, y, z, k: float, margins: str) -> "_Given":
        arrays = aligned(x=x, y=y) if z is None else aligned(x=x, y=y, z=z)
        x, y, *rest = (space(values, margins) for values in arrays)
        n, near = len(x), int(k) if k >= 1 else max(1, int(k * len(x)))
        if not (k > 0 and near < n and (k < 1 or k == near)):
            most = f"to less than the {n} rows there are, or a fraction of them"
            raise NotApplicable(f"k is {k}: it is to be a whole number from 1 {most}")
        how = f"k={near}, max norm, {margins} margins"
        return cls(x, y, rest[0] if rest else None, near, how, _tied(x, y, *rest))

    @property
    def n(self) -> int:
        return len(self.x)

    def tested(self, orders: np.ndarray, how: str) -> Outcome:
        """The outcome of comparing the order of the sample with others."""
        every = np.vstack([np.arange(self.n), orders])
        observed, *null = informations(self.x, self.y, self.z, self.k, every)
        p = p_value(observed, null)
        said = ", ".join(filter(None, [self.how, f"B={len(orders)}", how]))
        error = math.sqrt(p * (1 - p) / (len(orders) + 1))
        return Outcome(p, float(observed), self.n, error, convention=said, warning=self.warning)


def _tied(*spaces: Space) -> str:
    """Warns of amounts that repeat, whose neighbours are tied; the p-value stands all the same."""
    share = max((repeated_share(m) for s in spaces for m in s.margins), default=0.0)
    if share <= REPEATED:
        return ""
    return (
        f"{share:.0%} of the values of a column repeat: the statistic is no estimate, but p holds"
    )
