"""Tests of independence whose null distribution is known: of normal variables, and of counts."""

import math

import numpy as np
from scipy.stats import chi2, norm

from vmi.arrays import aligned, standardised
from vmi.errors import NotApplicable
from vmi.independence.outcome import Outcome
from vmi.mi.counts import Counts
from vmi.mi.entropies import plug_in_entropy
from vmi.mi.kinds import are_classes, codes_of

__all__ = ["fisher_z", "g_test", "partial_correlation"]

EXPECTED = 5  # rows of a cell, on average; with fewer the chi-square is far off
ROUNDED = 1e-12  # of a variance: what z leaves of x or y is rounding


def fisher_z(x, y, z) -> Outcome:
    r"""Tests independence of normal variables by their partial correlation.

    .. math:: \sqrt{N - |Z| - 3}\, \operatorname{artanh} \hat\rho_{xy \cdot z} \sim N(0, 1)

    under the null, to a good approximation; the p-value is two-sided. The statistic is the
    information that a normal distribution would have, :math:`-\tfrac12 \ln(1 - \hat\rho^2)`. It
    sees nothing but what is linear, and of variables that are not normal p is approximate.

    Args:
        x: (N,) or (N, 1) numbers.
        y: The same.
        z: (N,) or (N, D), or None.

    Raises:
        NotApplicable: x or y has several columns, or there are no more than D + 3 rows.

    References:
        | The Distribution of the Partial Correlation Coefficient (Fisher, 1924)
        | https://hdl.handle.net/2440/15182
    """
    given = aligned(x=x, y=y) if z is None else aligned(x=x, y=y, z=z)
    x, y, *rest = (values.astype(float) for values in given)
    if x.shape[1] + y.shape[1] > 2:
        raise NotApplicable("a correlation is of one column with one, and x or y has more")
    n, free = len(x), len(x) - 3 - sum(values.shape[1] for values in rest)
    if free < 1:
        raise NotApplicable(f"{n} rows are too few to correlate given {n - 3 - free} columns")
    rho = partial_correlation(x, y, rest[0] if rest else None)
    size = math.sqrt(free) * math.atanh(abs(rho)) if abs(rho) < 1 else math.inf
    p = max(2 * float(norm.sf(size)), np.finfo(float).tiny)
    information = -math.log1p(-(rho**2)) / 2 if abs(rho) < 1 else math.inf
    return Outcome(p, information, n, convention=f"partial correlation {rho:.3g}, two-sided")


def partial_correlation(x: np.ndarray, y: np.ndarray, z: np.ndarray | None) -> float:
    """Returns the correlation of what a linear function of z leaves of x and of y, (N, 1) each.

    Of what has nothing left it is 0.

    Example:
        >>> x = np.array([[1.0], [2.0], [4.0]])
        >>> round(partial_correlation(x, -x, None), 9)
        -1.0
    """
    both = standardised(np.hstack([x, y]))
    if z is not None:
        base, _ = np.linalg.qr(np.hstack([np.ones((len(z), 1)), standardised(z)]))
        both = both - base @ (base.T @ both)
    squares = (both**2).sum(0)
    if squares.min() < ROUNDED * len(both):
        return 0.0
    return float(np.clip(both[:, 0] @ both[:, 1] / math.sqrt(squares.prod()), -1, 1))


def g_test(x, y, z) -> Outcome:
    r"""Tests independence of discrete variables by the likelihood ratio of their counts.

    .. math:: G = 2 N \hat I(x; y \mid z) \sim \chi^2_f, \quad
        f = \sum_z (K_x(z) - 1)(K_y(z) - 1)

    with the plug-in information in nats, which is the statistic, and :math:`K(z)` the values that
    occur together with z. The distribution is that of many rows; with fewer than five a cell, it
    says so.

    Args:
        x: (N,) or (N, D), integers, or floats of few values.
        y: The same.
        z: The same, or None.

    Raises:
        NotApplicable: An array is continuous.

    References:
        | The large-sample distribution of the likelihood ratio for testing composite hypotheses
        | (Wilks, 1938), https://doi.org/10.1214/aoms/1177732360
    """
    arrays = {"x": x, "y": y} if z is None else {"x": x, "y": y, "z": z}
    given = {}
    for name, values in zip(arrays, aligned(**arrays), strict=True):
        if not are_classes(values):
            raise NotApplicable(f"{name} is continuous, and counting is for few values")
        given[name], _ = codes_of(values)
    counts = Counts.of(**given)
    xz, yz, z_alone, xyz = map(plug_in_entropy, counts.counts)
    information = max(0.0, float(xz + yz - z_alone - xyz))
    freedom, cells = _freedom(*counts.codes[:3])
    g = 2 * counts.n * information
    p = float(chi2.sf(g, freedom)) if freedom else 1.0
    warning = ""
    if counts.n < EXPECTED * cells:
        warning = f"{counts.n / cells:.2g} rows a cell are too few for the chi-square distribution"
    said = f"G = {g:.4g} of {freedom} degrees of freedom"
    tiny = np.finfo(float).tiny
    return Outcome(max(p, tiny), information, counts.n, convention=said, warning=warning)


def _freedom(xz: np.ndarray, yz: np.ndarray, z: np.ndarray) -> tuple[int, int]:
    """The degrees of freedom, and the number of cells, by the values that occur with each of z."""
    k = z.max() + 1
    of_x, of_y = (np.bincount(_owner(codes, z), minlength=k) for codes in (xz, yz))
    return int(((of_x - 1) * (of_y - 1)).sum()), int((of_x * of_y).sum())


def _owner(codes: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The value of z that each pair of values is of."""
    _, first = np.unique(codes, return_index=True)
    return z[first]
