"""Arrays of the user's own, from a file or from memory, checked before anything is computed."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vmi.arrays import as_array, is_discrete
from vmi.commands.beware import beware
from vmi.commands.npz import read_npz
from vmi.errors import UserError, nearest, reason, unknown

__all__ = [
    "Arrays",
    "as_numpy",
    "beware_of_constants",
    "columns_of",
    "constant",
    "is_path",
    "listed",
]

LARGEST = 1e100  # of a number: the square of a sum of such has no infinity yet
COLUMNS = 50_000  # of an array, at most
SHOWN = 10  # of a list of names


class Arrays:
    """Named arrays, each checked when it is taken.

    Args:
        arrays: NumPy arrays, tensors on any device, frames, series or lists by their names; None
            stands for one that is not there.
        source: The file that holds them, which a message begins with.

    Raises:
        UserError: One is no array.
    """

    def __init__(self, arrays: Mapping[str, Any], source: str = "") -> None:
        self.source, self.others = source, []
        self.arrays = {name: self._array(name, a) for name, a in arrays.items() if a is not None}

    @classmethod
    def read(cls, path: str | os.PathLike, wanted: str) -> "Arrays":
        """Reads the arrays of an npz file whose names match; nothing in it is ever run.

        Args:
            path: The file's.
            wanted: A regular expression; arrays of other names are not loaded.

        Raises:
            UserError: It cannot be read, is no npz file, or holds Python objects.
        """
        file = cls({}, str(path))
        try:
            file.arrays, file.others = read_npz(Path(path), wanted)
        except UserError as error:
            raise file.error(str(error)) from error
        except OSError as error:
            raise file.error(f"cannot be read ({error.strerror or error})") from error
        except Exception as error:  # a file from anywhere can be broken in any way
            raise file.error(f"cannot be read ({reason(error)})") from error
        return file

    def error(self, text: str) -> UserError:
        """Creates the error that says what is wrong with the arrays."""
        return UserError(" ".join(f"{self._prefix}{text}".split()))

    def beware_of_others(self, known: Iterable[str]) -> None:
        """Warns of arrays that nobody reads: a misspelt name is the commonest reason."""
        known = list(known)
        others = sorted({*self.arrays, *self.others} - {*known})
        if len(others) == 1:
            beware(f"{self._prefix}{unknown('array', others[0], known)}; it is not read")
        elif others:
            named = listed(
                f"{name!r}{hint and f' ({hint})'}" for name, hint in _hints(others, known)
            )
            beware(f"{self._prefix}unknown arrays {named}; they are not read")

    def table(self, name: str, flat: bool = True) -> np.ndarray:
        """Returns a finite array of two rows or more as (N, D): int64, float32 or float64.

        Args:
            name: The array's.
            flat: Whether (N,) will do, as (N, 1).

        Raises:
            UserError: It is missing, or not such an array.
        """
        if name not in self.arrays:
            there = listed([*self.arrays, *self.others]) or "none"
            raise self.error(f"array {name!r} is missing; there is: {there}")
        array = self._numbers(name)
        if array.ndim != 2 and not (flat and array.ndim == 1):
            wanted = "(N,) or (N, D)" if flat else "(N, D)"
            raise self.error(
                f"{name!r} has the shape {array.shape}, not {wanted}{_mend(name, array)}"
            )
        if len(array) < 2:
            raise self.error(f"{name!r} has {len(array)} rows; nothing can be said of fewer than 2")
        array = array if array.ndim == 2 else array[:, None]
        if not (good := np.isfinite(array).all(1)).all():
            row = int(good.argmin())
            said = f"{name!r} holds NaN or infinity, first in row {row} (from 0)"
            raise self.error(f"{said}: leave such rows out, of every array")
        if max(float(array.max(initial=0)), -float(array.min(initial=0))) > LARGEST:
            raise self.error(f"{name!r} holds numbers beyond {LARGEST:.0e}: choose a larger unit")
        if array.shape[1] > COLUMNS:
            raise self.error(f"{name!r} has {array.shape[1]:,} columns, more than {COLUMNS:,}")
        if array.shape[1] > len(array):
            shape = f"{len(array)} rows and {array.shape[1]} columns"
            beware(
                f"{self._prefix}{name} has {shape}: is it transposed? A row is an image, or a pair"
            )
        return array

    def same_length(self, **arrays: np.ndarray) -> None:
        """Checks that all arrays have as many rows.

        Raises:
            UserError: They have not.
        """
        if len({len(array) for array in arrays.values()}) > 1:
            lengths = listed(f"{name} {len(array)}" for name, array in arrays.items())
            turned = listed(f"{name}.T" for name in _transposed(arrays))
            hint = turned and f"; are some transposed? Write {turned}"
            raise self.error(f"the arrays differ in their number of rows: {lengths}{hint}")

    @property
    def _prefix(self) -> str:
        return f"{self.source}: " if self.source else ""

    def _array(self, name: str, values: Any) -> np.ndarray:
        try:
            return as_numpy(values)
        except Exception as error:  # lists may be ragged, and tensors of any kind
            raise self.error(f"{name!r} is not an array ({reason(error)})") from error

    def _numbers(self, name: str) -> np.ndarray:
        array = self.arrays[name]
        if is_discrete(array):
            return array.astype(np.int64)
        if array.dtype.kind != "f":
            text = array.dtype.kind in "US" or any(isinstance(value, str) for value in array.flat)
            kind = "text" if text else array.dtype.name
            raise self.error(f"{name!r} holds {kind}, not numbers{_as_numbers(name, array, text)}")
        with np.errstate(over="ignore"):  # a wider number becomes an infinity, which is refused
            return array.astype(np.float32 if array.dtype.itemsize == 4 else np.float64)


def as_numpy(values: Any) -> np.ndarray:
    """Returns an array, a tensor on any device, a frame, a series or a list as a NumPy array.

    A frame's columns have the type that they have in common: integers, unless one has floats.

    Example:
        >>> import torch
        >>> as_numpy(torch.ones(2, requires_grad=True)).tolist()
        [1.0, 1.0]
    """
    if len(each := columns_of(values)) > 0:
        return np.stack(each, 1)
    return as_array(values)


def columns_of(values: Any) -> list[np.ndarray]:
    """Returns the columns of a pandas frame, each of a type of its own; none of all else."""
    if not (hasattr(values, "iloc") and values.ndim == 2):
        return []
    return [np.asarray(values.iloc[:, i]) for i in range(values.shape[1])]


def is_path(values: Any) -> bool:
    """Says whether arrays are given as the path of their file."""
    return isinstance(values, str | os.PathLike)


def constant(array: np.ndarray) -> np.ndarray:
    """Says which columns of an array (N, D) have one value, (D,)."""
    return (array == array[:1]).all(0)


def beware_of_constants(name: str, still: np.ndarray, after: str = "") -> None:
    """Warns of the columns of an array that are constant, in one line.

    Args:
        name: The array's.
        still: Which columns are constant, (D,).
        after: What follows from it.
    """
    columns = listed(np.flatnonzero(still))
    if still.any():
        verb = "column {} of {} is" if still.sum() == 1 else "columns {} of {} are"
        beware(f"{verb.format(columns, name)} constant (counted from 0){after}")


def listed(names: Iterable[object]) -> str:
    """Returns things with commas between them, of many the first.

    Example:
        >>> listed(range(3)), listed(range(100))[-19:]
        ('0, 1, 2', '7, 8, 9 and 90 more')
    """
    names = list(map(str, names))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN + 1 else ""
    return ", ".join(names[:SHOWN] if more else names) + more


def _hints(names: Sequence[str], known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names with what was meant by each, where it is told."""
    for name in names:
        near = nearest(name, known)
        yield name, near and f"did you mean {near!r}?"


def _mend(name: str, array: np.ndarray) -> str:
    if array.ndim == 1:
        return f": write {name}[:, None]"
    return f": write {name}.reshape(len({name}), -1)" if array.ndim > 2 else ""


def _as_numbers(name: str, array: np.ndarray, text: bool) -> str:
    """What makes numbers of what is none; of complex numbers there is no one way."""
    if text and name in ("factors", "labels"):
        return f": write numpy.unique({name}, return_inverse=True)[1]"
    return f": write {name}.astype(float)" if text or array.dtype.kind == "O" else ""


def _transposed(arrays: Mapping[str, np.ndarray]) -> list[str]:
    """Which arrays to turn so that all have as many rows, the fewest; none where nothing helps."""
    found = []
    for n in {size for array in arrays.values() for size in array.shape}:
        if all(n in array.shape for array in arrays.values()):
            found.append([name for name, array in arrays.items() if len(array) != n])
    return min(found, key=len, default=[])
