"""Disentanglement, completeness and informativeness: which dimension predicts which factor."""

import math

import numpy as np
import torch

from vmi.estimate import Estimate
from vmi.metrics.fitting import draw_seed, fittable_columns, split
from vmi.metrics.plain import features

__all__ = ["completeness", "dci", "dci_boosted", "dci_histogram", "disentanglement"]


def dci(
    codes, factors, generator: torch.Generator, *, trees: int = 50, leaf: float = 0.01
) -> list[Estimate]:
    r"""Returns disentanglement, completeness and informativeness, by random forests.

    A forest predicts each factor from all dimensions, and :math:`R_{df}` is the importance of
    dimension d in it (mean decrease in impurity; a categorical block is one dimension, of the sum
    over its columns). With :math:`R_{d\cdot}` and :math:`R_{\cdot f}` as distributions,

    .. math::
        \sum_d \rho_d \left(1 - \frac{H(R_{d\cdot})}{\ln F}\right), \quad
        \sum_f \rho_f \left(1 - \frac{H(R_{\cdot f})}{\ln D}\right)

    are the whole, which is disentanglement, and the part `completeness`; each row or column weighs
    as much as its share of all importance. The part `informativeness` is the mean over factors of
    the test accuracy of a discrete, or the test :math:`R^2` of a continuous one.

    Perfect codes have 1, 1 and 1; constant codes have 0, 0 and the share of the commonest value
    (:math:`R^2` 0). 10,000 images train and 5,000 test, of what there is.

    Each split chooses among all dimensions, and none leaves less than 1% of the images: trees
    grown in full fit noise, whose importance then hides the rest. (Five factors of 3 to 40 values,
    observed with noise of 0.5 among five dimensions of noise alone: 0.39 in full, 0.98 so.) Forests
    are not the published boosted trees (`dci_boosted`, and `dci_histogram` in a tenth of the time
    or less), so compare like with like. A tree asks for
    the order of values alone, but scikit-learn's round to float32 and take what differs by less
    than 1e-7 as equal, so that means are standardised first.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the split and the trees.
        trees: In each forest.
        leaf: The least share of the training images that a leaf holds.

    Raises:
        NotApplicable: No factor varies.

    References:
        | A Framework for the Quantitative Evaluation of Disentangled Representations (Eastwood &
        | Williams, 2018), https://openreview.net/forum?id=By-7dz-AZ
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    settings = {"n_estimators": trees, "min_samples_leaf": leaf, "max_features": None, "n_jobs": 1}
    makers = (RandomForestClassifier, RandomForestRegressor)
    return _dci(codes, factors, generator, makers, settings, f"random forest of {trees} trees")


def dci_boosted(codes, factors, generator: torch.Generator, *, trees: int = 100) -> list[Estimate]:
    """Returns the same as `dci` by gradient-boosted trees, as published by Locatello et al.

    The trees are scikit-learn's at its defaults (depth 3, rate 0.1), one for each class of a factor
    and round, which takes minutes where a factor has 32 values: it is computed where it is named.
    `dci_histogram` is quicker, with other numbers, and ranks codes alike.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the split and the trees.
        trees: Rounds of boosting.

    Raises:
        NotApplicable: No factor varies.

    References:
        | Challenging Common Assumptions in the Unsupervised Learning of Disentangled
        | Representations (Locatello et al., 2019), https://arxiv.org/abs/1811.12359
    """
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    makers = (GradientBoostingClassifier, GradientBoostingRegressor)
    learner = f"gradient-boosted trees, {trees} rounds"
    return _dci(codes, factors, generator, makers, {"n_estimators": trees}, learner)


def dci_histogram(
    codes, factors, generator: torch.Generator, *, trees: int = 100
) -> list[Estimate]:
    r"""Returns the same as `dci` by gradient-boosted trees on histograms of the dimensions.

    Depth, rate and rounds are those of `dci_boosted`, but each dimension is cut into 255 bins of as
    many images, and a split is chosen by the gain of a Newton step,

    .. math:: \frac{G_l^2}{H_l} + \frac{G_r^2}{H_r} - \frac{(G_l + G_r)^2}{H_l + H_r},

    with G and H the sums of the first and second derivatives of the loss left and right of it. The
    importance of a dimension is the sum of the gains of its splits. So the numbers are others than
    those of `dci_boosted`: compare like with like.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the split and the trees.
        trees: Rounds of boosting.

    Raises:
        NotApplicable: No factor varies.

    References:
        | LightGBM: A Highly Efficient Gradient Boosting Decision Tree (Ke et al., 2017)
        | https://papers.nips.cc/paper/6907-lightgbm-a-highly-efficient-gradient-boosting-decision-tree
        | Greedy Function Approximation: A Gradient Boosting Machine (Friedman, 2001)
        | https://doi.org/10.1214/aos/1013203451
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    makers = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
    settings = {"max_iter": trees, "max_depth": 3, "early_stopping": False}
    with threadpool_limits(1):  # or its threads wait for each other longer than they work
        learner = f"gradient-boosted trees on histograms, {trees} rounds"
        return _dci(codes, factors, generator, makers, settings, learner, _gains)


def disentanglement(importance: np.ndarray) -> float:
    r"""Returns how far each dimension is important to one factor alone, from 0 to 1.

    .. math:: \sum_d \rho_d \left(1 - \frac{H(R_{d\cdot} / \sum_f R_{df})}{\ln F}\right), \quad
        \rho_d = \frac{\sum_f R_{df}}{\sum_{df} R_{df}}

    A dimension without importance has no weight; a matrix of zeros scores 0. NaN with one factor,
    as there is no other to be important to.

    Args:
        importance: (D, F), none negative.

    Example:
        >>> disentanglement(np.eye(2)), disentanglement(np.ones((2, 2)))
        (1.0, 0.0)
    """
    if importance.shape[1] < 2:
        return math.nan
    weights = importance.sum(1)
    p = importance[weights > 0] / weights[weights > 0, None]
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(1)
    concentration = 1 - entropy / math.log(importance.shape[1])
    return float(concentration @ weights[weights > 0] / (weights.sum() or 1.0))


def completeness(importance: np.ndarray) -> float:
    """Returns how far each factor needs one dimension alone: `disentanglement` of the transpose.

    Example:
        >>> round(completeness(np.vstack([np.eye(5), np.eye(5)])), 3)  # 1 - ln 2 / ln 10
        0.699
    """
    return disentanglement(importance.T)


def _impurity(model, _: int) -> np.ndarray:
    """How much the splits of each column decrease the impurity, in all, (P,)."""
    return model.feature_importances_


def _gains(model, columns: int) -> np.ndarray:
    """The share of each column in the gains of all splits, (P,); zeros where nothing is split.

    scikit-learn has no public name for the trees of its histogram boosting, only for those of its
    other ensembles.
    """
    trees = [tree.nodes for each in model._predictors for tree in each]
    splits = np.concatenate([nodes[nodes["is_leaf"] == 0] for nodes in trees])
    gains = np.bincount(splits["feature_idx"], splits["gain"], columns)
    return gains / (gains.sum() or 1.0)


def _dci(
    codes, factors, generator, makers, settings, learner, importances=_impurity
) -> list[Estimate]:
    x, owners = features(codes)
    fit, test = split(len(x), generator)
    importance, scores = [], []
    for y in fittable_columns(factors, fit):
        make = makers[y.dtype == np.float64]
        model = make(random_state=draw_seed(generator), **settings).fit(x[fit], y[fit])
        importance.append(np.bincount(owners, importances(model, x.shape[1])))
        scores.append(model.score(x[test], y[test]))
    r, score = np.stack(importance, 1), "R^2" if y.dtype == np.float64 else "accuracy"
    common = {"ceiling": 1.0, "n": len(fit) + len(test)}
    return [
        _part("", disentanglement(r), f"{learner}, log base F", "factor", **common),
        _part("completeness", completeness(r), f"{learner}, log base D", "dimension", **common),
        _part("informativeness", np.mean(scores), f"{learner}, test {score}", "", **common),
    ]


def _part(part: str, value: float, convention: str, lone: str, **fields) -> Estimate:
    if math.isnan(value):
        return Estimate.not_applicable(f"there is one {lone} alone", part=part, **fields)
    return Estimate(float(value), part=part, convention=convention, **fields)
