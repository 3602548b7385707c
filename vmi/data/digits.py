"""scikit-learn's handwritten digits: 1,797 images of 8 x 8, inside the package, for quick runs."""

import torch
from sklearn.datasets import load_digits

from vmi.data.dataset import Binarisation, Dataset, from_arrays

__all__ = ["digits"]


def digits(*, binarisation: Binarisation = "dynamic") -> Dataset:
    """Creates the 8 x 8 digits: float pixels k / 16 for k = 0, ..., 16, with ten labels.

    Each pixel is the share of ink in a 4 x 4 block of a 32 x 32 bitmap, so it is a probability by
    its making.

    Args:
        binarisation: How pixels become bits.

    References:
        https://archive.ics.uci.edu/dataset/80 (its test part, as scikit-learn ships it)
    """
    counts, labels = load_digits(return_X_y=True)
    return from_arrays(
        "digits",
        torch.tensor(counts, dtype=torch.float32).view(-1, 1, 8, 8) / 16,
        torch.tensor(labels, dtype=torch.int64),
        label_names=tuple("0123456789"),
        binarisation=binarisation,
        binary=binarisation != "none",
        source="https://archive.ics.uci.edu/dataset/80",
    )
