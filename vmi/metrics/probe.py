"""How much of the labels a linear classifier reads out of a code."""

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import binomial, check_varied, logistic
from vmi.metrics.plain import features, label_column
from vmi.nets.codes import Codes

__all__ = ["linear_probe"]


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
    (x, _), (u, _) = features(train_codes), features(codes, like=train_codes)
    model = logistic().fit(x[chosen], check_varied(label_column(train_codes.labels)[chosen]))
    share = float(np.mean(model.predict(u) == label_column(labels)))
    convention = f"logistic regression on {len(chosen)} training images, means and probabilities"
    return Estimate(share, binomial(share, len(u)), ceiling=1.0, n=len(u), convention=convention)
