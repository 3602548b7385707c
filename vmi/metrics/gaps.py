"""Other gaps of mutual information: per dimension, by joint entropy, matched."""

import numpy as np
from torch import Tensor

from vmi.estimate import Estimate
from vmi.metrics.counts import Table, compared, share, tables
from vmi.nets.codes import Codes

__all__ = ["dcimig", "jemmig", "mig_sup", "mig_sup_code_entropy"]


def mig_sup(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the gap per dimension: how far its best factor is ahead of its second.

    .. math:: \frac1D \sum_d \left(\frac{I(v; z_d)}{H(v)}\right)_{(1)}
        - \left(\frac{I(v; z_d)}{H(v)}\right)_{(2)}

    over the D dimensions that vary. MIG asks whether one dimension informs on a factor; this asks
    whether a dimension informs on one factor, so duplicated codes lose nothing. A perfect code of
    independent factors scores 1 (but for values that share a bin), constant codes 0; so does a
    dimension of noise, which counts as one of D. Ceiling: the most that a dimension can tell of the
    factor of which it can tell the greatest share.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N, F), at least two that vary; integers are classes, floats are cut.
        bins: Of equal width.

    Raises:
        NotApplicable: Fewer than two factors vary, or a number is not finite.

    References:
        | Progressive Learning and Disentanglement of Hierarchical Representations (Li et al.,
        | 2020), https://arxiv.org/abs/2002.10549
    """
    scored, perfect = tables(codes, factors, bins, several=2)
    ceiling = float(share(scored.most(), scored.factor_entropies).max())
    score, own = (_gap_over_factors(table, table.of_factors) for table in (scored, perfect))
    return compared(score, own, ceiling, _of_dimensions(bins, "factor"), n=len(codes))


def mig_sup_code_entropy(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the gap per dimension as a share of the dimension's own entropy.

    .. math:: \frac1D \sum_d \frac{I(v; z_d)_{(1)} - I(v; z_d)_{(2)}}{H(z_d)}

    Where `mig_sup` asks that a dimension hold the whole of its factor, this asks that it hold
    nothing else: a code of half of a factor's values loses nothing, noise on a dimension does. A
    factor of more values outweighs one of fewer, as its information is not normalised. Ceiling 1.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N, F), at least two that vary; integers are classes, floats are cut.
        bins: Of equal width.

    Raises:
        NotApplicable: Fewer than two factors vary, or a number is not finite.

    References:
        | Progressive Learning and Disentanglement of Hierarchical Representations (Li et al.,
        | 2020), https://arxiv.org/abs/2002.10549; the divisor is that of `mig-code-entropy`
    """

    def gap(table: Table) -> float:
        return _gap_over_factors(table, share(table.information, table.code_entropies[:, None]))

    score, own = map(gap, tables(codes, factors, bins, several=2))
    return compared(score, own, 1.0, _of_dimensions(bins, "code"), n=len(codes))


def jemmig(codes: Codes, factors: Tensor, *, bins: int = 20) -> list[Estimate]:
    r"""Returns the joint entropy minus the mutual information gap, scaled to [0, 1] and raw.

    .. math:: J_f = H(v_f, z_{(1)}) - I(v_f; z_{(1)}) + I(v_f; z_{(2)}), \quad
        \frac1F \sum_f 1 - \frac{J_f}{H(v_f) + \ln B}

    with :math:`z_{(1)}, z_{(2)}` the two dimensions most informative on the factor, and B the
    number of values of the first: the bins of a mean, the categories of a block. Unlike MIG it also
    asks that the dimension hold nothing else.

    - the whole: higher is better. Its ceiling is that of a dimension which tells the most that its
      values can, and nothing else. Beware of its floor: a constant mean scores
      :math:`\ln B / (H(v) + \ln B)`, which is near .5 and not 0, as much as a code that holds
      everything twice, and more than one of noise.
    - `raw`: the mean of :math:`J_f`, in nats; lower is better, and 0 is perfect.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats are cut.
        bins: Of equal width.

    Raises:
        NotApplicable: No factor varies, the code has one dimension, or a number is not finite.

    References:
        | Theory and Evaluation Metrics for Learning Disentangled Representations
        | (Do & Tran, 2020), https://arxiv.org/abs/1908.09961
    """
    found = tables(codes, factors, bins, dimensions=2)
    (score, raw), (own, _) = map(_joint_entropy_gap, found)
    binning, n = f"means in {bins} equal-width bins, raw factors", len(codes)
    scaled = f"{binning}, 1 - J / (H(factor) + ln bins), a constant code is not 0"
    return [
        compared(score, own, _most_of_joint(found[0]), scaled, n=n),
        Estimate(raw, unit="nats", part="raw", n=n, convention=f"{binning}, lower is better"),
    ]


def dcimig(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the gaps per dimension, each factor keeping its best, over the factors' entropies.

    .. math:: \frac{\sum_f \max_{d: f(d) = f} g_d}{\sum_f H(v_f)}, \quad
        g_d = I(v_{f(d)}; z_d) - \max_{f \ne f(d)} I(v_f; z_d), \quad
        f(d) = \arg\max_f I(v_f; z_d)

    Called 3CharM by its authors and DCIMIG by others. A perfect code of independent factors scores
    1 (but for values that share a bin), and so does a duplicated one; constant codes score 0.
    Ceiling: the most that a dimension each can tell of the factors, over their entropies.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N, F), at least two that vary; integers are classes, floats are cut.
        bins: Of equal width.

    Raises:
        NotApplicable: Fewer than two factors vary, or a number is not finite.

    References:
        | How to Not Measure Disentanglement (Sepliarskaia et al., 2019)
        | https://arxiv.org/abs/1910.05587
    """
    scored, perfect = tables(codes, factors, bins, several=2)
    ceiling = float(share(scored.most().sum(), scored.factor_entropies.sum()))
    convention = f"means in {bins} equal-width bins, raw factors, / sum of H(factor)"
    own = _matched_gaps(perfect)
    return compared(_matched_gaps(scored), own, ceiling, convention, n=len(codes))


def _of_dimensions(bins: int, entropy: str) -> str:
    return f"means in {bins} equal-width bins, raw factors, / H({entropy}), constant dimensions out"


def _most_of_joint(table: Table) -> float:
    """The ceiling of JEMMIG: each factor told as well as a dimension here can, by nothing else."""
    scores = []
    for values in np.unique(table.values):
        lost = table.factor_entropies - table.most(int(values))
        scores.append(1 - lost / (table.factor_entropies + np.log(values)))
    return float(np.max(scores, 0).mean())


def _gap_over_factors(table: Table, shares: np.ndarray) -> float:
    varying = shares[table.code_entropies > 0]
    return float(_ahead(varying).mean()) if len(varying) else 0.0


def _ahead(values: np.ndarray) -> np.ndarray:
    """How far the greatest of each row is ahead of the second, (D,)."""
    ordered = np.sort(values, 1)
    return ordered[:, -1] - ordered[:, -2]


def _joint_entropy_gap(table: Table) -> tuple[float, float]:
    order, factor = np.argsort(table.information, 0), np.arange(len(table.factor_entropies))
    best, ordered = order[-1], np.sort(table.information, 0)
    joint = table.code_entropies[best] + table.factor_entropies - table.information[best, factor]
    raw = joint - ordered[-1] + ordered[-2]
    most = table.factor_entropies + np.log(table.values[best])
    return float(np.mean(1 - raw / most)), float(np.mean(raw))


def _matched_gaps(table: Table) -> float:
    best, gaps = table.information.argmax(1), _ahead(table.information)
    kept = np.zeros(table.information.shape[1])
    np.maximum.at(kept, best, gaps)
    return float(share(kept.sum(), table.factor_entropies.sum()))
