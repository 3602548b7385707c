"""The project's known answers: every instrument held against a truth that is known on paper.

The package can be called: `vmi.verify()` asks every case.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from vmi.verify.case import Case

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ROOMS", "Case", "cases"]

# Each module has a function `cases` that returns its known answers.
ROOMS = {
    "tasks": "vmi.verify.tasks",
    "classical": "vmi.verify.classical",
    "tables": "vmi.verify.tables",
    "permutation": "vmi.verify.permutation",
    "pointwise": "vmi.verify.pointwise",
    "classes": "vmi.verify.classes",
    "neural": "vmi.verify.neural",
    "model": "vmi.verify.model",
    "counts": "vmi.verify.counts",
    "predictors": "vmi.verify.predictors",
    "likelihood": "vmi.verify.likelihood",
    "ladder": "vmi.verify.ladder",
    "priors": "vmi.verify.priors",
    "resampled": "vmi.verify.resampled",
    "arms": "vmi.verify.arms",
    "statistics": "vmi.verify.statistics",
    "independence": "vmi.verify.independence",
    "networks": "vmi.verify.networks",
}


def cases(room: str) -> list[Case]:
    """Returns the known answers of a room."""
    return import_module(ROOMS[room]).cases()


class Verify(ModuleType):
    """This package, which can be called."""

    def __call__(self, *rooms: str) -> "pd.DataFrame":
        """Returns what every instrument says where the truth is known, a row a known answer.

        The column `holds` says whether what it says (`got`) is as near to the `truth` as the case
        demands: `below` or `above` it by no more than that.

        Args:
            rooms: Names of `ROOMS`, the parts of the project; all of them without, which takes
                minutes.

        Raises:
            UserError: There is no such room.

        Example:
            >>> import vmi
            >>> vmi.verify("none")
            Traceback (most recent call last):
                ...
            vmi.errors.UserError: unknown room 'none' (known: arms, classes, ...)
        """
        return import_module("vmi.commands.answers").verify(*rooms)


sys.modules[__name__].__class__ = Verify
