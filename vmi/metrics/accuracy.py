"""How well a categorical code does as a classifier of the labels."""

import math

import torch
from torch import Tensor

from vmi.codes import Codes
from vmi.errors import NotApplicable
from vmi.records import Estimate

__all__ = ["accuracy_majority"]


def accuracy_majority(codes: Codes, labels: Tensor, train_codes: Codes) -> Estimate:
    r"""Returns the share of images whose label is the majority label of their code's value.

    The code's value is the most probable one; with several categorical blocks, the combination.
    The majority labels are fitted on the training images and scored on the evaluation images; a
    value that no training image has is scored as wrong. Ceiling 1; a constant code scores the share
    of the commonest training label. Standard error: binomial.

    Args:
        codes: N posteriors of the evaluation images.
        labels: (N,) int64, their labels.
        train_codes: Posteriors of the training images, with their labels.

    Raises:
        NotApplicable: There is no categorical block, or no evaluation label occurs in training.
    """
    fit, values = _values(train_codes), _values(codes)
    if not torch.isin(labels, train_codes.labels).any():
        raise NotApplicable("no evaluation label occurs in training")
    counts = torch.zeros(max(fit.max(), values.max()) + 1, train_codes.labels.max() + 1)
    counts.index_put_((fit, train_codes.labels), torch.ones(len(fit)), accumulate=True)
    majority = torch.where(counts.sum(1) > 0, counts.argmax(1), -1)
    share = float((majority[values] == labels).double().mean())
    stderr = math.sqrt(share * (1 - share) / len(labels))
    return Estimate(share, stderr, ceiling=1.0, n=len(labels))


def _values(codes: Codes) -> Tensor:
    """One integer for the most probable value of each categorical block, combined."""
    combined = torch.zeros(len(codes), dtype=torch.long)
    for p in codes.categorical_block().categorical:
        combined = combined * p.shape[1] + p.argmax(1)
    return combined
