"""The instruments that a command was asked for, and the records of what they say."""

import math
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from vmi.commands.show import beware, record
from vmi.errors import UserError
from vmi.estimate import Estimate
from vmi.progress import Progress
from vmi.registry import Registry, asked_for, row_name

__all__ = ["NOT_APPLICABLE", "Instrument", "Timed", "instruments", "records"]

Timed = tuple[Estimate, float]  # with the seconds it took

NOT_APPLICABLE = "not applicable: "  # how `measure` begins what has no meaning


@dataclass(frozen=True)
class Instrument:
    """A metric or an estimator as it was called.

    Attributes:
        name: As it was called.
        function: What computes it.
        settings: What the name says of them.
        wants: The names of what it is to be called with.
    """

    name: str
    function: Callable[..., Any]
    settings: dict[str, Any]
    wants: tuple[str, ...]


def instruments(
    registry: Registry, names: Sequence[str], offered: Iterable[str]
) -> list[Instrument]:
    """Imports what the names stand for, before anything is computed.

    Args:
        registry: Knows the names.
        names: Of the registry, or a user's own `my_file:name`.
        offered: What an instrument may ask for.

    Raises:
        UserError: A name is unknown or two would share a record, or an instrument asks for more
            than there is.
    """
    rows: dict[str, str] = {}
    for name in names:
        if (other := rows.setdefault(row_name(name), name)) != name:
            raise UserError(f"{other!r} and {name!r} would share a name in the records")
    return [_instrument(registry, name, offered) for name in names]


def records(
    chosen: Sequence[Instrument],
    measured: Callable[[Instrument], Iterable[Timed]],
    title: str,
    applicable: bool,
) -> list[dict[str, Any]]:
    """Returns the records of the instruments, in order.

    Args:
        chosen: The instruments.
        measured: Returns what one says, with its seconds.
        title: Of the progress, which a terminal shows.
        applicable: Leave out what has no meaning for the arrays.

    Raises:
        UserError: Nothing is left.
    """
    progress = Progress(len(chosen), title, quiet=not sys.stderr.isatty())
    everything = [
        (each.name, estimate, seconds)
        for each in progress.over(chosen)
        for estimate, seconds in _heard(each.name, partial(measured, each))
    ]
    found = [row for row in everything if not (applicable and _without_meaning(row[1]))]
    if not found:
        name, estimate, _ = everything[0]
        raise UserError(f"{title}: nothing applies to these arrays (of {name}: {estimate.error})")
    return [record(*row) for row in found]


def _heard(name: str, measured: Callable[[], Iterable[Timed]]) -> list[Timed]:
    """What libraries warn of is said in a line each."""
    with warnings.catch_warnings(record=True) as said:
        timed = list(measured())
    for text in dict.fromkeys(str(warning.message) for warning in said):
        beware(f"{name}: {text}")
    return timed


def _instrument(registry: Registry, name: str, offered: Iterable[str]) -> Instrument:
    function, carried = registry.load(name)
    return Instrument(name, function, carried, tuple(asked_for(name, function, offered)))


def _without_meaning(estimate: Estimate) -> bool:
    return math.isnan(estimate.value) and estimate.error.startswith(NOT_APPLICABLE)
