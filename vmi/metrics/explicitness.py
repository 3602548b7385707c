"""Explicitness: how well a linear classifier separates each value of a factor from the others."""

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import fittable_columns, logistic, split
from vmi.metrics.plain import factor_columns, features

__all__ = ["explicitness"]


def explicitness(
    codes, factors, generator: torch.Generator, *, train: int = 10_000, test: int = 5_000
) -> Estimate:
    r"""Returns how well linear classifiers on the code rank each value of a factor, 0 to 1.

    .. math:: \frac1F \sum_f \frac1{K_f} \sum_k (2\, \mathrm{AUC}_{fk} - 1)

    with the area under the ROC curve, on the test part, of a logistic regression of value k against
    the rest (standardised dimensions, unit L2 penalty). disentanglement_lib reports the mean AUC,
    (1 + explicitness) / 2, of one multinomial regression instead.

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
    if factor_columns(factors)[0].dtype == np.float64:
        raise NotApplicable("explicitness ranks the values of discrete factors: these are floats")
    x, _ = features(codes)
    fit, held = split(len(x), generator, train, test)
    scores = [_explicit(x, y, fit, held) for y in fittable_columns(factors, fit)]
    convention = "2 AUC - 1, one value against the rest"
    return Estimate(
        float(np.mean(scores)), ceiling=1.0, n=len(fit) + len(held), convention=convention
    )


def _explicit(x: np.ndarray, y: np.ndarray, fit: np.ndarray, test: np.ndarray) -> float:
    """The mean over the values that both parts show, and that are not all of either."""
    from sklearn.metrics import roc_auc_score

    values = np.intersect1d(y[fit], y[test])
    if len(np.unique(y[test])) < 2 or not len(values):
        raise NotApplicable("there is one value alone among the images to test on")
    areas = []
    for k in values:
        model = logistic().fit(x[fit], y[fit] == k)
        areas.append(roc_auc_score(y[test] == k, model.decision_function(x[test])))
    return 2 * float(np.mean(areas)) - 1
