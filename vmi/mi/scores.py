r"""Bounds on mutual information as functions of a matrix of scores.

The scores of K pairs are :math:`f_{ij} = f(x_i, y_j)`, (..., K, K): on the diagonal the pairs as
they were drawn, off it pairs of the product of the marginals. A bound is given as K terms,
(..., K), one a pair: their mean is the bound in nats, their standard deviation over :math:`\sqrt K`
its standard error. A pair's term holds, to first order, what it adds as itself and as a partner of
the others. The latter part has mean 0 and no gradient, so it is left out where gradients are taken,
as in training, which it would slow down by a third.

References:
    | On Variational Bounds of Mutual Information (Poole et al., 2019)
    | https://arxiv.org/abs/1905.06922
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["dv", "infonce", "interpolated", "js", "log_mean_exp", "nwj", "smile", "tuba"]


def dv(f: Tensor) -> Tensor:
    r"""Returns the terms of the bound of Donsker & Varadhan.

    .. math:: \frac1K \sum_i f_{ii} - \log \frac{1}{K (K - 1)} \sum_{i \ne j} e^{f_{ij}}

    Its limit is a lower bound. The logarithm of a finite mean lies below that of the expectation on
    average, so that the number itself is biased upwards, much so where the information is large.

    References:
        | Mutual Information Neural Estimation (Belghazi et al., 2018)
        | https://arxiv.org/abs/1801.04062
    """
    log_mean = log_mean_exp(f)[..., None]
    return _diagonal(f) - log_mean + _as_partners(f - log_mean[..., None])


def nwj(f: Tensor) -> Tensor:
    r"""Returns the terms of the bound of Nguyen, Wainwright & Jordan, unbiased.

    .. math:: \frac1K \sum_i f_{ii} - \frac{1}{e K (K - 1)} \sum_{i \ne j} e^{f_{ij}}

    It is tight at :math:`f = 1 + \log \frac{p(x, y)}{p(x) p(y)}`.

    References:
        | Estimating divergence functionals (Nguyen, Wainwright & Jordan, 2010)
        | https://arxiv.org/abs/0809.0853
    """
    return _diagonal(f) - log_mean_exp(f - 1).exp()[..., None] + _as_partners(f - 1)


def tuba(f: Tensor, log_baseline: Tensor) -> Tensor:
    r"""Returns the terms of the bound with a baseline a(y), unbiased.

    .. math:: 1 + \frac1K \sum_i (f_{ii} - \log a(y_i))
        - \frac{1}{K (K - 1)} \sum_{i \ne j} \frac{e^{f_{ij}}}{a(y_j)}

    With a = e it is `nwj`; with any other, it is `nwj` of :math:`f + 1 - \log a`.

    Args:
        f: Scores.
        log_baseline: log a(y_j), (..., K).
    """
    return nwj(f + 1 - log_baseline[..., None, :])


def infonce(f: Tensor) -> Tensor:
    r"""Returns the terms of InfoNCE, at most ln K.

    .. math:: \frac1K \sum_i \log \frac{e^{f_{ii}}}{\frac1K \sum_j e^{f_{ij}}}

    References:
        | Representation Learning with Contrastive Predictive Coding (van den Oord et al., 2018)
        | https://arxiv.org/abs/1807.03748
    """
    shares = f.log_softmax(-1)
    as_partner = _centred(lambda: -shares.exp().sum(-2))
    return _diagonal(shares) + math.log(f.shape[-1]) + as_partner


def interpolated(f: Tensor, alpha: float) -> Tensor:
    r"""Returns the terms of the bound between `nwj` (of f + 1, alpha 0) and `infonce` (alpha 1).

    With a baseline that takes a share of the mean over K - 1 samples of x,
    :math:`a_j = \alpha \frac{1}{K - 1} \sum_i e^{f_{ij}} + 1 - \alpha`,

    .. math:: 1 + \frac1K \sum_j \log \frac{e^{f_{jj}}}{a_j}
        - \frac{1}{K (K - 1)} \sum_{i \ne j} \frac{e^{f_{ij}}}{a'_j}

    where the sum of a takes x_j and K - 2 others, and that of a' the K - 1 others, as the bound
    asks for y that are drawn with, and without, one of K - 1 samples. Unbiased; with alpha 1 it is
    InfoNCE among K - 1. It is at most :math:`\log \frac{K - 1}{\alpha}`, plus 1 where alpha < 1:
    the last sum vanishes where pairs are classified with certainty.
    """
    diagonal, others = _diagonal(f), f - math.log(f.shape[-1] - 1)
    log_with = _log_mix(others.masked_fill(_next(f), -math.inf).logsumexp(-2), alpha)
    log_mean = _off_diagonal(others).logsumexp(-2)
    log_without = _log_mix(log_mean, alpha)

    def as_partner() -> Tensor:
        slope = torch.logaddexp(_log(alpha) - log_with, _log(1 - alpha) - 2 * log_without)
        return -_off_diagonal(others + slope[..., None, :]).exp().sum(-1)

    return 1 + diagonal - log_with - (log_mean - log_without).exp() + _centred(as_partner)


def js(f: Tensor) -> Tensor:
    r"""Returns the terms of the Jensen-Shannon objective: to train a critic with, not to report.

    .. math:: -\frac1K \sum_i \log (1 + e^{-f_{ii}})
        - \frac{1}{K (K - 1)} \sum_{i \ne j} \log (1 + e^{f_{ij}})

    Greatest at :math:`f = \log \frac{p(x, y)}{p(x) p(y)}`, where it is twice the Jensen-Shannon
    divergence of the joint from the product, less ln 4. No single pair can weigh much in it.

    References:
        | f-GAN (Nowozin et al., 2016)
        | https://arxiv.org/abs/1606.00709
    """
    soft = torch.nn.functional.softplus(f)
    diagonal, k = _diagonal(soft), f.shape[-1]
    return (
        _diagonal(f)
        - diagonal
        - ((soft.sum((-2, -1)) - diagonal.sum(-1)) / (k * (k - 1)))[..., None]
    )


def smile(f: Tensor, tau: float) -> Tensor:
    r"""Returns the terms of SMILE: `dv` with the ratio clipped where the pairs are others'.

    .. math:: \frac1K \sum_i f_{ii}
        - \log \frac{1}{K (K - 1)} \sum_{i \ne j} e^{\max(-\tau, \min(\tau, f_{ij}))}

    Less spread than `dv`; neither a lower nor an upper bound.

    References:
        | Understanding the Limitations of Variational Mutual Information Estimators
        | (Song & Ermon, 2020) https://arxiv.org/abs/1910.06222
    """
    return _diagonal(f) - _diagonal(f.clamp(-tau, tau)) + dv(f.clamp(-tau, tau))


def log_mean_exp(f: Tensor) -> Tensor:
    r"""Returns :math:`\log \frac{1}{K (K - 1)} \sum_{i \ne j} e^{f_{ij}}`, (...)."""
    k = f.shape[-1]
    return _off_diagonal(f).flatten(-2).logsumexp(-1) - math.log(k * (k - 1))


def _diagonal(f: Tensor) -> Tensor:
    return f.diagonal(dim1=-2, dim2=-1)


def _off_diagonal(f: Tensor) -> Tensor:
    diagonal = torch.eye(f.shape[-1], dtype=torch.bool, device=f.device)
    return f.masked_fill(diagonal, -math.inf)


def _next(f: Tensor) -> Tensor:
    """Marks one pair (i, j), i after j, in each column: any that is not a pair's own."""
    return torch.eye(f.shape[-1], dtype=torch.bool, device=f.device).roll(1, 0)


def _as_partners(log_ratio: Tensor) -> Tensor | float:
    """What each pair takes from a mean of ratios by being x and by being y of others, centred."""

    def shares() -> Tensor:
        ratio = _off_diagonal(log_ratio).exp() / (log_ratio.shape[-1] - 1)
        return -ratio.sum(-1) - ratio.sum(-2)

    return _centred(shares)


def _centred(terms: Callable[[], Tensor]) -> Tensor | float:
    """Terms less their mean; 0 where gradients are taken, as nobody asks for their spread there."""
    if torch.is_grad_enabled():
        return 0.0
    values = terms()
    return values - values.mean(-1, keepdim=True)


def _log_mix(log_mean: Tensor, alpha: float) -> Tensor:
    """Returns log(alpha e^log_mean + 1 - alpha)."""
    return torch.logaddexp(log_mean + _log(alpha), torch.full_like(log_mean, _log(1 - alpha)))


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf
