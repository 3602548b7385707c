"""The instruments that a command was asked for, and the records of what they say."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vmi.commands.show import record
from vmi.errors import UserError
from vmi.evaluate import asked_for
from vmi.progress import Progress
from vmi.records import Estimate
from vmi.registry import Registry, settings

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
    registry: Registry, names: Sequence[str] | None, offered: Iterable[str]
) -> list[Instrument]:
    """Imports what the names stand for, before anything is computed.

    Args:
        registry: Knows the names.
        names: As the user gave them; every name of the registry without them.
        offered: What an instrument may ask for.

    Raises:
        UserError: A name is unknown or two would share a record, or an instrument asks for more
            than there is.
    """
    rows: dict[str, str] = {}
    for name in registry if names is None else names:
        registry.split(name)
        if (other := rows.setdefault(name.rpartition(":")[2], name)) != name:
            raise UserError(f"{other!r} and {name!r} would share a name in the records")
    return [_instrument(registry, name, names is None, offered) for name in rows.values()]


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


def _instrument(registry: Registry, name: str, spelled: bool, offered: Iterable[str]) -> Instrument:
    function, carried = registry.load(name)
    wants = tuple(asked_for(name, function, offered))
    if spelled:
        name = "".join((name, *_number(function)))
    return Instrument(name, function, carried, wants)


def _number(function: Callable[..., Any]) -> Iterator[str]:
    """The number of neighbours, as a name says it: ksg is ksg-3."""
    first = next(iter(settings(function).values()), None)
    if first is not None and first.name == "k":
        yield f"-{first.default}"


def _without_meaning(estimate: Estimate) -> bool:
    return math.isnan(estimate.value) and estimate.error.startswith(NOT_APPLICABLE)
