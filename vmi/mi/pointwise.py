r"""What each pair contributes to an estimate: local, or pointwise, mutual information, in nats.

The mean over the pairs is the estimate. A local value estimates the logarithm of the density ratio
:math:`p(x_i, y_i) / p(x_i) p(y_i)`, given z that of the conditional densities. Where x and y are
jointly normal and the estimator is `cca`, or where they are discrete, it converges to that. By k
neighbours it does not for k held fixed: its spread about it, of variance :math:`\psi'(k)` and more,
remains, whatever N. So these are for sums over many pairs, or for k that grows with N.

Pairs below 0 misinform: there x makes y less likely. The others have none: a network is reported on
a fifth of the pairs, and entropies that are corrected are no sum over pairs.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vmi.errors import NotApplicable
from vmi.mi.cca import cca, log_density_ratios
from vmi.mi.counts import Counts
from vmi.mi.discrete import conditional_plug_in, miller_madow, plug_in
from vmi.mi.local import around, rectangles, squares
from vmi.mi.neighbours import (
    conditional_ksg,
    continuous,
    ksg,
    ksg2,
    ksg_euclidean,
    mixed,
    mixed_ksg,
)

__all__ = ["POINTWISE", "pointwise"]


def pointwise(estimator: Callable[..., Any], settings: Mapping[str, Any], **arrays) -> np.ndarray:
    """Returns what each pair contributes to an estimate, in nats, (N,).

    A pair that the estimator leaves out, as `mixed_ksg` does with one alone in its class, is NaN.

    Args:
        estimator: Of `POINTWISE`.
        settings: Of the estimator.
        arrays: x and y, (N,) or (N, D) each, and z where it asks for it.

    Raises:
        NotApplicable: The estimator has no local values, or no meaning here.

    References:
        | Measuring Information Transfer by Local Values: Local Information Transfer as a
        | Spatiotemporal Filter (Lizier, Prokopenko & Zomaya, 2008)
        | https://doi.org/10.1103/PhysRevE.77.026110

    Example:
        >>> pointwise(plug_in, {}, x=[0, 0, 1, 1], y=[0, 0, 1, 1]).round(4).tolist()  # ln 2
        [0.6931, 0.6931, 0.6931, 0.6931]
    """
    if estimator not in POINTWISE:
        raise NotApplicable("no local values: what it says is no sum over all pairs")
    chosen = inspect.signature(estimator).bind(**arrays, **settings)
    chosen.apply_defaults()
    return POINTWISE[estimator](**chosen.arguments)


def _squares(x, y, *, k: int, margins: str, norm: str = "euclidean") -> np.ndarray:
    return squares(continuous(x, y, k, norm, margins)[1], k, norm)[0]


def _rectangles(x, y, *, k: int, norm: str, margins: str) -> np.ndarray:
    return rectangles(continuous(x, y, k, norm, margins)[1], k, norm)[0]


def _around(*, k: int, norm: str, margins: str, **arrays) -> np.ndarray:
    return around(mixed(k, norm, margins, **arrays)[1], k, norm)[0]


def _counted(**arrays) -> np.ndarray:
    found = Counts.of(**arrays)
    xz, yz, z, xyz = (np.log(c[i]) for c, i in zip(found.counts, found.codes, strict=True))
    return xyz + z - xz - yz


def _less_bias(**arrays) -> np.ndarray:
    return _counted(**arrays) - Counts.of(**arrays).bias


POINTWISE: dict[Callable[..., Any], Callable[..., np.ndarray]] = {
    ksg: _squares,
    ksg_euclidean: _squares,
    ksg2: _rectangles,
    mixed_ksg: _around,
    conditional_ksg: _around,
    plug_in: _counted,
    conditional_plug_in: _counted,
    miller_madow: _less_bias,
    cca: log_density_ratios,
}
