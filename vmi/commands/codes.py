"""Codes of the user's own, with what is known of their images: from arrays to `Codes`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vmi.arrays import class_problem, is_discrete, is_one_hot, missing_class
from vmi.commands.arrays import (
    Arrays,
    beware_of_constants,
    columns_of,
    constant,
    is_path,
    listed,
)
from vmi.commands.beware import beware
from vmi.nets.codes import Codes

__all__ = ["KnownCodes", "read_codes"]

KNOWN = (
    *("codes", "codes_categorical", "codes_scale"),
    *("factors", "factor_names", "discrete", "labels"),
)
OF_COLUMNS = ("factor_names", "discrete")  # and not of rows
NUMBERED = "codes_categorical_[0-9]+"
CLASSES = 10_000  # of a factor or of the labels, at most
SUM = 1e-3  # how far a row of probabilities may be from a sum of 1


@dataclass(frozen=True)
class KnownCodes:
    """Codes, and what is known of their images.

    Attributes:
        codes: The posteriors, with the factors that vary and the labels; without scales, those are
            zeros.
        factor_names: Of those factors.
        source: The file that they come from; "" for arrays in memory.
        discrete: Which of the factors are classes.
    """

    codes: Codes
    factor_names: tuple[str, ...] = ()
    source: str = ""
    discrete: tuple[bool, ...] = ()


def read_codes(
    codes: Any = None,
    factors: Any = None,
    labels: Any = None,
    scale: Any = None,
    categorical: Any = None,
    factor_names: Sequence[str] | None = None,
    discrete: Sequence[bool] | None = None,
) -> KnownCodes:
    """Returns codes as people have them; warns of what varies nowhere.

    The parameters are those of `vmi.score`.

    Raises:
        UserError: An array is malformed, or the file is.
    """
    if factor_names is None and columns_of(factors):
        factor_names = [str(name) for name in factors.columns]
    if discrete is None and len({is_discrete(column) for column in columns_of(factors)}) > 1:
        discrete = [is_discrete(column) for column in columns_of(factors)]
    known = {"factors": factors, "factor_names": factor_names, "labels": labels}
    known |= {"discrete": discrete}
    arrays = _arrays(codes)
    arrays.arrays |= Arrays({**known, "codes_scale": scale, **_numbered(categorical)}).arrays
    return _known(arrays)


def _known(arrays: Arrays) -> KnownCodes:
    """What arrays say by their names; classes become 0, 1, 2 ... in their order."""
    there = [name for name in arrays.arrays if name not in ("codes_scale", *OF_COLUMNS)]
    arrays.same_length(**{n: arrays.arrays[n] for n in there if arrays.arrays[n].ndim})
    blocks = _blocks(arrays)
    arrays.beware_of_others([*KNOWN, *blocks])
    mean = _mean(arrays, next(iter(blocks.values()), None))
    labels = _labels(arrays)
    factors, names, discrete = _factors(arrays)
    if "factors" not in arrays.arrays and labels is not None:
        beware("there are no factors: the labels serve as the one factor")
        factors, names, discrete = labels[:, None], ("label",), (True,)
    codes = Codes(
        torch.from_numpy(mean),
        _scale(arrays, mean),
        tuple(map(torch.from_numpy, blocks.values())),
        None if labels is None else torch.from_numpy(labels),
        None if factors is None else torch.from_numpy(factors),
    )
    return KnownCodes(codes, names, arrays.source, discrete)


def _arrays(codes: Any) -> Arrays:
    """A file, arrays by the names that they have in one, or the codes alone."""
    if is_path(codes):
        return Arrays.read(codes, "|".join([*KNOWN, NUMBERED]))
    return Arrays(codes if isinstance(codes, Mapping) else {"codes": codes})


def _numbered(categorical: Any) -> dict[str, Any]:
    """One block of probabilities, or a list of them, by the names that they have in a file."""
    several = isinstance(categorical, list | tuple) and {*map(np.ndim, categorical)} == {2}
    if not several:
        return {"codes_categorical": categorical}
    return {f"codes_categorical_{i}": block for i, block in enumerate(categorical)}


def _mean(arrays: Arrays, block: np.ndarray | None) -> np.ndarray:
    if "codes" not in arrays.arrays and block is not None:
        return np.zeros((len(block), 0))
    if "codes" not in arrays.arrays:
        raise arrays.error("holds neither 'codes' nor 'codes_categorical'")
    mean = _floats(arrays.table("codes", flat=False))
    if not mean.shape[1] and block is None:
        raise arrays.error("'codes' has no columns, and there is no 'codes_categorical'")
    beware_of_constants("codes", constant(mean))
    return mean


def _scale(arrays: Arrays, mean: np.ndarray) -> Tensor:
    """The standard deviations; zeros where not all dimensions have one, so no code a density."""
    scale = np.zeros_like(mean)
    if "codes_scale" in arrays.arrays:
        scale = _floats(arrays.table("codes_scale", flat=False))
        if scale.shape != mean.shape:
            shapes = f"{scale.shape}, and 'codes' {mean.shape}"
            raise arrays.error(f"'codes_scale' has the shape {shapes}")
        if (scale < 0).any():
            raise arrays.error("'codes_scale' holds negative numbers")
        if not scale.all():
            beware("codes_scale holds zeros, and a code without width has no density: not read")
            scale = np.zeros_like(mean)
    return torch.from_numpy(scale)


def _blocks(arrays: Arrays) -> dict[str, np.ndarray]:
    """The categorical blocks by their names, in order."""
    numbered = [name for name in arrays.arrays if re.fullmatch(NUMBERED, name)]
    names = [f"codes_categorical_{i}" for i in range(len(numbered))]
    if "codes_categorical" in arrays.arrays:
        names = ["codes_categorical", *names]
        if numbered:
            raise arrays.error("'codes_categorical' stands beside numbered ones: number them all")
    return {name: _probabilities(arrays, name) for name in names}


def _probabilities(arrays: Arrays, name: str) -> np.ndarray:
    given = arrays.arrays.get(name)
    if (
        given is not None
        and is_discrete(given)
        and given.ndim in (1, 2)
        and given.max(initial=0) > 1
    ):
        classes = f"{name}{'' if given.ndim == 1 else '[:, 0]'}"
        raise arrays.error(
            f"{name!r} holds class numbers, not probabilities: write numpy.eye(K)[{classes}], K of "
            f"the classes, or {name} / {name}.sum(1, keepdims=True) if they are counts"
        )
    p = _floats(arrays.table(name, flat=False))
    logits = f": of logits write scipy.special.softmax({name}, 1)"
    if (p < 0).any():
        raise arrays.error(f"{name!r} holds negative probabilities{logits}")
    if not (good := abs(p.sum(1) - 1) <= SUM).all():
        row = int(good.argmin())
        total = f"the probabilities of row {row} sum to {p[row].sum():.4g}"
        raise arrays.error(f"{name!r}: {total}{logits}")
    if constant(p).all():
        beware(f"{name} is constant")
    return p


def _factors(arrays: Arrays) -> tuple[np.ndarray | None, tuple[str, ...], tuple[bool, ...]]:
    """The factors that vary, their names, and which are classes; None where there is none."""
    if "factors" not in arrays.arrays:
        return None, (), ()
    factors = arrays.table("factors")
    names = _factor_names(arrays, factors.shape[1])
    discrete = _discrete(arrays, factors)
    still = constant(factors)
    called = (
        names if "factor_names" in arrays.arrays else [f"{i} (from 0)" for i in range(len(names))]
    )
    if constants := [called[i] for i in np.flatnonzero(still)]:
        one = len(constants) == 1
        verb = (
            "factor {} is constant; it is left out" if one else "factors {} are constant; left out"
        )
        beware(verb.format(listed(constants)))
    if still.all():
        return None, (), ()
    factors, discrete = factors[:, ~still], discrete[~still]
    names = tuple(name for name, out in zip(names, still, strict=True) if not out)
    if is_one_hot(factors):
        beware("factors are one-hot: as one factor of K classes they are factors.argmax(1)")
    if discrete.all():
        return (
            np.stack([_ranked(arrays, "factors", column) for column in factors.T], 1),
            names,
            tuple(discrete),
        )
    return factors, names, tuple(map(bool, discrete))


def _discrete(arrays: Arrays, factors: np.ndarray) -> np.ndarray:
    """Which factors are classes: what is said, or else all of an array of integers."""
    whole = (factors == np.round(factors)).all(0)
    count = factors.shape[1]
    if "discrete" in arrays.arrays:
        said = arrays.arrays["discrete"]
        if (
            said.shape != (count,)
            or said.dtype.kind not in "biu"
            or not np.isin(said, (0, 1)).all()
        ):
            raise arrays.error(f"'discrete' is not {count} truth values, one a column of factors")
        if (said & ~whole).any():
            raise arrays.error("'discrete' names a factor that is not of whole numbers")
        return said.astype(bool)
    if is_discrete(factors):
        for i, column in enumerate(factors.T):
            if missing := missing_class(f"column {i} of factors", column):
                beware(missing)
        return np.ones(count, bool)
    varying = ~constant(factors)
    if whole[varying].all():
        beware("factors are floats, so continuous, but all are whole: save classes as integers")
    elif (whole & varying).any():
        columns = listed(np.flatnonzero(whole & varying))
        beware(
            f"factors are floats, so continuous, but columns {columns} (from 0) hold whole numbers "
            "alone: if these are classes, say so by `discrete`, a truth value a column"
        )
    return np.zeros(count, bool)


def _factor_names(arrays: Arrays, count: int) -> list[str]:
    if "factor_names" not in arrays.arrays:
        return [f"factor-{i}" for i in range(count)]
    array = np.atleast_1d(arrays.arrays["factor_names"])
    if array.dtype.kind not in "US" or array.ndim != 1:
        raise arrays.error("'factor_names' is not a list of texts")
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    names = [" ".join(str(name).split()) for name in array]
    if len(names) != count:
        raise arrays.error(f"'factor_names' has {len(names)} names, and 'factors' {count} columns")
    if not all(names) or len(set(names)) < count:
        raise arrays.error("'factor_names' holds an empty name, or one twice")
    return names


def _labels(arrays: Arrays) -> np.ndarray | None:
    if "labels" not in arrays.arrays:
        return None
    if problem := class_problem("labels", arrays.arrays["labels"]):
        raise arrays.error(problem)
    labels = arrays.table("labels")
    if constant(labels).all():
        beware("labels is constant; it is left out")
        return None
    if missing := missing_class("labels", labels):
        beware(missing)
    return _ranked(arrays, "labels", labels[:, 0])


def _ranked(arrays: Arrays, name: str, classes: np.ndarray) -> np.ndarray:
    """Classes as 0, 1, 2 ... in their order; a classifier of ever more of them never ends."""
    values, ranks = np.unique(classes, return_inverse=True)
    if len(values) > CLASSES:
        raise arrays.error(f"{name!r} holds {len(values):,} classes: save an amount as floats")
    return ranks.astype(np.int64)


def _floats(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype == np.int64 else array
