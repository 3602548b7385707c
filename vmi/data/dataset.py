"""What a data set is: two fixed splits of images, with labels and factors where they exist."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from vmi.arrays import missing_class
from vmi.data.given import factors_given, images_given, labels_given, range_problem
from vmi.errors import UserError, beware, unknown
from vmi.random import generator

__all__ = ["Binarisation", "Dataset", "Split", "evenly_spread", "from_arrays", "held_out"]

Binarisation = Literal["none", "dynamic", "static"]


@dataclass(frozen=True)
class Split:
    """Images with their labels and factors.

    Attributes:
        images: (N, C, H, W); uint8 in 0..255 stands for [0, 1], float is taken as it is.
        labels: (N,) int64 class of each image, or None.
        factors: (N, F) ground-truth factors (int64 classes or floats), or None.
    """

    images: Tensor
    labels: Tensor | None = None
    factors: Tensor | None = None

    def __len__(self) -> int:
        """Returns how many images there are."""
        return len(self.images)

    def __getitem__(self, index) -> "Split":
        """Selects rows, from everything that there is."""
        parts = (self.images, self.labels, self.factors)
        return Split(*(None if part is None else part[index] for part in parts))


@dataclass(frozen=True)
class Dataset:
    """A named data set, cheap to create: images are loaded when a split is first asked for.

    Attributes:
        name: The name that stands in records and paths, settings included (`sprites-16`).
        shape: (C, H, W) of one image.
        load: Returns the split called "train" or "evaluation"; the same one every time.
        factor_names: One name for each column of the factors; empty where there are none.
        label_names: What the labels 0, 1, ... stand for; empty where there are none.
        binarisation: How pixels become bits. "none": they are used as they are; "dynamic": drawn
            anew, x ~ Bernoulli(pixel), each time an image is trained on; "static": drawn once.
        binary: Whether the model sees bits (a Bernoulli likelihood asks for them).
        source: Where the data comes from, a URL or a sentence.
    """

    name: str
    shape: tuple[int, int, int]
    load: Callable[[str], Split]
    factor_names: tuple[str, ...] = ()
    label_names: tuple[str, ...] = ()
    binarisation: Binarisation = "none"
    binary: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        """Refuses a binarisation that is none of the three."""
        if self.binarisation not in get_args(Binarisation):
            raise unknown("binarisation", str(self.binarisation), get_args(Binarisation))

    @cached_property
    def train(self) -> Split:
        """The images to train on; bits already where the binarisation is static."""
        return self._loaded("train")

    @cached_property
    def evaluation(self) -> Split:
        """The images to evaluate on; bits already where the binarisation is static."""
        return self._loaded("evaluation")

    def fixed(self, split: str, most: int | None = None) -> Split:
        """Returns a split as every evaluation sees it: floats in [0, 1], bits drawn once.

        With dynamic binarisation the draw's stream is named after the data set and the split, so
        each model, seed and metric is evaluated on the very same bits. Pixels that are not
        binarised are as they are, which for real-valued data can lie outside [0, 1].

        Args:
            split: "train" or "evaluation".
            most: Of more images than that, this many, evenly spread over the split.
        """
        loaded: Split = getattr(self, split)
        if most is not None and most < len(loaded):
            loaded = loaded[evenly_spread(len(loaded), most)]
        if self.binarisation == "dynamic":
            return self._drawn(loaded, split)
        return replace(loaded, images=pixels(loaded.images))

    def check(self) -> None:
        """Checks both splits, and the pixels that models are given.

        Raises:
            UserError: They do not agree with the fields of this data set.
        """
        for name in ("train", "evaluation"):
            split = getattr(self, name)
            if problem := _problem(self, split):
                raise UserError(f"dataset {self.name!r}, {name} split: {problem}")
        self._beware()

    def _beware(self) -> None:
        """Warns of what is no mistake for sure; the evaluation images stand for all."""
        if strange := range_problem(self.evaluation.images):
            beware(f"dataset {self.name!r}: {strange}")
        labels = [split.labels for split in (self.train, self.evaluation)]
        if not any(part is None for part in labels) and (
            said := missing_class("labels", torch.cat(labels))
        ):
            beware(f"dataset {self.name!r}: {said}")

    def _loaded(self, split: str) -> Split:
        loaded = self.load(split)
        return self._drawn(loaded, split) if self.binarisation == "static" else loaded

    def _drawn(self, loaded: Split, split: str) -> Split:
        uniform = torch.rand(loaded.images.shape, generator=generator(self.name, split))
        return replace(loaded, images=bits(pixels(loaded.images), uniform))


def pixels(images: Tensor) -> Tensor:
    """Returns float images: uint8 0..255 becomes [0, 1], floats stay."""
    return images.float() / 255 if images.dtype == torch.uint8 else images


def bits(images: Tensor, uniform: Tensor) -> Tensor:
    """Draws x ~ Bernoulli(pixel) from uniform numbers in [0, 1): 1 where uniform < pixel."""
    return (uniform < images).to(images.dtype)


def _problem(dataset: Dataset, split: Split) -> str:
    """What a split is not that it should be, or ""."""
    images, parts = split.images, (split.labels, split.factors)
    if not all(part is None or torch.is_tensor(part) for part in (images, *parts)):
        return "its arrays are no tensors: write torch.from_numpy(array), or use from_arrays"
    if images.dtype not in (torch.uint8, torch.float32):
        return f"images are {images.dtype}, not uint8 or float32: write images.float()"
    if images.shape[1:] != dataset.shape or len(split) < 2:
        return f"images are {tuple(images.shape)}, not (2 or more, *{dataset.shape})"
    if any(part is not None and len(part) != len(split) for part in parts):
        return "labels or factors are not as many as the images"
    if split.labels is not None and (split.labels.dtype, split.labels.ndim) != (torch.int64, 1):
        shape = tuple(split.labels.shape)
        return f"labels are {split.labels.dtype} {shape}, not N int64: write labels.long()"
    if split.factors is not None and split.factors.shape[1:] != (len(dataset.factor_names),):
        return f"there are {len(dataset.factor_names)} names for its columns of factors"
    problem = _pixel_problem(dataset, images)
    return "; ".join(filter(None, (problem, problem and range_problem(images))))


def _pixel_problem(dataset: Dataset, images: Tensor) -> str:
    """What is wrong with the pixels; looked at in parts, as floats of all may not fit in memory."""
    for part in images.split(1000):
        x = pixels(part)
        if not x.isfinite().all():
            return "a pixel is not finite"
        if dataset.binarisation != "none" and not ((x >= 0) & (x <= 1)).all():
            return "a pixel is not in [0, 1], so it is no probability"
        if dataset.binary and dataset.binarisation == "none" and not ((x == 0) | (x == 1)).all():
            return "a pixel is neither 0 nor 1: say binary=False, or how it becomes a bit"
    return ""


def evenly_spread(n: int, k: int) -> Tensor:
    r"""Returns the indices of k of n rows, :math:`\lfloor i n / k \rfloor`, (k,).

    Example:
        >>> evenly_spread(10, 4), evenly_spread(2, 4)
        (tensor([0, 2, 5, 7]), tensor([0, 0, 1, 1]))
    """
    return torch.arange(k) * n // k


def held_out(n: int, name: str, fraction: float = 0.2) -> tuple[Tensor, Tensor]:
    """Splits range(n) by a permutation that the name alone fixes; returns (train, evaluation)."""
    order = torch.randperm(n, generator=generator(name, "split"))
    cut = round(n * (1 - fraction))
    return order[:cut].sort().values, order[cut:].sort().values


def from_arrays(
    name: str,
    images: Any,
    labels: Any = None,
    factors: Any = None,
    **fields,
) -> Dataset:
    """Creates a data set from arrays; a fifth of it, fixed by the name, is for evaluation.

    An array is one of NumPy, a tensor or a list.

    Args:
        name: The data set's name.
        images: (N, C, H, W), uint8 in 0..255 or float in [0, 1].
        labels: (N,) whole numbers, or None.
        factors: (N, F) or (N,), or None; whole numbers are classes, floats are continuous.
        fields: Further fields of `Dataset`, such as `binarisation` or `factor_names`; factors
            without names are numbered.

    Raises:
        UserError: An array is no such one; the message says what to write.
    """
    try:
        images = images_given(images)
        n = len(images)
        whole = Split(images, labels_given(labels, n), factors_given(factors, n))
    except UserError as error:
        raise UserError(f"dataset {name!r}: {error}") from error
    if whole.factors is not None:
        numbered = tuple(f"factor {i}" for i in range(whole.factors.shape[1]))
        fields.setdefault("factor_names", numbered)
    rows = dict(zip(("train", "evaluation"), held_out(n, name), strict=True))
    return Dataset(name, tuple(images.shape[1:]), lambda split: whole[rows[split]], **fields)
