"""`vmi independence`: whether two arrays of the user's own are independent, from an npz file."""

from collections.abc import Sequence
from pathlib import Path

from vmi.commands.arrays import Arrays
from vmi.commands.estimating import WANTED
from vmi.commands.rows import print_rows
from vmi.commands.testing import outcomes

__all__ = ["independence"]


def independence(
    file: Path, tests: Sequence[str] | None = None, seed: int = 0, json: bool = False
) -> None:
    """Prints what `vmi.independence` returns for x and y in an npz file, given z where z is there.

    Args:
        file: Holds x and y, N or N x D each, and maybe z.
        tests: Their names; all that apply without them.
        seed: Of every random number.
        json: Print JSON.

    Raises:
        UserError: The file is malformed, or nobody knows a test.
    """
    print_rows(outcomes(lambda: Arrays.read(file, WANTED), tests, seed), json)
