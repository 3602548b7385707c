"""`vmi mi`: the mutual information of two arrays of the user's own, from an npz file."""

from collections.abc import Sequence
from pathlib import Path

from vmi.commands.arrays import Arrays
from vmi.commands.estimating import WANTED, estimates
from vmi.commands.rows import print_rows

__all__ = ["mi"]


def mi(
    file: Path, estimators: Sequence[str] | None = None, seed: int = 0, json: bool = False
) -> None:
    """Prints what `vmi.mi` returns for x and y in an npz file, given z where z is there.

    Args:
        file: Holds x and y, N or N x D each, and maybe z, and maybe groups, N numbers or names.
        estimators: Their names; all that apply without them.
        seed: Of every random number.
        json: Print JSON.

    Raises:
        UserError: The file is malformed, or nobody knows an estimator.
    """
    print_rows(estimates(lambda: Arrays.read(file, WANTED), estimators, seed), json)
