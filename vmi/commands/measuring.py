"""The instruments that a user asks for, and the rows of what they measure."""

import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

from vmi.commands.arrays import listed
from vmi.commands.beware import beware
from vmi.commands.rows import Row, row
from vmi.errors import UserError
from vmi.estimate import Estimate
from vmi.progress import Progress
from vmi.references import asked_for
from vmi.registry import Registry, row_name

__all__ = ["Instrument", "Names", "Timed", "instruments", "measured"]

Names = Sequence[str | Callable[..., Any]]  # of instruments, or the functions themselves
Timed = tuple[Estimate, float]  # with the seconds it took

MOST = 1000  # instruments that are asked for at once


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


def instruments(registry: Registry, names: Names | str, offered: Iterable[str]) -> list[Instrument]:
    """Imports what the names stand for, before anything is computed.

    Args:
        registry: Knows the names.
        names: Of the registry, a user's own `my_file:name`, or functions; or one name.
        offered: What an instrument may ask for.

    Raises:
        UserError: A name is unknown or two would share a row, or an instrument asks for more than
            there is.
    """
    chosen = [names] if isinstance(names, str) or callable(names) else list(names)
    if not chosen:
        raise UserError(f"no {registry.kind} is named")
    if len(chosen) > MOST:
        raise UserError(f"{len(chosen):,} {registry.kind}s are named, more than {MOST:,}")
    rows: dict[str, Any] = {}
    for name in chosen:
        if (other := rows.setdefault(row_name(_name(name)), name)) != name:
            raise UserError(f"{other!r} and {name!r} would share a name in the records")
    return [_instrument(registry, name, offered) for name in rows.values()]


def measured(
    chosen: Sequence[Instrument],
    measure: Callable[[Instrument], Iterable[Timed]],
    key: str,
    title: str,
    applicable: bool,
) -> list[Row]:
    """Returns the rows of the instruments, in order.

    Args:
        chosen: The instruments.
        measure: Returns what one measures, with its seconds.
        key: The column of their names.
        title: Of the progress, which a terminal shows.
        applicable: Leave out what has no meaning for the arrays.

    Raises:
        UserError: Nothing is left.
    """
    progress = Progress(len(chosen), title, quiet=not sys.stderr.isatty())
    warned: dict[str, tuple[str, list[str]]] = {}
    every = [
        row(key, each.name, estimate, seconds)
        for each in progress.over(chosen)
        for estimate, seconds in _heard(each.name, partial(measure, each), warned)
    ]
    for text, names in warned.values():
        beware(f"{listed(names)}: {text}")
    found = [each for each in every if not (applicable and each["state"] == "not applicable")]
    if not found:
        why = f"(of {every[0][key]}: {every[0]['error']})"
        raise UserError(f"{title}: nothing applies to these arrays {why}")
    return found


def _name(called: str | Callable[..., Any]) -> str:
    """The name of an instrument, or of a function."""
    return called if isinstance(called, str) else getattr(called, "__name__", repr(called))


def _instrument(registry: Registry, called: Any, offered: Iterable[str]) -> Instrument:
    load = registry.load if isinstance(called, str) else lambda function: (function, {})
    function, settings = load(called)
    name = _name(called)
    return Instrument(name, function, settings, tuple(asked_for(name, function, offered)))


def _heard(
    name: str,
    measure: Callable[[], Iterable[Timed]],
    warned: dict[str, tuple[str, list[str]]],
) -> list[Timed]:
    """Notes what libraries warn of, but for numbers, with the names of those that they warned.

    What a user's own instrument prints is no part of what a command prints.
    """
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(sys.stderr):
        timed = list(measure())
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        _, names = warned.setdefault(re.sub(r"\d+", "0", text), (text, []))
        names += [name] * (name not in names)
    return timed
