"""How well a categorical code does as a classifier, or a clustering, of the labels."""

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import binomial
from vmi.metrics.plain import as_codes, label_column
from vmi.nets.codes import Codes

__all__ = ["accuracy_hungarian", "accuracy_majority", "accuracy_one_to_one", "ari", "nmi"]


def accuracy_majority(codes: Codes, labels, train_codes: Codes) -> Estimate:
    r"""Returns the share of images whose label is the majority label of their code's value.

    The code's value is the most probable one; with several categorical blocks, the combination.
    The majority labels are fitted on the training images and scored on the evaluation images; a
    value that no training image has is scored as wrong. Ceiling 1; a constant code scores the share
    of the commonest training label. Standard error: binomial.

    Args:
        codes: N posteriors of the evaluation images.
        labels: (N,) integers, their labels.
        train_codes: Posteriors of the training images, with their labels.

    Raises:
        NotApplicable: There is no categorical block, the training images have no labels, or no
            evaluation label occurs among them.
    """
    counts, values, names = _fitted(codes, labels, train_codes)
    named = np.where(counts.any(1), counts.argmax(1), -1)
    right = _right(named[values], names, labels)
    return _share(right.mean(), len(right), "majority label of each value in training")


def accuracy_one_to_one(codes: Codes, labels, train_codes: Codes) -> Estimate:
    r"""Returns the share of images that are right under a one-to-one naming fitted in training.

    The naming of `accuracy_hungarian`, found on the training images and scored on the evaluation
    images, so that nothing is fitted on what it is scored on. A value without a label, or that no
    training image has, is wrong. Ceiling 1; a constant code scores the share, among the evaluation
    images, of the commonest training label. Standard error: binomial.

    Args:
        codes: N posteriors of the evaluation images.
        labels: (N,) integers, their labels.
        train_codes: Posteriors of the training images, with their labels.

    Raises:
        NotApplicable: As `accuracy_majority`.

    References:
        | Unsupervised Deep Embedding for Clustering Analysis (Xie et al., 2016), section 4.3
        | https://arxiv.org/abs/1511.06335
    """
    from scipy.optimize import linear_sum_assignment

    counts, values, names = _fitted(codes, labels, train_codes)
    value, label = linear_sum_assignment(counts, maximize=True)
    named, met = np.full(len(counts), -1), counts[value, label] > 0
    named[value[met]] = label[met]
    right = _right(named[values], names, labels)
    return _share(right.mean(), len(right), "best one-to-one naming in training")


def accuracy_hungarian(codes: Codes, labels) -> Estimate:
    r"""Returns the share of images that are right under the best one-to-one naming of values.

    .. math:: \max_\pi \frac1N \sum_i 1[\pi(c_i) = y_i]

    over one-to-one maps from values of the code to labels, found on the images it is scored on. A
    value without a label, or a label without a value, where there are more of one than of the
    other, is wrong: never more than `accuracy_majority` fitted on the same images. Ceiling 1; a
    constant code scores the share of the commonest label. Standard error: binomial.

    Args:
        codes: N posteriors.
        labels: (N,) integers.

    Raises:
        NotApplicable: There is no categorical block.

    References:
        | Unsupervised Deep Embedding for Clustering Analysis (Xie et al., 2016), section 4.3
        | https://arxiv.org/abs/1511.06335
    """
    from scipy.optimize import linear_sum_assignment

    (values,) = _values(codes)
    counts, n = _counts(values, label_column(labels), values.max() + 1), len(values)
    right = counts[linear_sum_assignment(counts, maximize=True)].sum()
    return _share(right / n, n, "best one-to-one naming, on all images")


def nmi(codes: Codes, labels) -> Estimate:
    r"""Returns the mutual information of the code's value and the label, normalised to 0 to 1.

    .. math:: \frac{2 I(c; y)}{H(c) + H(y)}

    of the most probable values' counts (plug-in), by the arithmetic mean of the entropies, as
    scikit-learn. 1 where each determines the other, 0 for a constant code; a random code of many
    values is above 0, for which `ari` corrects.

    Args:
        codes: N posteriors.
        labels: (N,) integers.

    Raises:
        NotApplicable: There is no categorical block, or one label alone.

    References:
        | Information Theoretic Measures for Clusterings Comparison (Vinh et al., 2010)
        | https://jmlr.org/papers/v11/vinh10a.html
    """
    from sklearn.metrics import normalized_mutual_info_score

    values, labels = _values(codes)[0], _varied(labels)
    value = normalized_mutual_info_score(labels, values, average_method="arithmetic")
    convention = "plug-in, over the arithmetic mean of the entropies"
    return Estimate(float(value), ceiling=1.0, n=len(codes), convention=convention)


def ari(codes: Codes, labels) -> Estimate:
    r"""Returns the adjusted Rand index of the code's values and the labels.

    .. math::
        \frac{S - E}{\frac12 (A + B) - E}, \quad S = \sum_{cy} \binom{n_{cy}}2, \quad
        A = \sum_c \binom{n_c}2, \quad B = \sum_y \binom{n_y}2, \quad E = AB / \binom N2

    of the pairs of images that both put together. 1 where each determines the other; 0 for a
    constant code, and on average for a random one; it may be negative.

    Args:
        codes: N posteriors.
        labels: (N,) integers.

    Raises:
        NotApplicable: There is no categorical block, or one label alone.

    References:
        | Comparing Partitions (Hubert & Arabie, 1985), https://doi.org/10.1007/BF01908075
    """
    from sklearn.metrics import adjusted_rand_score

    values, labels = _values(codes)[0], _varied(labels)
    value = adjusted_rand_score(labels, values)
    return Estimate(float(value), ceiling=1.0, n=len(codes), convention="corrected for chance")


def _fitted(codes: Codes, labels, train_codes: Codes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts (values, labels) of the training images, each code's value, and the labels' names."""
    train_values, values = _values(train_codes, codes)
    if train_codes.labels is None:
        raise NotApplicable("the training images have no labels")
    train_labels = label_column(train_codes.labels)
    if not np.isin(label_column(labels), train_labels).any():
        raise NotApplicable("no evaluation label occurs in training")
    k = int(max(train_values.max(), values.max())) + 1
    return _counts(train_values, train_labels, k), values, np.unique(train_labels)


def _right(named: np.ndarray, names: np.ndarray, labels) -> np.ndarray:
    """Whether each image's label is what its value is named, by place in `names`; -1 is no name."""
    return (named >= 0) & (names[named] == label_column(labels))


def _values(*several: Codes) -> list[np.ndarray]:
    """For each of several codes, one integer (N,) for the most probable values of its blocks."""
    rows = []
    for codes in several:
        blocks = as_codes(codes).categorical_block().categorical
        rows.append(torch.stack([p.argmax(1) for p in blocks], 1).numpy())
    combined = np.unique(np.concatenate(rows), axis=0, return_inverse=True)[1].ravel()
    return np.split(combined, np.cumsum([len(r) for r in rows])[:-1])


def _counts(values: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """How many images have each of the values 0 to k - 1 and each label that occurs, (k, L)."""
    from sklearn.metrics.cluster import contingency_matrix

    found = contingency_matrix(values, labels)
    counts = np.zeros((k, found.shape[1]), int)
    counts[np.unique(values)] = found
    return counts


def _varied(labels) -> np.ndarray:
    labels = label_column(labels)
    if (labels == labels[:1]).all():
        raise NotApplicable("there is one label alone, and nothing to tell apart")
    return labels


def _share(share: float, n: int, convention: str) -> Estimate:
    return Estimate(float(share), binomial(share, n), ceiling=1.0, n=n, convention=convention)
