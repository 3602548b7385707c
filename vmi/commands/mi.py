"""`vmi mi`: the mutual information of two arrays of the user's own, from an npz file."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from vmi.commands.arrays import Arrays
from vmi.commands.estimating import WANTED, estimates
from vmi.commands.rows import print_rows
from vmi.errors import UserError

__all__ = ["mi"]


def mi(
    file: Path,
    estimators: Sequence[str] | None = None,
    seed: int = 0,
    permutations: int = 0,
    local: Path | None = None,
    json: bool = False,
) -> None:
    """Prints what `vmi.mi` returns for x and y in an npz file, given z where z is there.

    Args:
        file: Holds x and y, N or N x D each, and maybe z, and maybe groups, N numbers or names.
        estimators: Their names; all that apply without them.
        seed: Of every random number.
        permutations: For a p-value below each estimate; none if it is 0.
        local: An npz file to write, with what each pair contributes to an estimate, by its name.
        json: Print JSON.

    Raises:
        UserError: The file is malformed, nobody knows an estimator, or `local` cannot be written.
    """
    terms: dict[str, np.ndarray] | None = None if local is None else {}
    read = partial(Arrays.read, file, WANTED)
    rows = estimates(read, estimators, seed, permutations, terms)
    if local is not None:
        _write(local, terms or {})
    print_rows(rows, json)


def _write(path: Path, terms: Mapping[str, np.ndarray]) -> None:
    try:
        with path.open("wb") as file:  # of this name: NumPy would add an ending to another
            np.savez(file, **terms)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from error
