"""Learners of Markov networks of normal variables, by sparse regressions and sparse precisions."""

import warnings

import numpy as np
import torch
from scipy.stats import norm
from sklearn.covariance import GraphicalLassoCV
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from vmi.arrays import aligned, normal_scores, standardised
from vmi.learners.learned import Learned, symmetric

__all__ = ["graphical_lasso", "neighbourhoods", "nonparanormal", "nonparanormal_neighbourhoods"]

FOLDS = 5
NONE = 1e-8  # of a coefficient: what is smaller is 0


def graphical_lasso(x, generator: torch.Generator) -> Learned:
    r"""Learns the non-zeros of a precision matrix under an L1 penalty, by cross-validation.

    .. math:: \hat K = \arg\max_K \ln \det K - \operatorname{tr}(S K)
        - \lambda \sum_{i \ne j} |K_{ij}|

    with the penalty of the best held-out likelihood of five folds. That is the penalty that
    predicts best, not the one that finds the graph: it keeps too many edges. The weight of an edge
    is the size of the partial correlation.

    Args:
        x: (N, D).
        generator: Of the order of rows in the folds.

    References:
        | Sparse inverse covariance estimation with the graphical lasso (Friedman, Hastie &
        | Tibshirani, 2008), https://doi.org/10.1093/biostatistics/kxm045
    """
    (x,) = aligned(x=x)
    rows = torch.randperm(len(x), generator=generator).numpy()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        fitted = GraphicalLassoCV(cv=FOLDS).fit(standardised(x.astype(float))[rows])
    scale = np.sqrt(fitted.precision_.diagonal())
    weights = np.abs(fitted.precision_ / np.outer(scale, scale))
    said = "the graphical lasso did not converge for some penalty" if caught else ""
    return _of_weights(symmetric(weights, "or"), said)


def nonparanormal(x, generator: torch.Generator) -> Learned:
    """Learns as `graphical_lasso` does, of the normal scores of each column's ranks.

    So margins may be of any kind, where the copula is normal.

    Args:
        x: (N, D).
        generator: Of the order of rows in the folds.

    References:
        | The Nonparanormal: Semiparametric Estimation of High Dimensional Undirected Graphs
        | (Liu, Lafferty & Wasserman, 2009), https://arxiv.org/abs/0903.0649
    """
    (x,) = aligned(x=x)
    return graphical_lasso(normal_scores(x), generator)


def neighbourhoods(x, *, alpha: float = 0.05, rule: str = "and") -> Learned:
    r"""Learns the neighbours of each node as those that a lasso predicts it from.

    The penalty of the authors holds the chance of joining two parts of the graph that are apart to
    at most alpha, for standardised columns:

    .. math:: \lambda = \frac{1}{\sqrt N}\, \Phi^{-1}\!\left(1 - \frac{\alpha}{2 D^2}\right)

    with half the mean square as the loss. The weight of an edge is the size of the smaller of its
    two coefficients, or with "or" of the larger.

    Args:
        x: (N, D).
        alpha: The chance of a false connection.
        rule: "and" keeps an edge that both regressions have, "or" that of either.

    References:
        | High-dimensional graphs and variable selection with the Lasso (Meinshausen & Bühlmann,
        | 2006), equation 9, https://arxiv.org/abs/math/0608017
    """
    (x,) = aligned(x=x)
    x = standardised(x.astype(float))
    n, d = x.shape
    penalty = float(norm.isf(alpha / (2 * d**2))) / np.sqrt(n)
    weights = np.zeros((d, d))
    for node in range(d):
        others = np.arange(d) != node
        weights[node, others] = np.abs(Lasso(penalty).fit(x[:, others], x[:, node]).coef_)
    return _of_weights(symmetric(weights, rule))


def nonparanormal_neighbourhoods(x, *, alpha: float = 0.05, rule: str = "and") -> Learned:
    """Learns as `neighbourhoods` does, of the normal scores of each column's ranks.

    Args:
        x: (N, D).
        alpha: The chance of a false connection.
        rule: "and" keeps an edge that both regressions have, "or" that of either.

    References:
        | The Nonparanormal: Semiparametric Estimation of High Dimensional Undirected Graphs
        | (Liu, Lafferty & Wasserman, 2009), https://arxiv.org/abs/0903.0649
    """
    (x,) = aligned(x=x)
    return neighbourhoods(normal_scores(x), alpha=alpha, rule=rule)


def _of_weights(weights: np.ndarray, warning: str = "") -> Learned:
    return Learned(weights > NONE, weights, warning=warning)
