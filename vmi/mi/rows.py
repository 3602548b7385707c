"""Rows that depend on each other: near copies are found, and groups that are given kept together.

An estimator takes its rows for independent draws. Where each draw is there several times, exactly
or but for a little noise, its copies are its nearest neighbours, and what is fitted on one is
reported on another: independent arrays then share nats.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import numpy as np
import torch
from scipy.spatial import KDTree
from torch import Tensor

from vmi.arrays import columns, normal_scores
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import REPEATED, also, are_classes, codes_of, repeated_share

__all__ = ["dependent_rows", "of_groups", "rows_of_groups"]

NEAR, FAR = 20, 64  # neighbours: among which a jump is looked for, and by which the space is known
JUMP = 300.0  # times as many points are within the next neighbour as within this one
SHARE = 0.25  # of the rows, with a jump; of independent ones, some 6% have one
COLUMNS, ASKED = 32, 1000  # that are looked at, at most
PICKS = 5  # of a row from each group


def dependent_rows(*arrays) -> str:
    r"""Returns what says that rows are copies of each other, exactly or nearly; "" if nothing does.

    The rows are those of the continuous arrays together, as normal scores. Let :math:`d_j` be the
    distance to the j-th neighbour. In a space of m dimensions (found from :math:`d_{64} / d_{32}`),
    :math:`(d_{j+1} / d_j)^{jm}` exceeds 300 for one in 300 independent rows. Copies of 2 to 21
    rows, whatever their noise, make such a jump after the last of them for most.

    Args:
        arrays: (N,) or (N, D) each.
    """
    tables = [columns(a) for a in arrays]
    tables = [a for a in tables if not are_classes(a)]
    if not tables or len(tables[0]) <= 2 * FAR:
        return ""
    rows = np.hstack(tables)
    rows = rows[:, np.unique(np.linspace(0, rows.shape[1] - 1, COLUMNS).astype(int))]
    share = max(_copied(rows), _jumping(rows))
    if share <= SHARE:
        return ""
    found = f"{share:.0%} of the rows have copies or near copies among the others"
    return f"{found}: no independent draws; keep one of each, or say by groups which are one"


def _copied(rows: np.ndarray) -> float:
    """The share of rows that occur again, where they are no less distinct than each column is."""
    codes, count = codes_of(rows)
    if rows.shape[1] < 2 or min(len(np.unique(c)) for c in rows.T) < (1 - REPEATED) * count:
        return 0.0  # atoms, which are met again by chance
    return float(np.mean(np.bincount(codes)[codes] > 1))


def _jumping(rows: np.ndarray) -> float:
    """The share of rows that have a jump among the distances to their neighbours."""
    if repeated_share(rows) > REPEATED:
        return 0.0  # on a lattice distances jump
    points = normal_scores(rows)
    asked = points[np.unique(np.linspace(0, len(points) - 1, ASKED).astype(int))]
    distances = KDTree(points).query(asked, FAR + 1)[0][:, 1:]
    doubled = np.median(distances[:, FAR - 1] / distances[:, FAR // 2 - 1])
    dimensions = math.log(2) / math.log(max(doubled, 1 + 1e-9))
    ratios = np.log(distances[:, 1 : NEAR + 1] / distances[:, :NEAR])
    jumps = ratios * dimensions * np.arange(1, NEAR + 1) > math.log(JUMP)
    return float(jumps.any(1).mean())


def rows_of_groups(groups: Any, parts: Sequence[Tensor]) -> list[Tensor]:
    """Returns the rows of parts of groups: all of the first part's, and one a group of the others.

    Args:
        groups: (N,), which group each row is of.
        parts: Which groups, counted in order from 0.
    """
    members = _members(groups)
    first, *rest = parts
    every = np.concatenate([members[g] for g in first.tolist()])
    return [torch.from_numpy(every), *(torch.tensor([members[g][0] for g in p]) for p in rest)]


def of_groups(estimator: Callable[..., Any], groups: Any) -> Callable[..., Estimate]:
    """Returns an estimator that is given one row of each group, so that its rows are independent.

    The value is the mean over at most five choices, the rows of a group in turn, and the standard
    error the mean of theirs; n is the number of groups. A neural estimator takes the groups itself,
    as it keeps all rows of a group in one part.

    Args:
        estimator: Called with arrays by the names x, y and z, and whatever else it asks for.
        groups: (N,), which group each row is of.
    """
    if hasattr(estimator, "body"):
        return wraps(estimator)(partial(estimator, groups=groups))
    members = _members(groups)

    @wraps(estimator)
    def of_one_each(**given) -> Estimate:
        made = []
        for pick in range(min(PICKS, max(map(len, members)))):
            rows = [m[pick % len(m)] for m in members]
            arrays = {name: given[name][rows] for name in "xyz" if name in given}
            made.append(_one(estimator(**(given | arrays))))
        return _mean(made)

    return of_one_each


def _members(groups: Any) -> list[np.ndarray]:
    """The rows of each group."""
    codes, _ = codes_of(np.asarray(groups).reshape(-1, 1))
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])


def _one(result: Any) -> Estimate:
    if isinstance(result, list | tuple):
        raise NotApplicable("it returns several numbers, and of groups a mean is taken of one")
    return result if isinstance(result, Estimate) else Estimate(float(result), unit="nats")


def _mean(made: Sequence[Estimate]) -> Estimate:
    value, stderr = (float(np.mean([getattr(e, f) for e in made])) for f in ("value", "stderr"))
    how = "one row a group"
    convention = f"{made[0].convention}; {how}" if made[0].convention else how
    mean = replace(made[0], value=value, stderr=stderr, convention=convention)
    return also(mean, *(e.warning for e in made[1:] if not made[0].warning))
