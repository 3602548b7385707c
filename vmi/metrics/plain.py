"""The inputs of metrics, plain arrays or stored posteriors, brought to one form."""

from dataclasses import replace

import numpy as np
import torch

from vmi import arrays
from vmi.errors import NotApplicable
from vmi.metrics.kept import kept
from vmi.nets.codes import Codes

__all__ = ["active", "as_codes", "dimensions", "factor_columns", "features", "label_column"]


def as_codes(codes) -> Codes:
    """Returns codes as they are, or an array (N,) or (N, D) as the means of codes without width.

    Raises:
        NotApplicable: A number is not finite.

    Example:
        >>> as_codes([[0.5, 1.0], [2.0, 3.0]]).scale
        tensor([[0., 0.],
                [0., 0.]], dtype=torch.float64)
    """
    return kept("plain", lambda: _plain(codes), codes)


def _plain(codes) -> Codes:
    if not isinstance(codes, Codes):
        mean = torch.from_numpy(arrays.columns(codes).astype(np.float64))
        codes = Codes(mean, torch.zeros_like(mean))
    mean, scale, *categorical = (
        part.detach().cpu() for part in (codes.mean, codes.scale, *codes.categorical)
    )
    codes = replace(codes, mean=mean, scale=scale, categorical=tuple(categorical))
    if not all(block.isfinite().all() for block in (codes.mean, *codes.categorical)):
        raise NotApplicable("the codes hold a number that is not finite")
    return codes


def dimensions(codes) -> list[np.ndarray]:
    """Returns each dimension of codes, (N,): float64 means, then int64 most probable categories.

    Raises:
        NotApplicable: A number is not finite.
    """

    def columns() -> list[np.ndarray]:
        stored = as_codes(codes)
        means = list(stored.mean.double().T.contiguous().numpy())  # each is gone through as one
        return means + [block.argmax(1).numpy() for block in stored.categorical]

    return kept("dimensions", columns, codes)


def features(codes, like=None, *, raw: bool = False) -> tuple[np.ndarray, list[int]]:
    """Returns codes as one float64 matrix (N, P), and the dimension that each column belongs to.

    The Gaussian means come first, a column each; each categorical block is one dimension, with a
    column for the probability of each of its categories. The means are standardised, so that no
    penalty, tolerance or distance of whatever is fitted to them depends on the units or the origin
    of a dimension; probabilities have units, and stay.

    Args:
        codes: N posteriors, or an array (N,) or (N, D).
        like: Codes whose means and deviations standardise; these themselves without.
        raw: Leave the means as they are.

    Raises:
        NotApplicable: A number is not finite.

    Example:
        >>> from vmi.verify.worlds import one_hot_codes
        >>> features(one_hot_codes([0, 1], [2, 0], sizes=[2, 3]))[1]
        [0, 0, 1, 1, 1]
    """
    if like is None:
        return kept(("features", raw), lambda: _features(codes, codes, raw), codes)
    return _features(codes, like, raw)


def _features(codes, like, raw: bool) -> tuple[np.ndarray, list[int]]:
    codes = as_codes(codes)
    gaussian = codes.mean.shape[1]
    owners = list(range(gaussian))
    for i, block in enumerate(codes.categorical):
        owners += [gaussian + i] * block.shape[1]
    mean = codes.mean.double().numpy()
    if not raw:
        mean = arrays.standardised(mean, as_codes(like).mean.double().numpy())
    return np.hstack([mean, *(block.double().numpy() for block in codes.categorical)]), owners


def active(codes, threshold: float) -> np.ndarray:
    r"""Says which dimensions are in use, (D,): those whose mean moves, beside how wide they are.

    .. math:: \sqrt{\frac{Var_x(m_d)}{Var_x(m_d) + E_x\, s_d^2}} \ge t

    which is the standard deviation of the mean in units of that of the aggregate posterior: the
    mean's own where the aggregate is the prior N(0, 1), and the same in whatever units. Codes
    without width are in use where they vary at all. Of a category, the numerator is the sum of the
    variances of its probabilities, and the denominator :math:`1 - \sum_k (E\, p_k)^2`.

    Args:
        codes: N posteriors, or an array (N,) or (N, D).
        threshold: t.
    """
    codes = as_codes(codes)
    mean, scale = codes.mean.double().numpy(), codes.scale.double().numpy()
    size = np.maximum(np.abs(mean).max(0, initial=0.0), scale.max(0, initial=0.0))
    size = np.where(size > 0, size, 1.0)
    moved, width = (mean / size).var(0), ((scale / size) ** 2).mean(0)
    moved = np.where((mean != mean[:1]).any(0), moved, 0.0)  # and not by rounding alone
    blocks = [block.double().numpy() for block in codes.categorical]
    moved = np.append(moved, [p.var(0).sum() for p in blocks])
    whole = np.append(moved[: len(width)] + width, [1 - (p.mean(0) ** 2).sum() for p in blocks])
    return (moved > 0) & (moved >= threshold**2 * whole)


def factor_columns(factors) -> list[np.ndarray]:
    """Returns the factors that vary, (N,) each: int64 classes from 0 up without gaps, or float64.

    Args:
        factors: (N,) or (N, F); integers and truth values are classes, floats are continuous.

    Raises:
        NotApplicable: No factor varies, or a number is not finite.

    Example:
        >>> factor_columns([[3, 1], [7, 1], [3, 1]])
        [array([0, 1, 0])]
    """
    values = arrays.columns(factors)
    if not np.isfinite(values).all():
        raise NotApplicable("the factors hold a number that is not finite")
    columns = np.ascontiguousarray(values.T)
    varying = [column for column in columns if (column != column[:1]).any()]
    if not varying:
        raise NotApplicable("the metric is of factors that vary, and here none varies")
    if values.dtype == np.float64:
        return varying
    return [_ranked(column) for column in varying]


def _ranked(classes: np.ndarray) -> np.ndarray:
    """Integers (N,) as 0, 1, 2 ... in their order; those of a short range without sorting."""
    least, most = int(classes.min()), int(classes.max())
    if most - least >= len(classes):
        return np.unique(classes, return_inverse=True)[1]
    places = classes - least
    return (np.cumsum(np.bincount(places) > 0) - 1)[places]


def label_column(labels) -> np.ndarray:
    """Returns labels (N,) or (N, 1), integers of an array or tensor, as int64 (N,).

    Raises:
        NotApplicable: They are floats, or several columns.
    """
    values = arrays.columns(labels)
    if values.dtype != np.int64 or values.shape[1] != 1:
        raise NotApplicable("labels are one column of integers, and these are not")
    return values[:, 0]
