"""The interventional robustness score, from stored codes."""

import numpy as np
from torch import Tensor

from vmi.estimate import Estimate
from vmi.metrics import plain
from vmi.metrics.counts import binned, share
from vmi.nets.codes import Codes

__all__ = ["irs"]


def irs(codes: Codes, factors: Tensor, *, quantile: float = 0.99, bins: int = 20) -> list[Estimate]:
    r"""Returns how little each dimension moves while its factor stays and all others change.

    .. math:: IRS = \frac{\sum_d m_d \max_f S_{df}}{\sum_d m_d}, \quad
        S_{df} = 1 - \frac{1}{m_d} \frac{1}{|V_f|} \sum_{a \in V_f}
        \operatorname{quantile}_{n: v_{nf} = a} |z_{nd} - E[z_d | v_f = a]|

    No images are made: the stored codes with :math:`v_f = a` are what an intervention on the
    factor would give, as long as the factors are independent. The parts differ in :math:`m_d`:

    - the whole: the greatest :math:`|z_{nd} - E z_d|` of all, as in disentanglement_lib.
    - `matched`: the same quantile of it as above.

    A perfect code scores the ceiling, and so does a duplicated one. Constant dimensions are left
    out; constant codes score 0. Beware of the whole: its quantile forgives what its maximum does
    not, so normal noise scores .2 to .4, and one outlier at 25 standard deviations takes any code
    towards 1. `matched` gives noise about 0 and hardly sees the outlier. With `quantile=1`, as in
    the paper, the two are one.

    Args:
        codes: N posteriors, or an array (N, D). A categorical block is one dimension, its
            deviation the Euclidean norm of that of its probabilities.
        factors: (N,) or (N, F).
        quantile: Of the deviations; 1 is the greatest.
        bins: Of equal width, into which factors are cut, as in disentanglement_lib.

    Raises:
        NotApplicable: No factor varies, or a number is not finite.

    References:
        | Robustly Disentangled Causal Mechanisms: Validating Deep Representations for
        | Interventional Robustness (Suter et al., 2019), https://arxiv.org/abs/1811.00007
        | https://github.com/google-research/disentanglement_lib, evaluation/metrics/irs.py
    """
    columns = plain.factor_columns(factors)
    groups = [np.unique(binned(v, bins), return_inverse=True)[1] for v in columns]
    perfect = [v[:, None].astype(np.float64) for v in columns]
    convention, n = f"factors in {bins} equal-width bins, {quantile:g} quantile over", len(codes)
    parts = {"": (1.0, "the greatest deviation"), "matched": (quantile, "the same of all")}
    estimates = []
    for part, (whole, named) in parts.items():
        score, ceiling = (_score(z, groups, quantile, whole) for z in (_blocks(codes), perfect))
        estimates.append(
            Estimate(score, ceiling=ceiling, n=n, part=part, convention=f"{convention} {named}")
        )
    return estimates


def _blocks(codes) -> list[np.ndarray]:
    """The columns of each dimension that varies, (N, 1) of a mean and (N, K) of a category."""
    matrix, owners = plain.features(codes)
    blocks = [matrix[:, np.equal(owners, d)] for d in sorted(set(owners))]
    return [block for block in blocks if (block != block[:1]).any()]


def _score(
    blocks: list[np.ndarray], groups: list[np.ndarray], quantile: float, whole: float
) -> float:
    """The score of dimensions, with the quantile `whole` of all deviations as m_d."""
    within = np.array([min(_moves(block, g, quantile) for g in groups) for block in blocks])
    everyone = np.zeros_like(groups[0])
    most = np.array([_moves(block, everyone, whole) for block in blocks])
    return float(share((most - within)[most > 0].sum(), most.sum()))


def _moves(block: np.ndarray, group: np.ndarray, quantile: float) -> float:
    """The quantile of the distances from a group's mean, averaged over the groups."""
    counts = np.bincount(group)
    means = np.stack([np.bincount(group, column) / counts for column in block.T], 1)
    distance = np.linalg.norm(block - means[group], axis=1)
    parts = np.split(distance[np.argsort(group, kind="stable")], np.cumsum(counts)[:-1])
    return float(np.mean([np.quantile(part, quantile) for part in parts]))
