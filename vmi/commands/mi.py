"""`vmi mi`: the mutual information of two arrays of the user's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from vmi.commands.measuring import NOT_APPLICABLE, Instrument, Timed, instruments, records
from vmi.commands.npz import Npz, beware_of_constants, constant
from vmi.commands.show import beware, print_records
from vmi.errors import NotApplicable
from vmi.estimate import Estimate, measure
from vmi.mi import ESTIMATORS
from vmi.random import generator

__all__ = ["mi"]

NEIGHBOURS = 3


@dataclass(frozen=True)
class Pairs:
    """What a file offers to an estimator: N rows each, integers discrete, floats continuous."""

    x: np.ndarray
    y: np.ndarray
    given: np.ndarray | None

    offered: ClassVar[tuple[str, ...]] = ("x", "y", "z", "generator")

    @property
    def z(self) -> np.ndarray:
        """What to condition on."""
        if self.given is None:
            raise NotApplicable("it conditions on z, and the file has none that varies")
        return self.given


def mi(
    file: Path, estimators: Sequence[str] | None = None, seed: int = 0, json: bool = False
) -> None:
    """Prints the mutual information in nats of x and y in an npz file, given z where z is there.

    Args:
        file: Holds x and y, N or N x D each, and maybe z.
        estimators: Their names; all that apply without them.
        seed: Of every random number.
        json: Print JSON.

    Raises:
        UserError: The file is malformed, or nobody knows an estimator.
    """
    chosen = instruments(ESTIMATORS, estimators or _every(), Pairs.offered)
    pairs = _read(file)

    def measured(of: Instrument) -> Iterable[Timed]:
        if pairs.given is not None and "z" not in of.wants:
            why = "it does not condition on z, and the file has z"
            return [(Estimate(float("nan"), error=NOT_APPLICABLE + why), 0.0)]
        noise = generator(seed, of.name)
        return measure(of.name, of.function, of.settings, pairs, noise)

    print_records(records(chosen, measured, file.name, estimators is None), json)


def _every() -> list[str]:
    """Every estimator; those by neighbours say how many, as the literature does."""
    return [f"{name}-{NEIGHBOURS}" if "ksg" in name else name for name in ESTIMATORS]


def _read(path: Path) -> Pairs:
    file = Npz(path)
    file.beware_of_others("xyz")
    there = [name for name in "xyz" if name in file.arrays or name != "z"]
    arrays = {name: file.table(name) for name in there}
    file.same_length(**arrays)
    varying = {name: _varying(name, array) for name, array in arrays.items()}
    for name in "xy":
        if not arrays[name].shape[1]:
            raise file.error(f"{name!r} has no columns")
        if not varying[name].shape[1]:
            raise file.error(f"{name!r} is constant, so it tells nothing and nothing is told of it")
    z = varying.get("z")
    return Pairs(varying["x"], varying["y"], z if z is not None and z.shape[1] else None)


def _varying(name: str, array: np.ndarray) -> np.ndarray:
    """The columns that are not constant: no information is lost."""
    still = constant(array)
    if still.all() and name == "z":
        beware("z is constant: conditioning on it changes nothing, and it is left out")
    elif not still.all():
        beware_of_constants(name, still, "; left out")
    return array[:, ~still]
