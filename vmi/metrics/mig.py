"""The mutual information gap."""

import numpy as np
from torch import Tensor

from vmi.codes import Codes
from vmi.errors import NotApplicable
from vmi.records import Estimate

__all__ = ["binned", "mig", "mutual_information_matrix"]


def mig(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the mutual information gap, from every code there is.

    .. math:: \frac1F \sum_f \frac{I(v_f; z_{(1)}) - I(v_f; z_{(2)})}{H(v_f)}

    with :math:`z_{(1)}, z_{(2)}` the two dimensions that tell most of the factor. A dimension is
    a Gaussian mean in equal-width bins, as in disentanglement_lib, or the most probable value of a
    categorical block. Factors are as they are; one with a single value is left out. Natural
    logarithms, which cancel. Constant codes score 0.

    The ceiling is the score of the factors themselves, taken as codes and binned alike: 1 where no
    factor has more values than there are bins.

    Args:
        codes: N posteriors.
        factors: (N, F) classes.
        bins: Of equal width, between the least and the greatest mean of a dimension.

    Raises:
        NotApplicable: The factors are continuous or none varies, or the code has one dimension.

    References:
        | Isolating Sources of Disentanglement in VAEs (Chen et al., 2018), section 4
        | https://arxiv.org/abs/1802.04942
        | Challenging Common Assumptions in the Unsupervised Learning of Disentangled
        | Representations (Locatello et al., 2019), https://arxiv.org/abs/1811.12359
    """
    if factors.is_floating_point():
        raise NotApplicable("MIG wants factors in classes, and these are continuous")
    columns = [column for column in factors.numpy().T if len(np.unique(column)) > 1]
    if not columns:
        raise NotApplicable("MIG is of factors that vary, and here none varies")
    dimensions = [binned(mean, bins) for mean in codes.mean.double().numpy().T]
    dimensions += [p.argmax(1).numpy() for p in codes.categorical]
    if len(dimensions) < 2:
        raise NotApplicable("MIG is a gap between two dimensions, and this code has one")
    perfect = [binned(column, bins) for column in columns]
    if len(perfect) < 2:
        perfect.append(np.zeros_like(perfect[0]))
    return Estimate(_gap(dimensions, columns), ceiling=_gap(perfect, columns), n=len(codes))


def binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Returns the index of the equal-width bin of each value, 0 to bins - 1; (N,)."""
    low, high = values.min(), values.max()
    width = (high - low) / bins or 1.0
    return np.minimum((values - low) // width, bins - 1).astype(np.int64)


def mutual_information_matrix(xs: list[np.ndarray], ys: list[np.ndarray]) -> np.ndarray:
    """Returns the plug-in mutual information of each x with each y, (len(xs), len(ys)), in nats.

    Args:
        xs: Integer arrays (N,), each from 0 up.
        ys: The same.
    """
    return np.array([[_entropy(x) + _entropy(y) - _entropy(_paired(x, y)) for y in ys] for x in xs])


def _gap(dimensions: list[np.ndarray], factors: list[np.ndarray]) -> float:
    ordered = np.sort(mutual_information_matrix(dimensions, factors), 0)
    return float(np.mean((ordered[-1] - ordered[-2]) / [_entropy(f) for f in factors]))


def _paired(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return x * (y.max() + 1) + y


def _entropy(values: np.ndarray) -> float:
    counts = np.bincount(values)
    p = counts[counts > 0] / len(values)
    return float(-(p * np.log(p)).sum())
