"""Kernel tests of independence, by causal-learn where that is installed: rivals, not ours."""

from typing import Any

import numpy as np
import torch

from vmi.arrays import aligned, standardised
from vmi.errors import NotApplicable
from vmi.independence.outcome import Outcome

__all__ = ["kci", "rcit"]


def kci(x, y, z, generator: torch.Generator, *, most: int = 5000) -> Outcome:
    r"""Tests independence by the covariance of kernel features that are left given z.

    With the settings of causal-learn: Gaussian kernels, the gamma approximation of the null. The
    statistic is that of its authors, and no information.

    Args:
        x: (N,) or (N, D) numbers.
        y: The same.
        z: The same, or None.
        generator: Of what the test draws.
        most: Rows; it takes N^3 steps.

    Raises:
        NotApplicable: causal-learn is not installed, or there are more rows.

    References:
        | Kernel-based Conditional Independence Test and Application in Causal Discovery
        | (Zhang, Peters, Janzing & Schölkopf, 2011), https://arxiv.org/abs/1202.3775
    """
    if len(x) > most:
        raise NotApplicable(f"{len(x):,} rows, and it takes N³ steps; `most` is {most:,}")
    return _tested("KCI", "KCI_CInd", "KCI_UInd", x, y, z, generator)


def rcit(x, y, z, generator: torch.Generator) -> Outcome:
    r"""Tests independence as `kci` does, with random Fourier features in place of kernels.

    Args:
        x: (N,) or (N, D) numbers.
        y: The same.
        z: The same, or None.
        generator: Of the features.

    Raises:
        NotApplicable: causal-learn is not installed.

    References:
        | Approximate Kernel-Based Conditional Independence Tests for Fast Non-Parametric Causal
        | Discovery (Strobl, Zhang & Visweswaran, 2019), https://arxiv.org/abs/1702.03877
    """
    return _tested("RCIT", "RCIT", "RIT", x, y, z, generator)


def _tested(
    name: str, conditional: str, plain: str, x, y, z, generator: torch.Generator
) -> Outcome:
    module = _module(f"causallearn.utils.{name}.{name}")
    given = aligned(x=x, y=y) if z is None else aligned(x=x, y=y, z=z)
    given = [standardised(values.astype(float)) for values in given]
    test = getattr(module, plain if z is None else conditional)()
    before = np.random.get_state()
    np.random.seed(int(torch.randint(2**31, (), generator=generator)))  # the library has no other
    try:
        p, statistic = test.compute_pvalue(*given)[:2]
    finally:
        np.random.set_state(before)
    p = float(np.clip(np.nan_to_num(np.squeeze(p), nan=1.0), np.finfo(float).tiny, 1))
    return Outcome(
        p, float(np.squeeze(statistic)), len(given[0]), unit="", convention="causal-learn"
    )


def _module(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        why = f"it is a test of causal-learn's, and {error.name} is not installed"
        raise NotApplicable(f"{why}: pip install 'vmi[peers]'") from error
