"""Explicitness: how well a linear classifier separates each value of a factor from the others."""

from collections.abc import Callable

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import fittable_columns, logistic, split
from vmi.metrics.plain import factor_columns, features

__all__ = ["explicitness", "explicitness_multinomial", "explicitness_one_vs_rest"]


def explicitness(
    codes, factors, generator: torch.Generator, *, train: int = 10_000, test: int = 5_000
) -> Estimate:
    r"""Returns how well linear classifiers on the code rank each value of a factor, 0 to 1.

    .. math:: \frac1F \sum_f \frac1{K_f} \sum_k (2\, \mathrm{AUC}_{fk} - 1)

    with the area under the ROC curve, on the test part, of a logistic regression of value k against
    the rest (standardised dimensions, unit L2 penalty), as in the paper. Two other numbers go by
    this name, and none follows from another: `explicitness_multinomial` is disentanglement_lib's,
    and `explicitness_one_vs_rest` that of the review of Carbonneau et al. Of dSprites' factors
    themselves they are .56, .99 and .90.

    A code of one-hot factors scores 1, a constant code 0; below 0 is chance. Scalars need not reach
    1: a line ranks the outer of K even values well, the inner ones not, so that a scalar code of 3
    values scores 2/3 and the factors of dSprites themselves 0.56. Binary factors reach 1.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F) integers.
        generator: Of the split.
        train: Images to fit on, at most; with fewer of them, two thirds of all.
        test: Images to score, at most.

    Raises:
        NotApplicable: The factors are continuous or none varies.

    References:
        | Learning Deep Disentangled Embeddings with the F-Statistic Loss (Ridgeway & Mozer, 2018)
        | https://arxiv.org/abs/1802.05312
    """
    fit, held = split(len(codes), generator, train, test)
    areas = _areas(codes, factors, fit, held, _one_by_one)
    return _estimate(2 * areas - 1, fit, held, "2 AUC - 1, one value against the rest")


def explicitness_multinomial(
    codes, factors, generator: torch.Generator, *, train: int = 10_000, test: int = 5_000
) -> Estimate:
    r"""Returns how well one multinomial regression ranks each value of a factor, .5 to 1.

    .. math:: \frac1F \sum_f \frac1{K_f} \sum_k \mathrm{AUC}_{fk}

    with the area under the ROC curve, on the test part, of the probability of value k by a logistic
    regression to all values at once (standardised dimensions, unit L2 penalty): the
    `explicitness_score_test` of disentanglement_lib. It is not rescaled: a constant code scores .5.
    As the probability of an inner value peaks between those of its neighbours, scalars reach 1,
    which they do not in `explicitness`.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F) integers.
        generator: Of the split.
        train: Images to fit on, at most; with fewer of them, two thirds of all.
        test: Images to score, at most.

    Raises:
        NotApplicable: The factors are continuous or none varies.

    References:
        | Challenging Common Assumptions in the Unsupervised Learning of Disentangled
        | Representations (Locatello et al., 2019), https://arxiv.org/abs/1811.12359
        | https://github.com/google-research/disentanglement_lib,
        | evaluation/metrics/modularity_explicitness.py
    """
    fit, held = split(len(codes), generator, train, test)
    areas = _areas(codes, factors, fit, held, _all_at_once)
    return _estimate(areas, fit, held, "AUC, .5 by chance, multinomial regression")


def explicitness_one_vs_rest(
    codes, factors, generator: torch.Generator, *, images: int = 10_000
) -> Estimate:
    r"""Returns how well balanced regressions rank each value where their probabilities sum to 1.

    .. math:: \frac1F \sum_f \frac1{K_f} \sum_k (2\, \mathrm{AUC}_{fk} - 1), \quad
        p_k = \frac{\sigma_k(z)}{\sum_l \sigma_l(z)}

    from 0 to 1, with :math:`\sigma_k` a logistic regression of value k against the rest, classes
    weighted evenly. As in the code of the review, it is scored on the images it was fitted on, so
    that few images in many dimensions score too high. The review's code divides a dimension by its
    range where this one standardises it.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F) integers.
        generator: Of the images chosen.
        images: At most so many.

    Raises:
        NotApplicable: The factors are continuous or none varies.

    References:
        | Measuring Disentanglement: A Review of Metrics (Carbonneau et al., 2022)
        | https://arxiv.org/abs/2012.09276
        | https://github.com/ubisoft/ubisoft-laforge-disentanglement-metrics,
        | src/metrics/explicitness.py, the first implementation
    """
    chosen = torch.randperm(len(codes), generator=generator)[:images].numpy()
    areas = _areas(codes, factors, chosen, chosen, _balanced)
    convention = "2 AUC - 1, balanced, probabilities sum to 1, scored where it is fitted"
    return _estimate(2 * areas - 1, chosen, chosen[:0], convention)


Ranked = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _areas(codes, factors, fit: np.ndarray, test: np.ndarray, rank: Ranked) -> float:
    """The mean area under the curve, over the values of each factor and then over factors."""
    from sklearn.metrics import roc_auc_score

    if factor_columns(factors)[0].dtype == np.float64:
        raise NotApplicable("explicitness ranks the values of discrete factors: these are floats")
    x, _ = features(codes)
    means = []
    for y in fittable_columns(factors, fit):
        if len(np.unique(y[test])) < 2 or not np.isin(y[test], y[fit]).any():
            raise NotApplicable("there is one value alone among the images to test on")
        values, scores = rank(x[fit], y[fit], x[test])
        pairs = zip(values, scores.T, strict=True)
        areas = [roc_auc_score(y[test] == k, s) for k, s in pairs if (y[test] == k).any()]
        means.append(np.mean(areas))
    return float(np.mean(means))


def _one_by_one(x: np.ndarray, y: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores of a regression for each value of y against the rest, at u, (M, K)."""
    values = np.unique(y)
    return values, np.stack([logistic().fit(x, y == k).decision_function(u) for k in values], 1)


def _all_at_once(x: np.ndarray, y: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of one regression to all values of y, at u, (M, K)."""
    return np.unique(y), logistic().fit(x, y).predict_proba(u)


def _balanced(x: np.ndarray, y: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a balanced regression for each value of y, made to sum to 1, (M, K)."""
    values = np.unique(y)
    models = [logistic(class_weight="balanced").fit(x, y == k) for k in values]
    p = np.stack([model.predict_proba(u)[:, 1] for model in models], 1)
    return values, p / p.sum(1, keepdims=True)


def _estimate(value: float, fit: np.ndarray, test: np.ndarray, convention: str) -> Estimate:
    n = len(fit) + len(test)
    return Estimate(value, ceiling=1.0, n=n, convention=convention)
