"""Omniglot: 32,460 handwritten characters of 50 alphabets, as bits of 28 x 28."""

from pathlib import Path

import numpy as np
import torch

from vmi.data.dataset import Dataset, Split
from vmi.data.files import File, find

__all__ = ["omniglot"]

FILE = File("OMNIGLOT/omniglot_28x28.npz", "6ef72548460e1e5ec9ea7e9b7243c665")


def omniglot(root: Path | str | None = None) -> Dataset:
    """Creates Omniglot: the background set to train on, the evaluation set to evaluate on.

    The two sets share no alphabet (30 and 20 of them), so evaluation is on unseen characters. Its
    likelihoods are not comparable with those on the split and resizing of Burda et al. (2016).

    The file holds `images` (N, 98) packed bits with ink = 1, `alphabet` (N,), `evaluation` (N,)
    and `alphabet_names`; labels are alphabets.

    Args:
        root: The data root; see `vmi.data.load`.

    Raises:
        UserError: The file is missing or is not the one expected.

    References:
        Lake et al. (2015), https://github.com/brendenlake/omniglot
    """
    path = find(FILE, root)
    with np.load(path, allow_pickle=False) as arrays:
        alphabets = tuple(arrays["alphabet_names"].tolist())
    return Dataset(
        "omniglot",
        (1, 28, 28),
        lambda split: _split(path, split == "evaluation"),
        label_names=alphabets,
        source="https://github.com/brendenlake/omniglot, background and evaluation sets at 28 x 28;"
        " likelihoods are not comparable with the split of Burda et al. (arXiv:1509.00519)",
    )


def _split(path: Path, evaluation: bool) -> Split:
    with np.load(path, allow_pickle=False) as arrays:
        rows = arrays["evaluation"] == evaluation
        bits = np.unpackbits(arrays["images"][rows], axis=1) * np.uint8(255)
        return Split(
            torch.from_numpy(bits).view(-1, 1, 28, 28),
            torch.from_numpy(arrays["alphabet"][rows].astype(np.int64)),
        )
