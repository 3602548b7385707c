"""The instruments that a command was asked for, and the records of what they say."""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vmi.commands.show import record
from vmi.errors import UserError
from vmi.evaluate import asked_for
from vmi.progress import Progress
from vmi.records import Estimate
from vmi.registry import Registry

__all__ = ["NOT_APPLICABLE", "Instrument", "instruments", "records"]

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
        if (other := rows.setdefault(name.rpartition(":")[2], name)) != name:
            raise UserError(f"{other!r} and {name!r} would share a name in the records")
    return [_instrument(registry, name, offered) for name in names]


def records(
    chosen: Sequence[Instrument],
    measured: Callable[[Instrument], Iterable[tuple[Estimate, float]]],
    title: str,
    applicable: bool,
) -> list[dict[str, Any]]:
    """Returns the records of the instruments, in order.

    Args:
        chosen: The instruments.
        measured: Returns what one says, with its seconds.
        title: Of the progress, which a terminal shows.
        applicable: Leave out what has no meaning for the arrays.
    """
    progress = Progress(len(chosen), title, quiet=not sys.stderr.isatty())
    found = [
        record(each.name, estimate, seconds)
        for each in progress.over(chosen)
        for estimate, seconds in measured(each)
        if not (applicable and _without_meaning(estimate))
    ]
    if not found:
        raise UserError(f"{title}: nothing applies to these arrays")
    return found


def _instrument(registry: Registry, name: str, offered: Iterable[str]) -> Instrument:
    function, carried = registry.load(name)
    return Instrument(name, function, carried, tuple(asked_for(name, function, offered)))


def _without_meaning(estimate: Estimate) -> bool:
    return math.isnan(estimate.value) and estimate.error.startswith(NOT_APPLICABLE)
