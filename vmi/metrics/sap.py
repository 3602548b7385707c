"""The separated attribute predictability score."""

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import draw_seed, fittable_columns, split
from vmi.metrics.plain import factor_columns, features

__all__ = ["sap", "top_gap"]

INACTIVE = 1e-12  # the greatest variance of a dimension that counts as constant


def sap(codes, factors, generator: torch.Generator, *, penalty: float = 0.01) -> Estimate:
    r"""Returns the gap between the two dimensions that predict a factor best, on average.

    .. math:: \frac1F \sum_f S_{(1)f} - S_{(2)f}

    with :math:`S_{df}` how well dimension d alone predicts factor f by a linear map:

    - continuous factor: :math:`R^2`, the squared correlation, of all images there are; 0 where the
      dimension is constant;
    - discrete factor: the balanced accuracy (mean over classes of the share that is found) on 5,000
      test images of a linear support vector machine fitted on 10,000, one class against the rest,
      classes weighted evenly. A constant dimension finds one class of K: 1/K. Where classes are
      even, that is disentanglement_lib's plain accuracy.

    A categorical block is one dimension, of the probabilities of its categories. Means are
    standardised, as the support vector machine's penalty is on slopes and offset, which have the
    units of the code: disentanglement_lib's number is this one where the deviations are 1, and of
    codes a thousand times smaller it is near 0. A perfect code of
    independent continuous factors scores 1 but for chance; a constant code and a duplicated one
    score 0. One of discrete factors need not reach :math:`1 - 1/K`: a line finds only the outer
    classes of a scalar, so the ceiling is not known in general. The factors of dSprites themselves
    score 0.25.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the split and the fits.
        penalty: C, the inverse of the support vector machine's regularisation.

    Raises:
        NotApplicable: No factor varies, or the code has one dimension.

    References:
        | Variational Inference of Disentangled Latent Concepts from Unlabeled Observations (Kumar
        | et al., 2018), section 3, https://arxiv.org/abs/1711.00848
    """
    columns = factor_columns(factors)
    x, owners = features(codes)
    blocks = [x[:, np.equal(owners, d)] for d in sorted(set(owners))]
    if len(blocks) < 2:
        raise NotApplicable("SAP is a gap between two dimensions, and this code has one")
    if columns[0].dtype == np.float64:
        scores = np.array([[determination(block, y) for y in columns] for block in blocks])
        fields = {"ceiling": 1.0, "n": len(x), "convention": "squared correlation"}
    else:
        scores, n = _accuracies(blocks, factors, generator, penalty)
        fields = {
            "n": n,
            "convention": f"balanced test accuracy, linear SVM, C = {penalty:g}, standardised",
        }
    return Estimate(top_gap(scores), **fields)


def top_gap(scores: np.ndarray) -> float:
    """Returns the mean over columns of the greatest entry less the next.

    Args:
        scores: (D, F), D at least 2.

    Example:
        >>> round(top_gap(np.array([[0.9, 0.1], [0.5, 0.1], [0.4, 0.3]])), 3)
        0.3
    """
    ordered = np.sort(scores, 0)
    return float((ordered[-1] - ordered[-2]).mean())


def determination(x: np.ndarray, y: np.ndarray) -> float:
    """Returns the R^2 of the least-squares line from the columns of x, (N, P), to y."""
    x, y = x - x.mean(0), y - y.mean()
    x = x[:, x.var(0) > INACTIVE]
    if not x.shape[1]:
        return 0.0
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float((fitted @ fitted) / (y @ y))


def _accuracies(blocks, factors, generator, penalty) -> tuple[np.ndarray, int]:
    fit, test = split(len(blocks[0]), generator)
    columns, chosen = fittable_columns(factors, fit), draw_seed(generator)
    scores = [[_accuracy(x, y, fit, test, penalty, chosen) for y in columns] for x in blocks]
    return np.array(scores), len(fit) + len(test)


def _accuracy(x, y, fit, test, penalty, chosen) -> float:
    from sklearn.svm import LinearSVC

    predicted = np.full(len(test), y[test[0]])
    if (x[fit].var(0) > INACTIVE).any():
        model = LinearSVC(C=penalty, class_weight="balanced", dual=False, random_state=chosen)
        predicted = model.fit(x[fit], y[fit]).predict(x[test])
    hits = np.bincount(y[test], predicted == y[test]) / np.maximum(np.bincount(y[test]), 1)
    return float(hits.sum() / len(np.unique(y[test])))
