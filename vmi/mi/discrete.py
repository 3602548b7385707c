"""Information between two discrete arrays by counting, in nats."""

import math

import numpy as np

from vmi.arrays import aligned, is_discrete
from vmi.errors import NotApplicable
from vmi.estimate import Estimate

__all__ = ["miller_madow", "plug_in"]


def plug_in(x, y) -> Estimate:
    r"""Returns the mutual information of the counts themselves, in nats.

    .. math:: \sum_{ab} \hat p(a, b) \ln \frac{\hat p(a, b)}{\hat p(a)\, \hat p(b)}

    Several columns are one joint value. Of N samples it is about
    :math:`(K_{xy} - K_x - K_y + 1) / 2N` above the truth, with K the numbers of values that are
    possible. A constant scores 0; x = y scores the ceiling, :math:`\min(\hat H(x), \hat H(y))`.

    The standard error is by the delta method, the spread of the logarithms over
    :math:`\sqrt N`. Without dependence it is some 1.4 times the true one, which falls as 1/N.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats.

    References:
        | Estimation of Entropy and Mutual Information (Paninski, 2003), sections 3 and 4
        | https://doi.org/10.1162/089976603321780272
    """
    return _counted(x, y, "plug-in", correct=False)


def miller_madow(x, y) -> Estimate:
    r"""Returns the plug-in mutual information less its bias to first order, in nats.

    .. math:: \hat I + \frac{K_x + K_y - K_{xy} - 1}{2N}

    which is that of three entropies, each plus :math:`(K - 1) / 2N`, with K the number of values
    that occur. It may fall below 0, and is not clipped there. A constant scores 0. The ceiling is
    the smaller of the two entropies, corrected alike; the standard error is that of `plug_in`.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats.

    References:
        | Note on the bias of information estimates (Miller, 1955)
        | Estimation of Entropy and Mutual Information (Paninski, 2003), section 4
        | https://doi.org/10.1162/089976603321780272
    """
    return _counted(x, y, "Miller-Madow, not clipped at 0", correct=True)


def _counted(x, y, convention: str, *, correct: bool) -> Estimate:
    for name, values in (("x", x), ("y", y)):
        if not is_discrete(values):
            raise NotApplicable(f"{name} is of floats, and counting is for integers: bin it first")
    x, y = aligned(x=x, y=y)
    n = len(x)
    # The surprise of each sample under each of the three distributions, and their numbers of values
    surprise, values = zip(*map(_surprise, (x, y, np.hstack([x, y]))), strict=True)
    excess = (np.array(values) - 1) / (2 * n) if correct else np.zeros(3)
    entropy = np.mean(surprise, 1) + excess
    terms = surprise[0] + surprise[1] - surprise[2]
    return Estimate(
        float(terms.mean() + excess[0] + excess[1] - excess[2]),
        float(terms.std() / math.sqrt(n)),
        "nats",
        ceiling=float(entropy[:2].min()),
        n=n,
        convention=convention,
    )


def _surprise(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns minus the logarithm of the share of each row among rows (N, D), and how many differ.

    Column by column, as sorting whole rows takes many times as long.
    """
    code = np.zeros(len(values), np.int64)
    for column in values.T:
        _, of_column = np.unique(column, return_inverse=True)
        _, code = np.unique(code * (of_column.max() + 1) + of_column, return_inverse=True)
    counts = np.bincount(code)
    return -np.log(counts / len(values))[code], len(counts)
