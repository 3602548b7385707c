"""Codes of the user's own, as an npz file says them."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vmi.commands.npz import Npz, beware_of_constants, constant
from vmi.commands.show import beware
from vmi.nets.codes import Codes

__all__ = ["OwnCodes", "read_codes"]

KNOWN = ("codes", "codes_categorical", "codes_scale", "factors", "factor_names", "labels")
SUM = 1e-3  # how far a row of probabilities may be from a sum of 1


@dataclass(frozen=True)
class OwnCodes:
    """What a file says.

    Attributes:
        codes: The posteriors, with the factors that vary and the labels; without scales in the
            file, those are zeros.
        factor_names: Of those factors.
    """

    codes: Codes
    factor_names: tuple[str, ...] = ()


def read_codes(path: Path) -> OwnCodes:
    """Reads codes, and what is known of their images; flags what varies nowhere.

    Classes become 0, 1, 2 ... in their order.

    Raises:
        UserError: The file is malformed.
    """
    file = Npz(path)
    blocks = _blocks(file)
    file.beware_of_others([*KNOWN, *blocks])
    mean = _mean(file, next(iter(blocks.values()), None))
    factors, names = _factors(file)
    labels = _labels(file)
    known = {"codes": mean, **blocks, "factors": factors, "labels": labels}
    file.same_length(**{name: array for name, array in known.items() if array is not None})
    codes = Codes(
        torch.from_numpy(mean),
        _scale(file, mean),
        tuple(map(torch.from_numpy, blocks.values())),
        None if labels is None else torch.from_numpy(labels),
        None if factors is None else torch.from_numpy(factors),
    )
    return OwnCodes(codes, names)


def _mean(file: Npz, block: np.ndarray | None) -> np.ndarray:
    if "codes" not in file.arrays and block is not None:
        return np.zeros((len(block), 0))
    if "codes" not in file.arrays:
        raise file.error("holds neither 'codes' nor 'codes_categorical'")
    mean = _floats(file.table("codes", flat=False))
    if not mean.shape[1] and block is None:
        raise file.error("'codes' has no columns, and there is no 'codes_categorical'")
    beware_of_constants("codes", constant(mean))
    return mean


def _scale(file: Npz, mean: np.ndarray) -> Tensor:
    """The standard deviations; zeros where not all dimensions have one, so no code a density."""
    scale = np.zeros_like(mean)
    if "codes_scale" in file.arrays:
        scale = _floats(file.table("codes_scale", flat=False))
        if scale.shape != mean.shape:
            shapes = f"{scale.shape}, and 'codes' {mean.shape}"
            raise file.error(f"'codes_scale' has the shape {shapes}")
        if (scale < 0).any():
            raise file.error("'codes_scale' holds negative numbers")
        if not scale.all():
            beware("codes_scale holds zeros, and a code without width has no density: not read")
            scale = np.zeros_like(mean)
    return torch.from_numpy(scale)


def _blocks(file: Npz) -> dict[str, np.ndarray]:
    """The categorical blocks by their names, in order."""
    numbered = [name for name in file.arrays if re.fullmatch(r"codes_categorical_[0-9]+", name)]
    names = [f"codes_categorical_{i}" for i in range(len(numbered))]
    if "codes_categorical" in file.arrays:
        names = ["codes_categorical", *names]
        if numbered:
            raise file.error("'codes_categorical' stands beside numbered ones: number them all")
    return {name: _probabilities(file, name) for name in names}


def _probabilities(file: Npz, name: str) -> np.ndarray:
    p = _floats(file.table(name, flat=False))
    if (p < 0).any():
        raise file.error(f"{name!r} holds negative probabilities")
    if not (good := abs(p.sum(1) - 1) <= SUM).all():
        row = int(good.argmin())
        raise file.error(f"{name!r}: the probabilities of row {row} sum to {p[row].sum():.4g}")
    if constant(p).all():
        beware(f"{name} is constant")
    return p


def _factors(file: Npz) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The factors that vary, and their names; None where there is none."""
    if "factors" not in file.arrays:
        return None, ()
    factors = file.table("factors")
    names = _factor_names(file, factors.shape[1])
    for i in np.flatnonzero(still := constant(factors)):
        name = names[i] if "factor_names" in file.arrays else f"{i} (from 0)"
        beware(f"factor {name} is constant; it is left out")
    if still.all():
        return None, ()
    factors = factors[:, ~still]
    names = tuple(name for name, out in zip(names, still, strict=True) if not out)
    if factors.dtype == np.int64:
        return np.stack([_ranked(column) for column in factors.T], 1), names
    if (factors == factors.round()).all():
        beware("factors are floats, so continuous, but all are whole: save classes as integers")
    return factors, names


def _factor_names(file: Npz, count: int) -> list[str]:
    if "factor_names" not in file.arrays:
        return [f"factor-{i}" for i in range(count)]
    array = np.atleast_1d(file.arrays["factor_names"])
    if array.dtype.kind not in "US" or array.ndim != 1:
        raise file.error("'factor_names' is not a list of texts")
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    names = [" ".join(str(name).split()) for name in array]
    if len(names) != count:
        raise file.error(f"'factor_names' has {len(names)} names, and 'factors' {count} columns")
    if not all(names) or len(set(names)) < count:
        raise file.error("'factor_names' holds an empty name, or one twice")
    return names


def _labels(file: Npz) -> np.ndarray | None:
    if "labels" not in file.arrays:
        return None
    labels = file.table("labels")
    if labels.dtype != np.int64 or labels.shape[1] != 1:
        raise file.error("'labels' is not N integers")
    if constant(labels).all():
        beware("labels is constant; it is left out")
        return None
    return _ranked(labels[:, 0])


def _ranked(classes: np.ndarray) -> np.ndarray:
    return np.unique(classes, return_inverse=True)[1].astype(np.int64)


def _floats(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype == np.int64 else array
