"""Arrays of the user's own: read from an npz file, and refused in one line where they are wrong."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vmi.arrays import is_discrete
from vmi.commands.show import beware
from vmi.errors import UserError, reason, unknown

__all__ = ["Npz", "beware_of_constants", "constant", "listed"]


class Npz:
    """The arrays of an npz file, each checked when it is taken; nothing in the file is ever run.

    Args:
        path: The file.

    Raises:
        UserError: It cannot be read, is no npz file, or holds Python objects.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.arrays = self._load()
        except UserError:
            raise
        except OSError as error:
            raise self.error(f"cannot be read ({error.strerror or error})") from error
        except Exception as error:  # a file from anywhere can be broken in any way
            raise self.error(f"cannot be read ({reason(error)})") from error

    def error(self, text: str) -> UserError:
        """Creates the error that says what is wrong with the file."""
        return UserError(" ".join(f"{self.path}: {text}".split()))

    def beware_of_others(self, known: Iterable[str]) -> None:
        """Says which arrays nobody reads: a misspelt name is the commonest reason."""
        for name in sorted(self.arrays.keys() - set(known)):
            beware(f"{self.path}: {unknown('array', name, known)}; it is not read")

    def table(self, name: str, flat: bool = True) -> np.ndarray:
        """Returns a finite array of two rows or more as (N, D): int64, float32 or float64.

        Args:
            name: The array's.
            flat: Whether (N,) will do, as (N, 1).

        Raises:
            UserError: It is missing, or not such an array.
        """
        if name not in self.arrays:
            there = listed(self.arrays) or "none"
            raise self.error(f"array {name!r} is missing; there is: {there}")
        array = self._numbers(name)
        if array.ndim != 2 and not (flat and array.ndim == 1):
            wanted = "(N,) or (N, D)" if flat else "(N, D)"
            raise self.error(f"{name!r} has the shape {array.shape}, not {wanted}")
        if len(array) < 2:
            raise self.error(f"{name!r} has {len(array)} rows; nothing can be said of fewer than 2")
        array = array if array.ndim == 2 else array[:, None]
        if not (good := np.isfinite(array).all(1)).all():
            row = int(good.argmin())
            raise self.error(f"{name!r} holds NaN or infinity, first in row {row} (from 0)")
        return array

    def same_length(self, **arrays: np.ndarray) -> None:
        """Checks that all arrays have as many rows.

        Raises:
            UserError: They have not.
        """
        if len({len(array) for array in arrays.values()}) > 1:
            lengths = listed(f"{name} {len(array)}" for name, array in arrays.items())
            raise self.error(f"the arrays differ in their number of rows: {lengths}")

    def _load(self) -> dict[str, np.ndarray]:
        if self.path.is_file() and not zipfile.is_zipfile(self.path):
            raise self.error("is no npz file: write it by numpy.savez")
        with self.path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            return {name: self._read(file, name) for name in file.files}

    def _read(self, file: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
        try:
            array = file[name]
        except Exception as error:
            why = "it holds Python objects" if "allow_pickle" in str(error) else reason(error)
            raise self.error(f"{name!r} cannot be read ({why})") from error
        if not isinstance(array, np.ndarray):
            raise self.error(f"{name!r} is not an array")
        return array

    def _numbers(self, name: str) -> np.ndarray:
        array = self.arrays[name]
        if is_discrete(array):
            return array.astype(np.int64)
        if array.dtype.kind != "f":
            kind = "text" if array.dtype.kind in "US" else array.dtype.name
            raise self.error(f"{name!r} holds {kind}, not numbers")
        with np.errstate(over="ignore"):  # a wider number becomes an infinity, which is refused
            return array.astype(np.float32 if array.dtype.itemsize == 4 else np.float64)


def constant(array: np.ndarray) -> np.ndarray:
    """Says which columns of an array (N, D) have one value, (D,)."""
    return (array == array[:1]).all(0)


def beware_of_constants(name: str, still: np.ndarray, after: str = "") -> None:
    """Says which columns of an array are constant, in one line; nothing where none is.

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
    """Returns things with commas between them."""
    return ", ".join(map(str, names))
