"""scikit-learn's handwritten digits: 1,797 images of 8 x 8, inside the package, for quick runs."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

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
    counts, labels = _read()
    return from_arrays(
        "digits",
        torch.tensor(counts, dtype=torch.float32).view(-1, 1, 8, 8) / 16,
        torch.tensor(labels, dtype=torch.int64),
        label_names=tuple("0123456789"),
        binarisation=binarisation,
        binary=binarisation != "none",
        source="https://archive.ics.uci.edu/dataset/80",
    )


def _read() -> tuple[np.ndarray, np.ndarray]:
    """The file that scikit-learn ships, as `load_digits` reads it.

    Read without importing scikit-learn, which takes longer than a small training.
    """
    package = Path(find_spec("sklearn").origin).parent
    with gzip.open(package / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.int64)
    return rows[:, :-1], rows[:, -1]
