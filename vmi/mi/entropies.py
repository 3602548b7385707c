"""Entropies of counts (K,), by what is made of what has not been seen, in nats."""

import math

import numpy as np
from scipy.special import digamma, gammaln, polygamma

__all__ = [
    "chao_shen_entropy",
    "entropy_of",
    "james_stein_shares",
    "miller_madow_entropy",
    "nsb_entropy",
    "plug_in_entropy",
]

NODES = 1000  # of the integral over priors


def chao_shen_entropy(counts: np.ndarray) -> float:
    r"""Returns Chao's and Shen's entropy of counts (K,), in nats.

    .. math:: -\sum_a \frac{C p_a \ln C p_a}{1 - (1 - C p_a)^N}, \quad C = 1 - f_1 / N

    with :math:`f_1` the number of values that occur once, at most N - 1 of them, so that C > 0.
    The sum is Horvitz and Thompson's, by the chance that a value is seen at all.

    References:
        https://doi.org/10.1023/A:1026096204727, equation 8

    Example:
        >>> round(chao_shen_entropy(np.array([1, 1, 2])), 4)
        1.7632
    """
    counts = counts[counts > 0]
    n = counts.sum()
    shares = (1 - min((counts == 1).sum(), n - 1) / n) * counts / n
    return float((-shares * np.log(shares) / (1 - (1 - shares) ** n)).sum())


def james_stein_shares(counts: np.ndarray) -> np.ndarray:
    r"""Returns shares of counts, K in any shape, shrunk towards 1 / K.

    .. math:: \lambda / K + (1 - \lambda) \hat p_a, \quad
        \lambda = \frac{1 - \sum_a \hat p_a^2}{(N - 1) \sum_a (1 / K - \hat p_a)^2}

    with :math:`\lambda` at most 1.

    References:
        https://arxiv.org/abs/0811.3579, equations 4 and 6

    Example:
        >>> james_stein_shares(np.array([4, 0])).tolist(), james_stein_shares(np.array([3, 1]))
        ([1.0, 0.0], array([0.5, 0.5]))
    """
    n, even = counts.sum(), 1 / counts.size
    shares = counts / n
    distance = (n - 1) * ((even - shares) ** 2).sum()
    shrink = 1.0 if distance == 0 else min(1.0, float((1 - (shares**2).sum()) / distance))
    return shrink * even + (1 - shrink) * shares


def nsb_entropy(counts: np.ndarray, values: int) -> float:
    r"""Returns the posterior mean of the entropy under Nemenman's, Shafee's and Bialek's prior.

    A mixture of symmetric Dirichlet priors over K values, so weighted that the entropy expected a
    priori is even between 0 and ln K:

    .. math:: p(\beta) \propto \frac{d\xi}{d\beta}, \quad \xi = \psi(K\beta + 1) - \psi(\beta + 1)

    and given :math:`\beta`, with :math:`\kappa = N + K\beta`,

    .. math:: E[H | n, \beta] = \psi(\kappa + 1)
        - \sum_a \frac{n_a + \beta}{\kappa} \psi(n_a + \beta + 1)

    The integral over :math:`\ln \beta` is a sum over a grid.

    Args:
        counts: (K',) of the values that occur, and any that do not.
        values: K, how many may occur; K' at least.

    References:
        https://arxiv.org/abs/physics/0108025, equations 6 to 10
    """
    seen, times = np.unique(counts[counts > 0], return_counts=True)
    if values <= 1:
        return 0.0
    n, unseen = int(counts.sum()), values - int(times.sum())
    beta = np.exp(np.linspace(math.log(1e-6 / values), math.log(1e4), NODES))
    a = values * beta
    prior = values * polygamma(1, a + 1) - polygamma(1, beta + 1)
    evidence = gammaln(a) - gammaln(n + a)
    mean = digamma(n + a + 1) - unseen * beta / (n + a) * digamma(beta + 1)
    for count, many in zip(seen, times, strict=True):
        evidence += many * (gammaln(count + beta) - gammaln(beta))
        mean -= many * (count + beta) / (n + a) * digamma(count + beta + 1)
    weight = np.log(np.maximum(prior * beta, np.finfo(float).tiny)) + evidence
    weight = np.exp(weight - weight.max())
    return float((weight * mean).sum() / weight.sum())


def plug_in_entropy(counts: np.ndarray, _: int = 0) -> float:
    r"""Returns :math:`-\sum_a \hat p_a \ln \hat p_a` of counts (K,), in nats."""
    return entropy_of(counts / counts.sum())


def miller_madow_entropy(counts: np.ndarray, _: int = 0) -> float:
    """Returns the plug-in entropy plus (K - 1) / 2N, with the K values that occur, in nats."""
    n = counts.sum()
    return entropy_of(counts / n) + ((counts > 0).sum() - 1) / (2 * n)


def entropy_of(shares: np.ndarray) -> float:
    """Returns the entropy of shares that sum to 1, in nats."""
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
