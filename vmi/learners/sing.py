"""Markov networks by transport maps, where TransportMaps is installed: a rival, not ours."""

import io
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any

import numpy as np

from vmi.arrays import aligned, standardised
from vmi.errors import NotApplicable
from vmi.learners.learned import Learned, symmetric

__all__ = ["sing"]

PACKAGE = "TransportMaps.Algorithms.SparsityIdentification"


def sing(x, *, order: int = 2, delta: float = 2.0) -> Learned:
    r"""Learns the non-zeros of a generalised precision, by SING as its authors have it.

    .. math:: \Omega_{ij} = E\, |\partial_i \partial_j \ln p(x)|

    which is 0 for all pairs that are independent given the rest, normal or not. The density p is
    that of a triangular transport map of polynomials to a normal distribution, fitted anew to
    whatever is sparser, until no more pairs fall: those whose :math:`\hat\Omega_{ij}` is less than
    delta standard errors. The weight of an edge is the size of that, scaled as a partial
    correlation is, and 0 for all pairs that fell.

    Args:
        x: (N, D), amounts.
        order: Of the polynomials; of 1 the map is normal.
        delta: Standard errors.

    Raises:
        NotApplicable: TransportMaps is not installed.

    References:
        | Beyond normality: Learning sparse probabilistic graphical models in the non-Gaussian
        | setting (Morrison, Baptista & Marzouk, 2017), https://arxiv.org/abs/1711.00950
        | https://transportmaps.mit.edu/docs/example-inverse-sparsity-identification.html
    """
    (x,) = aligned(x=x)
    learner = _module("SparsityIdentificationNonGaussian").SING
    ordering = _module("NodeOrdering").MinFill()
    with redirect_stdout(io.StringIO()):  # it prints its progress
        omega = np.abs(np.asarray(learner(standardised(x.astype(float)), order, ordering, delta)))
    scale = np.sqrt(omega.diagonal())
    weights = symmetric(omega / np.outer(scale, scale), "or")
    return Learned(weights > 0, weights)


def _module(name: str) -> Any:
    try:
        return import_module(f"{PACKAGE}.{name}")
    except ImportError as error:
        why = f"it is a learner of TransportMaps', and {error.name} is not installed"
        raise NotApplicable(f"{why}: pip install 'vmi[peers]'") from error
