r"""Whether an estimate is more than chance: its p-value by permutations of y.

.. math:: p = \frac{1 + \#\{b : \hat I_b \ge \hat I\}}{B + 1}

of B estimates where y is permuted. If x and y are independent and the rows exchangeable, p is at
most a with a probability of at most a, for any estimator and any N, and it is never 0. Each
estimate has the random numbers of the first, so that a network that is fitted anew differs by its
data alone. It is fitted B times: the cost is that of B estimates.

- Rows of *groups* stay together: groups of equal size change places.
- Given *z*, a permutation of all rows would break the dependence of y on z too, and reject where x
  and y are independent given z. So y is permuted within the classes of z, which is exact; or, where
  z has amounts, within five nearest neighbours of one class, as Runge 2018 does, which is
  approximate: p errs by as much as z differs among neighbours, and is too small where it does and
  binds x and y strongly.

References:
    | Permutation P-values Should Never Be Zero (Phipson & Smyth, 2010)
    | https://doi.org/10.2202/1544-6115.1585
    | Conditional independence testing based on a nearest-neighbor estimator of conditional mutual
    | information (Runge, 2018), https://arxiv.org/abs/1709.01447
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from vmi.arrays import columns
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.orders import global_orders, group_orders, local_orders
from vmi.mi.rows import of_groups
from vmi.mi.spaces import space
from vmi.mi.stacks import estimate_each

__all__ = ["orders", "p_value", "permutation_test"]

LEAST = 20  # arrangements; of fewer, p is never below .05
STACK = 20  # samples that are asked about side by side
ROUNDING = 1e-10  # nats; estimates nearer to each other than this are the same


def p_value(observed: float, null: Sequence[float]) -> float:
    """Returns the share of estimates that are at least as large as one, itself included.

    Example:
        >>> p_value(0.5, [0.1, 0.5, 0.2])
        0.5
    """
    slack = ROUNDING * max(1.0, abs(observed))  # a sum in another order is not another number
    return float(1 + np.count_nonzero(np.asarray(null) >= observed - slack)) / (len(null) + 1)


def permutation_test(
    observed: Estimate,
    estimator: Callable[..., Any],
    settings: Mapping[str, Any],
    arrays: Mapping[str, Any],
    generator: torch.Generator,
    *,
    permutations: int,
    seed: int | None = None,
    groups: Any = None,
) -> Estimate:
    """Returns the p-value of an estimate; its standard error is that of B permutations.

    Args:
        observed: What the estimator says of the arrays, one number.
        estimator: Called with the arrays by name, and with a generator where it draws.
        settings: Of the estimator.
        arrays: x and y, (N,) or (N, D) each, and maybe z.
        generator: Of the permutations.
        permutations: B.
        seed: Of the generator that the estimate was made with, if one was.
        groups: (N,), which group each row is of.

    Raises:
        NotApplicable: There are too few arrangements, or both z and groups.
    """
    y = np.asarray(arrays["y"])
    null: list[float] = []
    while count := min(STACK, permutations - len(null)):
        drawn = orders(len(y), count, generator, arrays.get("z"), groups)
        null += _ask(estimator, settings, [{**arrays, "y": y[o]} for o in drawn], seed, groups)
    if not np.isfinite(null).all():
        raise NotApplicable("an estimate of permuted rows is no number: there is no p-value")
    p = p_value(observed.value, null)
    among = ""
    if groups is not None:
        among = " by groups of equal size"
    elif "z" in arrays:
        among = " among rows alike in z"
    return Estimate(
        p,
        math.sqrt(p * (1 - p) / permutations),
        n=observed.n,
        part="p-value",
        convention=f"share that say as much or more, of {permutations} permutations of y{among}",
    )


def orders(
    n: int, count: int, generator: torch.Generator, z: Any = None, groups: Any = None
) -> np.ndarray:
    """Draws orders of n rows: of all, of equal groups, or of rows that are alike in z; (count, n).

    Raises:
        NotApplicable: There are fewer than 20 of them, or both z and groups.
    """
    if groups is not None:
        if z is not None:
            raise NotApplicable("groups of rows cannot be permuted within neighbours of z")
        _, rows = np.unique(groups, return_counts=True)
        _check_ways(np.bincount(rows))
        return group_orders(groups, count, generator)
    if z is None:
        _check_ways([n])
        return global_orders(n, count, generator)
    alike = space(columns(z), "normal")
    if not alike.margins:
        _check_ways(np.bincount(alike.classes))
    return local_orders(alike, count, generator)


def _check_ways(counts: Sequence[int]) -> None:
    """Refuses what can change places in fewer than 20 ways: as many things as each count says."""
    ways = sum(math.lgamma(count + 1) for count in counts)
    if ways < math.log(LEAST) - 1e-9:
        few = f"only {round(math.exp(ways))} arrangements of what may change places"
        raise NotApplicable(f"{few}: a p-value asks for {LEAST} or more")


def _ask(
    estimator: Callable[..., Any],
    settings: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    seed: int | None,
    groups: Any,
) -> list[float]:
    """The numbers of an estimator of some samples, networks side by side."""
    again: list[dict[str, Any]] = [{} for _ in samples]
    if seed is not None:
        again = [{"generator": torch.Generator().manual_seed(seed)} for _ in samples]
    if hasattr(estimator, "body"):
        pairs, streams = [(s["x"], s["y"]) for s in samples], [a["generator"] for a in again]
        made = estimate_each(estimator, pairs, streams, settings, groups)
    else:
        call = estimator if groups is None else of_groups(estimator, groups)
        made = [call(**s, **a, **settings) for s, a in zip(samples, again, strict=True)]
    return [e.value if isinstance(e, Estimate) else float(e) for e in made]
