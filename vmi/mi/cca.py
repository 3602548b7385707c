"""Information between two arrays by their canonical correlations, in nats."""

import math
from collections.abc import Sequence

import numpy as np

from vmi.arrays import aligned, is_discrete, standardised
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import FEW, also, are_few, bounded, codes_of

__all__ = ["cca", "log_density_ratios"]

BIASED = 0.1  # nats of bias; with more, the number is not to be trusted
PERFECT = 1e-10  # the sine of an angle below which two directions are one but for rounding


def cca(x, y) -> Estimate:
    r"""Returns the mutual information of a normal distribution with the same covariance, in nats.

    .. math:: -\frac12 \sum_i \ln(1 - \rho_i^2)

    with :math:`\rho_i` the canonical correlations. It is I(x;y) where x and y are jointly normal,
    and else may lie on either side: no bound. (Where either x or y on its own is jointly normal,
    the population's value is a lower bound.) It sees linear dependence only, and no invertible
    linear map of x or of y changes it. A constant scores 0; columns that are constant or
    combinations of others count for nothing. The ceiling is the plug-in entropy of a side of
    integers, which it may pass, as classes are not normal: then, and of 64 values or fewer, it says
    so.

    Of N normal samples it is about :math:`D_x D_y / 2N` above the truth, and more where the columns
    are nearly as many as the samples. That is not taken off; above .1 nats it is warned of.
    The standard error is by the delta method: the spread of the logarithm of the density ratio
    over :math:`\sqrt N`. It holds off the normal too.

    Args:
        x: (N,) or (N, D) numbers; integers are taken as numbers, such as counts.
        y: The same.

    Raises:
        NotApplicable: There are not more points than columns of both, or a combination of columns
            of x is one of y, so that the information is infinite.

    References:
        | Relations Between Two Sets of Variates (Hotelling, 1936), https://doi.org/10.2307/2333955
        | Elements of Information Theory (Cover & Thomas, 2006), theorem 8.6.5
    """
    given = aligned(x=x, y=y)
    sine, terms, from_x, from_y = _canonical(given)
    made = Estimate(
        float(-np.log(sine).sum()),
        float(terms.std() / math.sqrt(len(terms))),
        "nats",
        n=len(terms),
        convention="as if jointly normal; bias of about Dx Dy / 2N not taken off",
        warning=_warning(len(terms), from_x, from_y),
    )
    return also(bounded(made, *given), *map(_classes, "xy", given))


def log_density_ratios(x, y) -> np.ndarray:
    r"""Returns :math:`\ln p(x_i, y_i) / p(x_i) p(y_i)` of that normal distribution, in nats; (N,).

    Their mean is what `cca` returns. Arguments and errors are the same.
    """
    _, terms, *_ = _canonical(aligned(x=x, y=y))
    return terms


def _canonical(given: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The sines of the canonical angles, the log density ratios, and both sides' dimensions."""
    x, y = (_orthonormal(standardised(a.astype(float))) for a in given)
    (n, from_x), (_, from_y) = x.shape, y.shape
    if n <= from_x + from_y:
        raise NotApplicable(f"{n} points are too few for {from_x} + {from_y} columns")
    left, cosine, right = np.linalg.svd(x.T @ y, full_matrices=False)
    u, v = x @ left, y @ right.T
    sine = np.linalg.norm(v - u * cosine, axis=0)  # 1 - cosine^2 loses digits near 1
    if (sine < PERFECT).any():
        raise NotApplicable(
            "a combination of columns of x is one of y: the information is infinite"
        )
    terms = _log_ratios(math.sqrt(n) * u, math.sqrt(n) * v, cosine, sine)
    return sine, terms, from_x, from_y


def _classes(name: str, values: np.ndarray) -> str:
    """Classes are not normal, and their names are not amounts."""
    if not ((is_discrete(values) and codes_of(values)[1] <= FEW) or are_few(values)):
        return ""
    return f"{name} holds {codes_of(values)[1]} values, which are not normal; see mixed-ksg"


def _warning(n: int, from_x: int, from_y: int) -> str:
    bias = from_x * from_y / (2 * n)
    if bias <= BIASED:
        return ""
    return f"about {bias:.2g} nats or more too high, from {from_x} + {from_y} columns"


def _orthonormal(values: np.ndarray) -> np.ndarray:
    """Returns an orthonormal basis of the columns of (N, D), as many as their rank."""
    basis, size, _ = np.linalg.svd(values, full_matrices=False)
    tolerance = size.max(initial=0) * max(values.shape) * np.finfo(float).eps
    return basis[:, size > tolerance]


def _log_ratios(u: np.ndarray, v: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    """Returns log p(u, v) / p(u) p(v) of normal pairs of unit variance, summed over pairs; (N,)."""
    residual = (v - cosine * u) / sine
    return (-np.log(sine) - residual**2 / 2 + v**2 / 2).sum(1)
