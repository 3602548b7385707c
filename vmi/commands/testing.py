"""`vmi.independence`: whether two arrays of the user's own are independent, given a third."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vmi.commands.arrays import Arrays
from vmi.commands.estimating import Pairs, pairs_of
from vmi.commands.measuring import Instrument, Names, Timed, instruments, measured
from vmi.commands.rows import Row, frame
from vmi.estimate import measure
from vmi.independence import TESTS
from vmi.independence.calling import with_estimates
from vmi.mi.kinds import also
from vmi.random import generator

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["outcomes", "tested"]


class Triple(Pairs):
    """What is offered to a test: x, y and z, which is None where nothing is conditioned on."""

    @property
    def z(self) -> np.ndarray | None:
        """What to condition on."""
        return self.given


def tested(
    x: Any, y: Any, z: Any = None, tests: Names | str | None = None, seed: int = 0
) -> "pd.DataFrame":
    """Returns what `vmi.independence` does, whose docstring says more."""
    return frame(outcomes(lambda: Arrays({"x": x, "y": y, "z": z}), tests, seed))


def outcomes(
    read: Callable[[], Arrays], tests: Names | str | None = None, seed: int = 0
) -> list[Row]:
    """Returns the rows of `tested`.

    Args:
        read: Returns x and y, and z where it is there, once the tests are known.
        tests: Names, or functions; all that apply without them.
        seed: Of every random number.

    Raises:
        UserError: An array is malformed, rows are grouped, or nobody knows a test.
    """
    chosen = instruments(TESTS, list(TESTS) if tests is None else tests, Triple.offered)
    arrays = read()
    pairs = pairs_of(arrays)
    if pairs.groups is not None:
        raise arrays.error("a test wants independent rows: keep one of each of the 'groups'")
    triple = Triple(pairs.x, pairs.y, pairs.given)

    def each(test: Instrument) -> Iterable[Timed]:
        noise = generator(seed, test.name)
        made = measure(test.name, with_estimates(test.function), test.settings, triple, noise)
        for one, seconds in made:
            yield (also(one, triple.warning) if one.state == "value" else one), seconds

    title = Path(arrays.source).name or "independence"
    return measured(chosen, each, "method", title, applicable=tests is None)
