"""What metrics that fit a model share: the split of the images, the classifier, the error."""

import math

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.metrics.plain import factor_columns

__all__ = ["binomial", "check_varied", "draw_seed", "fittable_columns", "logistic", "split"]


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


def fittable_columns(factors, fit: np.ndarray) -> list[np.ndarray]:
    """Returns the factors that vary, as `factor_columns` does, and in the training part too.

    Raises:
        NotApplicable: None varies, or one has a single value among the training images.
    """
    columns = factor_columns(factors)
    for column in columns:
        check_varied(column[fit])
    return columns


def check_varied(values: np.ndarray) -> np.ndarray:
    """Returns values, (N,), of which there are at least two.

    Raises:
        NotApplicable: There is one alone, so that there is nothing to fit.
    """
    if (values == values[0]).all():
        raise NotApplicable("there is one value alone among the images to fit on")
    return values


def logistic(**settings):
    """Creates a logistic regression on standardised columns; its fit has no randomness.

    Args:
        settings: Of scikit-learn's `LogisticRegression`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, **settings))


def draw_seed(generator: torch.Generator) -> int:
    """Draws a seed for scikit-learn or NumPy, so that nothing there is unseeded."""
    return int(torch.randint(2**31 - 1, (), generator=generator))


def binomial(share: float, n: int) -> float:
    """Returns the standard error of a share of n independent trials."""
    return math.sqrt(share * (1 - share) / n)
