"""The interventional robustness score, from stored codes."""

import numpy as np
from torch import Tensor

from vmi.estimate import Estimate
from vmi.metrics import plain
from vmi.metrics.bins import binned
from vmi.metrics.counts import compared, share
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

    A perfect code of independent factors scores 1, the ceiling, and so does a duplicated one. Each
    dimension weighs as much as its greatest deviation, by definition, so that the score of all is
    not that of the same dimensions in other units, whereas the score of each is. Constant
    dimensions are left out; constant codes score 0. Beware of the whole: its quantile forgives what
    its maximum does not, so normal noise scores .2 to .4, and one outlier at 25 standard deviations
    takes any code towards 1. `matched` gives noise about 0 and hardly sees the outlier. With
    `quantile=1`, as in the paper, the two are one.

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
    groups = [_Groups(np.unique(binned(v, bins), return_inverse=True)[1]) for v in columns]
    perfect = [v[:, None].astype(np.float64) for v in columns]
    convention = f"factors in {bins} equal-width bins, {quantile:g} quantile over"
    units = "dimensions weighed by it in the units of the code"
    parts = {"": (1.0, "the greatest deviation"), "matched": (quantile, "the same of all")}
    scores = [_scores(z, groups, quantile, parts) for z in (_blocks(codes), perfect)]
    return [
        compared(score, own, 1.0, f"{convention} {named}; {units}", n=len(codes), part=part)
        for (part, (_, named)), score, own in zip(parts.items(), *scores, strict=True)
    ]


class _Groups:
    """The images of each value of a factor, and quantiles of what is measured of them.

    Args:
        group: (N,), from 0 up without gaps.
    """

    def __init__(self, group: np.ndarray) -> None:
        self.group, self.counts = group, np.bincount(group)
        self.order = np.argsort(group.astype(np.min_scalar_type(group.max())), kind="stable")
        self.ends = np.cumsum(self.counts)

    def moves(self, block: np.ndarray, quantile: float) -> float:
        """The quantile of the distances from a group's mean, (N, P), averaged over the groups."""
        means = [np.bincount(self.group, column) / self.counts for column in block.T]
        away = block - np.stack(means, 1)[self.group]
        distance = np.abs(away[:, 0]) if away.shape[1] == 1 else np.linalg.norm(away, axis=1)
        runs = np.split(distance[self.order], self.ends[:-1])
        return float(np.mean([_quantile(run, quantile) for run in runs]))


def _quantile(values: np.ndarray, quantile: float) -> float:
    """As `numpy.quantile`, in linear time and without its checks."""
    place = quantile * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    below, above = np.partition(values, (low, high))[[low, high]]
    return below + (above - below) * (place - low)


def _blocks(codes) -> list[np.ndarray]:
    """The columns of each dimension that varies, (N, 1) of a mean and (N, K) of a category."""
    matrix, owners = plain.features(codes, raw=True)
    blocks = [matrix[:, np.equal(owners, d)] for d in sorted(set(owners))]
    return [block for block in blocks if (block != block[:1]).any()]


def _scores(
    blocks: list[np.ndarray],
    groups: list[_Groups],
    quantile: float,
    parts: dict[str, tuple[float, str]],
) -> list[float]:
    """The scores of dimensions by part, each with its own quantile of all deviations as m_d."""
    within = np.array([min(g.moves(block, quantile) for g in groups) for block in blocks])
    everyone = _Groups(np.zeros_like(groups[0].group))
    scores = []
    for whole, _ in parts.values():
        most = np.array([everyone.moves(block, whole) for block in blocks])
        scores.append(float(share((most - within)[most > 0].sum(), most.sum())))
    return scores
