"""MNIST and the sets in its format: gzipped idx files, with torchvision's own table of checksums.

The archives are read where they lie and nothing is unpacked, so a read-only root will do. Folders
are torchvision's: `<root>/MNIST/raw/train-images-idx3-ubyte.gz` and so on.
"""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from vmi.data.dataset import Binarisation, Dataset, Split
from vmi.data.files import File, find

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

__all__ = ["fashion_mnist", "kmnist", "mnist", "read_idx"]

Root = Path | str | None
_PREFIX = {"train": "train", "evaluation": "t10k"}


def mnist(root: Root = None, *, binarisation: Binarisation = "dynamic") -> Dataset:
    """Creates MNIST: 60,000 and 10,000 handwritten digits, 28 x 28 uint8, in the official split.

    Args:
        root: The data root; see `vmi.data.load`.
        binarisation: How pixels become bits. "static" is drawn with a fixed seed, so it is not
            Larochelle's binarised MNIST, and likelihoods on the two differ slightly.

    Raises:
        UserError: A file is missing or is not the official one.

    References:
        http://yann.lecun.com/exdb/mnist/
    """
    return _dataset("mnist", "MNIST", root, binarisation)


def fashion_mnist(root: Root = None, *, binarisation: Binarisation = "dynamic") -> Dataset:
    """Creates Fashion-MNIST: 60,000 and 10,000 pieces of clothing; otherwise as `mnist`.

    References:
        Xiao et al. (2017), https://arxiv.org/abs/1708.07747
    """
    return _dataset("fashion_mnist", "FashionMNIST", root, binarisation)


def kmnist(root: Root = None, *, binarisation: Binarisation = "dynamic") -> Dataset:
    """Creates Kuzushiji-MNIST: 60,000 and 10,000 cursive Japanese characters; else as `mnist`.

    References:
        Clanuwat et al. (2018), https://arxiv.org/abs/1812.01718
    """
    return _dataset("kmnist", "KMNIST", root, binarisation)


def read_idx(path: Path) -> Tensor:
    """Reads a gzipped idx file of bytes into a uint8 tensor.

    The format: two zeros, the type (8 is uint8), the number of axes, the length of each axis as a
    big-endian int32, then the bytes, the last axis fastest.

    References:
        http://yann.lecun.com/exdb/mnist/
    """
    data = gzip.decompress(path.read_bytes())
    axes = data[3]
    shape = np.frombuffer(data, ">i4", count=axes, offset=4).tolist()
    return torch.tensor(np.frombuffer(data, np.uint8, offset=4 + 4 * axes)).view(shape)


def _dataset(name: str, known_as: str, root: Root, binarisation: Binarisation) -> Dataset:
    """The set that torchvision knows by a name of its own."""
    from torchvision import datasets  # seconds of imports, which the other sets do without

    family: type[MNIST] = getattr(datasets, known_as)
    paths = {file: find(_file(family, file, md5), root) for file, md5 in family.resources}

    def load(split: str) -> Split:
        images = read_idx(paths[f"{_PREFIX[split]}-images-idx3-ubyte.gz"])
        labels = read_idx(paths[f"{_PREFIX[split]}-labels-idx1-ubyte.gz"])
        return Split(images.unsqueeze(1), labels.long())

    return Dataset(
        name,
        (1, 28, 28),
        load,
        label_names=tuple(label.split(" - ")[0] for label in family.classes),
        binarisation=binarisation,
        binary=binarisation != "none",
        source=family.mirrors[0],
    )


def _file(family: "type[MNIST]", file: str, md5: str) -> File:
    urls = tuple(mirror + file for mirror in family.mirrors)
    return File(f"{family.__name__}/raw/{file}", md5, urls)
