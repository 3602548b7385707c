r"""Whether an estimate is more than chance: its p-value by permutations of y.

.. math:: p = \frac{1 + \#\{b : \hat I_b \ge \hat I\}}{B + 1}

of B estimates where y is permuted. If x and y are independent and the rows exchangeable, p is at
most a with a probability of at most a, for any estimator and any N, and it is never 0. Each
estimate has the random numbers of the first, so that a network that is fitted anew differs by its
data alone. It is fitted B times: the cost is that of B estimates.

- Rows of *groups* stay together: groups of equal size change places.
- Given *z*, a permutation of all rows would break the dependence of y on z too, and reject where x
  and y are independent given z. So y is permuted within the classes of z, which is exact; or, where
  z has amounts, within five nearest neighbours, as Runge 2018 does, which is approximate: p errs by
  as much as z differs among neighbours, and is too small where it does and binds x and y strongly.

References:
    | Permutation P-values Should Never Be Zero (Phipson & Smyth, 2010)
    | https://doi.org/10.2202/1544-6115.1585
    | Conditional independence testing based on a nearest-neighbor estimator of conditional mutual
    | information (Runge, 2018), https://arxiv.org/abs/1709.01447
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from scipy.spatial import KDTree

from vmi.arrays import columns, normal_scores
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import REPEATED, are_classes, codes_of
from vmi.mi.rows import of_groups
from vmi.mi.stacks import estimate_each

__all__ = ["orders", "p_value", "permutation_test"]

NEIGHBOURS = 5  # of z, among which y is permuted
LEAST = 20  # arrangements; of fewer, p is never below .05
STACK = 20  # networks that are fitted side by side
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
    places = islice(orders(len(y), generator, arrays.get("z"), groups), permutations)
    permuted = ({**arrays, "y": y[order]} for order in places)
    null: list[float] = []
    while some := list(islice(permuted, STACK)):
        null += _ask(estimator, settings, some, seed, groups)
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
    n: int, generator: torch.Generator, z: Any = None, groups: Any = None
) -> Iterator[np.ndarray]:
    """Yields orders of N rows without end: of all, of equal groups, or of rows that are alike in z.

    Raises:
        NotApplicable: There are fewer than 20 of them, or both z and groups.
    """
    if groups is not None:
        if z is not None:
            raise NotApplicable("groups of rows cannot be permuted within neighbours of z")
        return _of_groups(np.asarray(groups), generator)
    if z is None:
        return _within(np.zeros(n, int), generator)
    z = columns(z)
    if are_classes(z):
        classes, _ = codes_of(z)
        if np.mean(np.bincount(classes)[classes] <= NEIGHBOURS) <= REPEATED:
            return _within(classes, generator)
    return _among_neighbours(normal_scores(z.astype(float)), generator)


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


def _within(classes: np.ndarray, generator: torch.Generator) -> Iterator[np.ndarray]:
    """Orders that keep each row in a place of its own class."""
    ways = sum(math.lgamma(count + 1) for count in np.bincount(classes))
    if ways < math.log(LEAST) - 1e-9:
        few = f"only {round(math.exp(ways))} arrangements of what may change places"
        raise NotApplicable(f"{few}: a p-value asks for {LEAST} or more")
    return _shuffled(classes, generator)


def _shuffled(classes: np.ndarray, generator: torch.Generator) -> Iterator[np.ndarray]:
    places = np.argsort(classes, kind="stable")
    while True:
        shuffled = torch.randperm(len(classes), generator=generator).numpy()
        order = np.empty(len(classes), int)
        order[places] = shuffled[np.argsort(classes[shuffled], kind="stable")]
        yield order


def _of_groups(groups: np.ndarray, generator: torch.Generator) -> Iterator[np.ndarray]:
    """Orders in which groups of equal size change places, their rows in order."""
    codes, _ = codes_of(groups.reshape(-1, 1))
    sizes = np.bincount(codes)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
    there = np.concatenate(members)

    def each(of_groups: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for chosen in of_groups:
            order = np.empty(len(codes), int)
            order[there] = np.concatenate([members[g] for g in chosen])
            yield order

    return each(_within(sizes, generator))


def _among_neighbours(z: np.ndarray, generator: torch.Generator) -> Iterator[np.ndarray]:
    """Orders that put in the place of each row one of its neighbours in z, once if it can be."""
    n = len(z)
    k = min(NEIGHBOURS, n)
    near = KDTree(z).query(z, k, p=math.inf)[1].reshape(n, k)
    while True:
        drawn = torch.rand(n, k, generator=generator).argsort(1).numpy()
        candidates = np.take_along_axis(near, drawn, 1).tolist()
        order, free = np.empty(n, int), [True] * n
        for i in torch.randperm(n, generator=generator).tolist():
            order[i] = next((j for j in candidates[i] if free[j]), candidates[i][-1])
            free[order[i]] = False
        yield order
