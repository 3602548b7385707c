"""What a linear classifier reads out of a code, and how every fitted metric splits its images."""

import math

import numpy as np
import torch

from vmi import arrays
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.plain import factor_columns, features
from vmi.nets.codes import Codes

__all__ = ["binomial", "classes", "linear_probe", "logistic", "seed", "split", "used_columns"]


def linear_probe(
    codes: Codes, labels, train_codes: Codes, generator: torch.Generator, *, train: int = 10_000
) -> Estimate:
    r"""Returns the accuracy of a logistic regression from the code to the labels.

    .. math:: \frac1N \sum_i 1[\arg\max_y (W u_i + b)_y = y_i]

    with :math:`u` the Gaussian means and the probabilities of the categorical blocks,
    standardised by the training images, and W of unit L2 penalty (scikit-learn's C = 1). Ceiling 1;
    a constant code scores the share of the commonest training label. A label that training never
    showed is wrong. Standard error: binomial, of the evaluation images.

    Args:
        codes: N posteriors, or an array (N, D), of the evaluation images.
        labels: (N,) integers.
        train_codes: Posteriors of the training images, with their labels.
        generator: Of the choice of training images.
        train: How many training images to fit on, of those there are.

    Raises:
        NotApplicable: The training images have no labels, or a single one.

    References:
        | Understanding Intermediate Layers Using Linear Classifier Probes (Alain & Bengio, 2016)
        | https://arxiv.org/abs/1610.01644
    """
    if train_codes.labels is None:
        raise NotApplicable("the training images have no labels")
    chosen = torch.randperm(len(train_codes), generator=generator)[:train].numpy()
    (x, _), (u, _) = features(train_codes), features(codes)
    model = logistic().fit(x[chosen], _several(classes(train_codes.labels)[chosen]))
    share = float(np.mean(model.predict(u) == classes(labels)))
    about = f"logistic regression on {len(chosen)} training images, means and probabilities"
    return Estimate(share, binomial(share, len(u)), ceiling=1.0, n=len(u), convention=about)


def classes(labels) -> np.ndarray:
    """Returns labels (N,) or (N, 1), integers of an array or tensor, as int64 (N,).

    Raises:
        NotApplicable: They are floats, or several columns.
    """
    columns = arrays.columns(labels)
    if columns.dtype != np.int64 or columns.shape[1] != 1:
        raise NotApplicable("labels are one column of integers, and these are not")
    return columns[:, 0]


def split(
    n: int, generator: torch.Generator, train: int = 10_000, test: int = 5_000
) -> tuple[np.ndarray, np.ndarray]:
    """Draws the indices of a training and a test part, apart from each other.

    With fewer images than both parts want, they are shared out in the same proportion.

    Args:
        n: How many images there are.
        generator: Of the order.
        train: At most.
        test: At most.

    Raises:
        NotApplicable: There are not two images.

    Example:
        >>> [len(part) for part in split(300, torch.Generator())]
        [200, 100]
    """
    if n < 2:
        raise NotApplicable(f"a fit and a test want images apart, and there is {n}")
    order = torch.randperm(n, generator=generator).numpy()
    fit = min(train, max(1, n * train // (train + test)))
    return order[:fit], order[fit : fit + test]


def used_columns(factors, fit: np.ndarray) -> list[np.ndarray]:
    """Returns the factors that vary, as `factor_columns` does, once each varies in the fit as well.

    Raises:
        NotApplicable: None varies, or one has a single value among the images fitted on.
    """
    columns = factor_columns(factors)
    for column in columns:
        _several(column[fit])
    return columns


def logistic():
    """Creates a logistic regression on standardised columns; its fit has no randomness."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def seed(generator: torch.Generator) -> int:
    """Draws a seed for scikit-learn or NumPy, so that nothing there is unseeded."""
    return int(torch.randint(2**31 - 1, (), generator=generator))


def binomial(share: float, n: int) -> float:
    """Returns the standard error of a share of n independent trials."""
    return math.sqrt(share * (1 - share) / n)


def _several(values: np.ndarray) -> np.ndarray:
    if (values == values[0]).all():
        raise NotApplicable("there is one value alone among the images to fit on")
    return values
