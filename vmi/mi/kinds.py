"""What an array is to an estimator: classes, amounts, or neither because its values repeat.

Integers are discrete, and so are floats of few values, as labels stored as 1.0 and 2.0 or one-hot
columns: each joint value of the columns is a class. Shared by all estimators of two arrays, so that
each refuses, caps and warns by the same rules.
"""

import math
from dataclasses import replace

import numpy as np

from vmi.arrays import columns, is_discrete
from vmi.estimate import Estimate
from vmi.mi.entropies import plug_in_entropy

__all__ = [
    "FEW",
    "MANY",
    "REPEATED",
    "also",
    "are_classes",
    "are_few",
    "bounded",
    "codes_of",
    "entropy_ceiling",
    "repeated_share",
    "without_density",
]

FEW = 64  # values of floats that are classes, if each occurs ten times on average
REPEATED = 0.05  # a share of values with equals; with more, there is no density
MANY = 100  # columns
COPIES = 0.05  # of its spread is left of a column, given the others: a near copy of them


def codes_of(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns which of the joint values each row of (N, D) has, (N,), and how many there are.

    Column by column, as sorting whole rows takes many times as long.

    Example:
        >>> codes_of(np.array([[0, 5], [1, 5], [0, 5]]))
        (array([0, 1, 0]), 2)
    """
    code = np.zeros(len(values), np.int64)
    for column in values.T:
        _, of_column = np.unique(column, return_inverse=True)
        _, code = np.unique(code * (of_column.max() + 1) + of_column, return_inverse=True)
    return code, int(code.max()) + 1


def are_few(values: np.ndarray) -> bool:
    """Says whether floats (N, D) have so few joint values, two to 64, that they are classes.

    Each is to occur ten times on average.
    """
    most = min(FEW, len(values) // 10)
    code = np.zeros(len(values), np.int64)
    for column in values.T:  # most arrays are told by one
        if len(levels := np.unique(column)) > most:
            return False
        code = code * len(levels) + np.searchsorted(levels, column)
        _, code = np.unique(code, return_inverse=True)
        if code.max() >= most:
            return False
    return bool(code.any())


def are_classes(values: np.ndarray) -> bool:
    """Says whether (N, D) are integers, or floats of so few values that they are classes."""
    return is_discrete(values) or are_few(values)


def entropy_ceiling(*arrays) -> float:
    r"""Returns the least plug-in entropy of the arrays that are discrete, in nats; else infinity.

    :math:`I(x; y) \le \min(H(x), H(y))` where both are discrete, and at most the entropy of the one
    that is, if one is. Given z too.
    """
    discrete = filter(are_classes, map(columns, arrays))
    counts = (np.bincount(codes_of(a)[0]) for a in discrete)
    return min(map(plug_in_entropy, counts), default=math.inf)


def bounded(estimate: Estimate, *arrays) -> Estimate:
    """Returns an estimate whose ceiling is at most the entropy of a discrete side.

    A value above it has a warning.
    """
    most = entropy_ceiling(*arrays)
    if not math.isfinite(most):
        return estimate
    text = ""
    if estimate.value > most + 1e-9:
        text = f"more than the entropy of a discrete side, {most:.3g} nats, which is the most"
    ceiling = most if math.isnan(estimate.ceiling) else min(most, estimate.ceiling)
    return also(replace(estimate, ceiling=ceiling), text)


def also(estimate: Estimate, *texts: str) -> Estimate:
    """Returns an estimate with further warnings, in one line with those that it has."""
    said = estimate.warning.split("; ")
    further = [text for text in texts if text not in said]
    return replace(estimate, warning="; ".join(filter(None, [*said, *further])))


def repeated_share(values: np.ndarray) -> float:
    """Returns the share of the values of a column that occur more than once, of (N, D) the most."""
    return max(_repeated(column) for column in values.T)


def without_density(name: str, values: np.ndarray) -> str:
    """Returns why columns (N, D) have no density to fit, or "".

    Repeated values are atoms, as of what is clipped, counted or rounded. A column that is a linear
    function of the others but for 5% of its spread leaves a density too narrow to be fitted; of
    over 100 columns that is not looked at.
    """
    share = repeated_share(values)
    if share > REPEATED:
        repeats = f"{name} repeats itself, {share:.0%} of the values of a column"
        return f"{repeats}: it has atoms, or was rounded, and no density"
    left = _left_of_one(values)
    if left < COPIES:
        copies = f"{name} holds near copies, as a column is others but for {left:.1g} of its spread"
        return f"{copies}: no density can be fitted"
    return ""


def _repeated(column: np.ndarray) -> float:
    _, counts = np.unique(column, return_counts=True)
    return float(counts[counts > 1].sum() / len(column))


def _left_of_one(values: np.ndarray) -> float:
    """The least share of a column's spread that is no linear function of the other columns."""
    n, d = values.shape
    if d == 1 or d > MANY or n <= 2 * d:  # in as many columns as rows, chance alone leaves nothing
        return 1.0
    with np.errstate(invalid="ignore"):
        correlations = np.nan_to_num(np.corrcoef(values.T)) + 1e-14 * np.eye(d)
    return float(np.linalg.inv(correlations).diagonal().clip(1.0).max() ** -0.5)
