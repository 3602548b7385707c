"""`vmi.mi`: the mutual information of two arrays of the user's own."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vmi.commands.arrays import Arrays, beware_of_constants, constant
from vmi.commands.beware import beware
from vmi.commands.measuring import Instrument, Names, Timed, instruments, measured
from vmi.commands.rows import Row, frame
from vmi.errors import DataWarning, NotApplicable, UserError
from vmi.estimate import Estimate, measure
from vmi.mi import ESTIMATORS
from vmi.mi.kinds import also
from vmi.mi.permutation import permutation_test
from vmi.mi.pointwise import pointwise
from vmi.mi.reliability import judging
from vmi.mi.rows import dependent_rows, of_groups
from vmi.random import generator
from vmi.registry import row_name

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WANTED", "Pairs", "estimate", "estimates", "pairs_of"]

NEIGHBOURS = 3
MOST = 100_000  # permutations
WANTED = "[xyz]|groups"  # of the arrays of a file
CHECKED = ("x", "y"), ("x", "y", "generator")  # what an estimator asks for that can be checked


@dataclass(frozen=True)
class Pairs:
    """What is offered to an estimator: N rows each, integers discrete, floats continuous."""

    x: np.ndarray
    y: np.ndarray
    given: np.ndarray | None
    groups: np.ndarray | None = None

    offered: ClassVar[tuple[str, ...]] = ("x", "y", "z", "generator")

    @property
    def z(self) -> np.ndarray:
        """What to condition on."""
        if self.given is None:
            raise NotApplicable("it conditions on z, and there is none that varies")
        return self.given

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """x and y, and z if there is one."""
        pair = {"x": self.x, "y": self.y}
        return pair if self.given is None else {**pair, "z": self.given}

    @cached_property
    def warning(self) -> str:
        """What says that rows depend on each other, although no groups do."""
        return "" if self.groups is not None else dependent_rows(*self.arrays.values())


def estimate(
    x: Any,
    y: Any,
    z: Any = None,
    estimators: Names | str | None = None,
    seed: int = 0,
    groups: Any = None,
    permutations: int = 0,
    local: bool = False,
) -> "pd.DataFrame":
    """Returns what `vmi.mi` does, whose docstring says more."""
    arrays = {"x": x, "y": y, "z": z, "groups": groups}
    terms: dict[str, np.ndarray] | None = {} if local else None
    made = frame(estimates(lambda: Arrays(arrays), estimators, seed, permutations, terms))
    return made if terms is None else made.assign(local=[terms.get(m) for m in made["method"]])


def estimates(
    read: Callable[[], Arrays],
    estimators: Names | str | None = None,
    seed: int = 0,
    permutations: int = 0,
    local: dict[str, np.ndarray] | None = None,
) -> list[Row]:
    """Returns the rows of `estimate`.

    Args:
        read: Returns x and y, and z and groups where they are there, once the estimators are known.
        estimators: Names, or functions; all that apply without them.
        seed: Of every random number.
        permutations: For a p-value after each estimate, a row of its own; none if it is 0.
        local: Is given what each pair contributes to an estimate, (N,), by its name.

    Raises:
        UserError: An array is malformed, or nobody knows an estimator.
    """
    if isinstance(permutations, bool) or not isinstance(permutations, int | np.integer):
        raise UserError(f"permutations is {permutations!r}: it is to be a whole number")
    if not 0 <= permutations <= MOST:
        raise UserError(f"permutations is {permutations}: it is to be from 1 to {MOST}, or 0")
    names = _every() if estimators is None else estimators
    chosen = instruments(ESTIMATORS, names, Pairs.offered)
    arrays = read()
    pairs = pairs_of(arrays)

    def each(estimator: Instrument) -> Iterable[Timed]:
        if pairs.given is not None and "z" not in estimator.wants:
            return [(Estimate.not_applicable("it does not condition on z, and there is z"), 0.0)]
        noise = generator(seed, estimator.name)
        function, settings = estimator.function, estimator.settings
        if pairs.groups is not None:
            function = of_groups(function, pairs.groups)
        elif estimator.wants in CHECKED and not pairs.warning:
            function, settings = judging(function, settings), {}
        made = list(measure(estimator.name, function, settings, pairs, noise))
        observed = [one for one, _ in made]
        if local is not None and observed[0].state == "value":
            _keep(local, estimator, pairs)
        if permutations and observed[0].state == "value":
            test = partial(_test, estimator, observed, pairs, permutations, seed)
            made += measure(estimator.name, test, {}, pairs, noise)
        return [(_beware(one, pairs.warning), seconds) for one, seconds in made]

    title = Path(arrays.source).name or "mi"
    return measured(chosen, each, "method", title, applicable=estimators is None)


def _keep(local: dict[str, np.ndarray], estimator: Instrument, pairs: Pairs) -> None:
    """Notes what each pair contributes, or warns that this is not known."""
    try:
        if pairs.groups is not None:
            raise NotApplicable("no local values: of groups a mean is taken over their rows")
        terms = pointwise(estimator.function, estimator.settings, **pairs.arrays)
        local[row_name(estimator.name)] = terms
    except NotApplicable as error:
        warnings.warn(str(error), DataWarning, stacklevel=2)


def _test(
    estimator: Instrument,
    observed: Sequence[Estimate],
    pairs: Pairs,
    permutations: int,
    seed: int,
) -> Estimate:
    """The p-value of what an estimator said."""
    if len(observed) > 1 or observed[0].part:
        raise NotApplicable("it returns several numbers, and a p-value is of one")
    drawing = "generator" in estimator.wants
    return permutation_test(
        observed[0],
        estimator.function,
        estimator.settings,
        {name: array for name, array in pairs.arrays.items() if name in estimator.wants},
        generator(seed, "permutations"),
        permutations=permutations,
        seed=generator(seed, estimator.name).initial_seed() if drawing else None,
        groups=pairs.groups,
    )


def _every() -> list[str]:
    """Every estimator; those by neighbours say how many, as the literature does."""
    return [f"{name}-{NEIGHBOURS}" if "ksg" in name else name for name in ESTIMATORS]


def _beware(estimate: Estimate, warning: str) -> Estimate:
    return also(estimate, warning) if estimate.state == "value" else estimate


def pairs_of(arrays: Arrays) -> Pairs:
    """Returns x and y, and z and groups where they are there, without what is constant.

    Raises:
        UserError: One is malformed, or nothing of x or of y varies.
    """
    arrays.beware_of_others([*"xyz", "groups"])
    there = [name for name in "xyz" if name in arrays.arrays or name != "z"]
    tables = {name: arrays.table(name) for name in there}
    arrays.same_length(**tables)
    varying = {name: _varying(name, array) for name, array in tables.items()}
    for name in "xy":
        if not tables[name].shape[1]:
            raise arrays.error(f"{name!r} has no columns")
        if not varying[name].shape[1]:
            raise arrays.error(f"{name!r} is constant, so there is no information in it")
    z = varying.get("z")
    given = z if z is not None and z.shape[1] else None
    return Pairs(varying["x"], varying["y"], given, _groups(arrays, len(tables["x"])))


def _groups(arrays: Arrays, n: int) -> np.ndarray | None:
    """Which group each row is of, by numbers or names."""
    groups = arrays.arrays.get("groups")
    if groups is None:
        return None
    if groups.shape not in ((n,), (n, 1)):
        raise arrays.error(f"'groups' has the shape {groups.shape}, not ({n},): one for each row")
    return np.unique(groups.ravel().astype(str), return_inverse=True)[1]


def _varying(name: str, array: np.ndarray) -> np.ndarray:
    """The columns that are not constant: no information is lost."""
    still = constant(array)
    if still.all() and name == "z":
        beware("z is constant: conditioning on it changes nothing, and it is left out")
    elif not still.all():
        beware_of_constants(name, still, "; left out")
    return array[:, ~still]
