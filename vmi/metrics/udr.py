"""Unsupervised disentanglement ranking: how well the seeds of a model agree on their dimensions."""

from collections.abc import Callable, Sequence

import numpy as np

from vmi.arrays import standardised
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.plain import as_codes
from vmi.nets.codes import Codes

__all__ = ["agreement", "udr", "udr_spearman"]

SLACK = 1e-3  # above the ceiling, of a Lasso that stops at its tolerance


def udr(
    seed_codes: Sequence[Codes], *, alpha: float = 0.1, threshold: float = 0.01
) -> list[Estimate]:
    r"""Returns for each seed how well the other seeds' dimensions match its own, one for one.

    Two seeds i and j have a similarity R(a, b) between the dimensions a of i and b of j, and

    .. math::
        UDR_{ij} = \frac{1}{d_a + d_b} \left[ \sum_b \frac{\max_a R(a, b)^2}{\sum_a R(a, b)}
        + \sum_a \frac{\max_b R(a, b)^2}{\sum_b R(a, b)} \right]

    over the :math:`d_a` and :math:`d_b` informative dimensions: those whose mean KL(q(z|x) || p(z))
    to the standard normal is above the threshold (of codes without width, those that vary). A
    seed's score is the median over the others. No factors are needed.

    R is the absolute coefficient of a Lasso that predicts the standardised dimension of i from
    those of j. It shrinks by its penalty: seeds that agree but for order and sign, with
    uncorrelated dimensions, score :math:`1 - \alpha`, which is the ceiling; 2 dimensions turned by
    45 degrees score :math:`(1/\sqrt2 - \alpha) / 2`; unrelated codes and constant ones score 0.
    Where the dimensions of a seed go together, coefficients pass 1 and the score can pass that
    ceiling, which a warning then says. Units matter to one thing: KL is to a prior that has them.

    Args:
        seed_codes: The codes of the same images by each seed, in order; the Gaussian blocks count.
        alpha: The penalty of the Lasso.
        threshold: On the mean KL of a dimension, in nats.

    Returns:
        An estimate for each seed, in the same order.

    Raises:
        NotApplicable: There are fewer than two seeds, their images differ in number, or one has no
            Gaussian block.

    References:
        | Unsupervised Model Selection for Variational Disentangled Representation Learning (Duan et
        | al., 2020), https://arxiv.org/abs/1905.12614
    """

    def similarity(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        from sklearn.linear_model import Lasso

        model = Lasso(alpha=alpha, max_iter=10_000).fit(standardised(other), standardised(one))
        return np.abs(np.atleast_2d(model.coef_))

    return _udr(seed_codes, similarity, threshold, 1 - alpha, f"Lasso, penalty {alpha:g}")


def udr_spearman(seed_codes: Sequence[Codes], *, threshold: float = 0.01) -> list[Estimate]:
    r"""Returns the same as `udr` with R the absolute rank correlation of two dimensions.

    Seeds that agree but for order, sign and monotone maps of each dimension, and whose dimensions
    are independent, score 1 but for chance correlations, which are of order :math:`1/\sqrt N`.

    Args:
        seed_codes: The codes of the same images by each seed, in order; the Gaussian blocks count.
        threshold: On the mean KL of a dimension, in nats.

    Returns:
        An estimate for each seed, in the same order.

    Raises:
        NotApplicable: As for `udr`.

    References:
        | Unsupervised Model Selection for Variational Disentangled Representation Learning (Duan et
        | al., 2020), https://arxiv.org/abs/1905.12614
    """
    return _udr(seed_codes, _rank_correlation, threshold, 1.0, "Spearman")


def agreement(similarity: np.ndarray) -> float:
    """Returns how near a similarity (A, B) is to one-for-one, 0 to 1; see `udr` for the equation.

    Example:
        >>> agreement(np.eye(3)), agreement(np.full((2, 2), 0.5)), agreement(np.zeros((2, 0)))
        (1.0, 0.25, 0.0)
    """
    if not similarity.size:
        return 0.0
    terms = [r.max(0) ** 2 / np.where(r.any(0), r.sum(0), 1.0) for r in (similarity, similarity.T)]
    return float(np.concatenate(terms).mean())


def _udr(
    seed_codes: Sequence[Codes],
    similarity: Callable[[np.ndarray, np.ndarray], np.ndarray],
    threshold: float,
    ceiling: float,
    convention: str,
) -> list[Estimate]:
    if len(seed_codes) < 2:
        raise NotApplicable(f"UDR compares seeds, and there are {len(seed_codes)} of the least 2")
    means = [_informative(as_codes(codes).gaussian_block(), threshold) for codes in seed_codes]
    if len({len(mean) for mean in means}) > 1:
        raise NotApplicable("UDR compares codes of the same images, and these differ in number")
    convention += f", median over {len(means) - 1} other seeds, KL above {threshold:g}"
    each = ((means[i], means[:i] + means[i + 1 :]) for i in range(len(means)))
    scores = [
        np.median([_pair(one, other, similarity) for other in others]) for one, others in each
    ]
    warning = "above its ceiling, that of dimensions without correlation: here they go together"
    return [
        Estimate(
            float(score),
            ceiling=ceiling,
            n=len(one),
            convention=convention,
            warning=warning if score > ceiling + SLACK else "",
        )
        for score, one in zip(scores, means, strict=True)
    ]


def _pair(one: np.ndarray, other: np.ndarray, similarity) -> float:
    return agreement(similarity(one, other)) if one.size and other.size else 0.0


def _informative(codes: Codes, threshold: float) -> np.ndarray:
    """The means, (N, d), of the dimensions that vary and whose KL is above the threshold."""
    mean, scale = codes.mean.double(), codes.scale.double()
    divergence = ((mean**2 + scale**2 - 1) / 2 - scale.log()).mean(0)  # infinite without width
    return mean[:, (divergence > threshold) & (mean != mean[0]).any(0)].numpy()


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    x, y = (standardised(np.array([_ranks(v) for v in values.T]).T) for values in (one, other))
    return np.abs(x.T @ y) / len(x)


def _ranks(values: np.ndarray) -> np.ndarray:
    """The mean rank of each value, as SciPy's `rankdata`, whose import takes two seconds."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]
