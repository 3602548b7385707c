"""dSprites from its official file, where the user has it; `sprites` draws the same without it."""

import zipfile
from pathlib import Path
from typing import IO

import numpy as np
import torch
from torch import Tensor

from vmi.data.dataset import Dataset, Split, held_out
from vmi.data.files import File, find
from vmi.data.sprites import FACTORS, SHAPES, SOURCE

__all__ = ["dsprites"]

NAME = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
# We found no checksum by the authors; several independent loaders on GitHub that fetch the file
# from the authors' repository agree on this one.
MD5 = "7da33b31b13a06f4b04a70402ce90c2e"
FILE = File(f"dsprites/{NAME}", MD5, (f"{SOURCE}/raw/master/{NAME}",))
CHUNK = 4096  # images read at once: 16 MB


def dsprites(root: Path | str | None = None) -> Dataset:
    """Creates dSprites: 737,280 binary images of 64 x 64 on a grid of five factors.

    Factors are class indices 0, 1, ... of shape, scale, orientation, x and y (the colour has one
    value and is left out); the label is the shape. Images are read in pieces, so a split takes
    little more memory than it holds (2.4 GB to train on). The file's `metadata` is a pickle and is
    never opened.

    Args:
        root: The data root; see `vmi.data.load`.

    Raises:
        UserError: The file is missing or is not the official one.

    References:
        Matthey et al. (2017), https://github.com/google-deepmind/dsprites-dataset
    """
    path = find(FILE, root)
    return Dataset(
        "dsprites",
        (1, 64, 64),
        lambda split: _split(path, split == "evaluation"),
        FACTORS,
        SHAPES,
        source=SOURCE,
    )


def _split(path: Path, evaluation: bool) -> Split:
    with np.load(path, allow_pickle=False) as arrays:
        classes = torch.from_numpy(arrays["latents_classes"][:, 1:].astype(np.int64))
    rows = held_out(len(classes), "dsprites")[int(evaluation)]
    return Split(_images(path, rows, len(classes)), classes[rows, 0], classes[rows])


def _images(path: Path, rows: Tensor, n: int) -> Tensor:
    """Reads the given rows, in rising order, of the compressed images; (len(rows), 1, 64, 64)."""
    images = torch.empty(len(rows), 1, 64, 64, dtype=torch.uint8)
    wanted = torch.zeros(n, dtype=torch.bool)
    wanted[rows] = True
    done = 0
    with zipfile.ZipFile(path) as archive, archive.open("imgs.npy") as stream:
        _skip_header(stream)
        for keep in wanted.split(CHUNK):
            block = bytearray(stream.read(len(keep) * 64 * 64))
            chosen = torch.frombuffer(block, dtype=torch.uint8).view(-1, 1, 64, 64)[keep]
            images[done : done + len(chosen)] = chosen * 255
            done += len(chosen)
    return images


def _skip_header(stream: IO[bytes]) -> None:
    np.lib.format.read_magic(stream)
    np.lib.format.read_array_header_1_0(stream)
