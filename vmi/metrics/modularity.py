"""Whether each dimension is informative on one factor alone."""

import numpy as np
from torch import Tensor

from vmi.estimate import Estimate
from vmi.metrics.counts import Table, compared, share, tables
from vmi.nets.codes import Codes

__all__ = ["modularity"]

LEAST = 1e-9  # nats; less is the rounding of nothing


def modularity(codes: Codes, factors: Tensor, *, bins: int = 20) -> list[Estimate]:
    r"""Returns how near each dimension is to being informative on one factor alone.

    .. math:: \frac1D \sum_d 1 - \frac{\sum_f I(z_d; v_f)^2 - \theta_d^2}{\theta_d^2 (F - 1)},
        \quad \theta_d = \max_f I(z_d; v_f)

    - the whole: over all dimensions, and one without information counts 0, as in
      disentanglement_lib.
    - `informative`: over the dimensions with any information at all.

    A perfect code of independent factors scores 1, the ceiling, and so does a duplicated one, or
    one that forgets most factors: it asks of each dimension only that it do one thing. A dimension
    equally informative on all factors scores 0. So do constant codes. Information is not
    normalised, so of two factors held in full the one with more values outweighs the other. Beware
    of noise: the information that it seems to hold by chance is larger on one factor than on
    others, and .66 is what 10,000 normal codes of dSprites' factors score.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N, F), at least two that vary; integers are classes, floats are cut.
        bins: Of equal width.

    Raises:
        NotApplicable: Fewer than two factors vary, or a number is not finite.

    References:
        | Learning Deep Disentangled Embeddings with the F-Statistic Loss (Ridgeway & Mozer, 2018)
        | https://arxiv.org/abs/1802.05312
        | https://github.com/google-research/disentanglement_lib,
        | evaluation/metrics/modularity_explicitness.py
    """
    scored, perfect = tables(codes, factors, bins, several=2)
    scores, informative = _scores(scored)
    own, binning = float(_scores(perfect)[0].mean()), f"means in {bins} equal-width bins"
    some = float(scores[informative].mean()) if informative.any() else 0.0
    parts = {
        "": (float(scores.mean()), f"{binning}, a silent dimension counts 0"),
        "informative": (some, f"{binning}, silent dimensions out"),
    }
    return [
        compared(value, own, 1.0, convention, n=len(codes), part=part)
        for part, (value, convention) in parts.items()
    ]


def _scores(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """The score of each dimension, (D,), and which of them are informative."""
    squared = table.information**2
    most, others = squared.max(1), squared.shape[1] - 1
    informative = table.information.max(1) > LEAST
    return informative * (1 - share(squared.sum(1) - most, most * others)), informative
