"""From names to things: a registry is an explicit dict, and a name carries its settings."""

import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from vmi.cards import Card
from vmi.errors import UserError, number_hint, reason, unknown
from vmi.references import import_reference, settings

__all__ = ["Registry", "row_name"]


class Registry(Mapping[str, Card]):
    r"""A mapping from names to cards, whose references are imported only when asked for.

    A name may end in a number, which becomes the first setting of the thing: `beta-vae-4` is
    `beta-vae` with `beta=4`, `iwae-500` is `iwae` with `k=500`. A name that contains a colon is a
    reference itself, so a user's own `my_file:MyVAE` needs no entry here.

    Settings are the keyword-only parameters of the thing (its own first, then its parents').

    Args:
        kind: What the names stand for, in the singular, for error messages.
        cards: The names and the card of each, or where it is defined and no more.

    Example:
        >>> shapes = Registry("shape", {"ratio": "fractions:Fraction"})
        >>> shapes.split("ratio-0.5")
        ('ratio', 0.5)
    """

    def __init__(self, kind: str, cards: Mapping[str, Card | str]) -> None:
        self.kind = kind
        self.cards = {n: Card(c) if isinstance(c, str) else c for n, c in cards.items()}

    def __getitem__(self, name: str) -> Card:
        return self.cards[name]

    def __iter__(self):
        return iter(self.cards)

    def __len__(self) -> int:
        return len(self.cards)

    def split(self, name: str) -> tuple[str, int | float | None]:
        """Splits a name into the entry it names and the number it carries, without importing.

        Raises:
            UserError: No entry has that name; the message holds the nearest one.
        """
        if (found := self._split(name)) is None:
            raise unknown(self.kind, name, self)
        return found

    def _split(self, name: str) -> tuple[str, int | float | None] | None:
        if ":" in name or name in self:
            return name, None
        match = re.fullmatch(r"(.+?)-((?:0|[1-9][0-9]{0,17})(?:\.[0-9]+)?(?:e-?[0-9]+)?)", name)
        if match is None or match[1] not in self:
            return None
        return match[1], int(match[2]) if match[2].isdigit() else float(match[2])

    def knows(self, name: str) -> bool:
        """Says whether a name is of an entry here, with a number or without."""
        return (self._split(name) or (None,))[0] in self

    def reference(self, name: str) -> str:
        """Returns `module:attribute` of a name, without importing it."""
        entry, _ = self.split(name)
        return self[entry].reference if entry in self else entry

    def card(self, name: str) -> Card:
        """Returns what a name says of itself; a user's own thing may bring its `card`.

        One that does not import has nothing to say, which whoever calls it will notice.

        Raises:
            UserError: No entry has that name.
        """
        entry, _ = self.split(name)
        if entry in self:
            return self[entry].of(name)
        try:
            thing, _ = self.load(name)
        except UserError:
            thing = None
        return getattr(thing, "card", Card()).of(row_name(name))

    def load(self, name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Imports what a name stands for; returns it with the settings that the name carries.

        Raises:
            UserError: The name is unknown, its module does not import, what it stands for cannot
                be called, or it takes no such number.
        """
        _, number = self.split(name)
        thing = import_reference(self.kind, self.reference(name))
        if not callable(thing):
            raise UserError(
                f"{self.kind} {name!r} is a {type(thing).__name__}: it cannot be called"
            )
        if number is None:
            return thing, {}
        first = next(iter(settings(thing).values()), None)
        if first is None:
            raise UserError(f"{self.kind} {name!r} carries a number but has no setting to take it")
        self._check_value(name, first, number)
        return thing, {first.name: number}

    def make(self, name: str, *args: Any, settings: Mapping[str, Any] | None = None) -> Any:
        """Calls what a name stands for, with the settings that it carries and those it is given.

        Args:
            name: Of the registry, or a user's own.
            args: The positional arguments.
            settings: Keyword-only settings.

        Raises:
            UserError: The name or a setting is unknown, or the call fails: a user's own code can
                fail in any way, and it is theirs to mend.
        """
        self.check(name, settings or {})
        thing, carried = self.load(name)
        try:
            return thing(*args, **carried, **(settings or {}))
        except UserError:
            raise
        except (Exception, SystemExit) as error:
            raise UserError(f"{self.kind} {name!r}: {reason(error)}") from error

    def check(self, name: str, given: Mapping[str, Any]) -> None:
        """Checks that a thing has all the settings it is given, and numbers where they are due.

        Where a default is a whole number, a setting is one of at least 1 (or of at least the
        default, where that is less); where it is any other number, a setting is a finite one.

        Raises:
            UserError: A setting is unknown, given by the name too, or not the number that is due.
        """
        thing, carried = self.load(name)
        for key in given:
            if key in carried:
                raise UserError(f"{self.kind} {name!r}: {key!r} stands in the name already")
            if key not in settings(thing):
                raise unknown(f"setting of {self.kind} {name!r}:", key, settings(thing))
            self._check_value(name, settings(thing)[key], given[key])

    def _check_value(self, name: str, setting: inspect.Parameter, value: Any) -> None:
        default, wants = setting.default, None
        if isinstance(default, bool):
            wants = None if isinstance(value, bool) else "true or false"
        elif isinstance(default, int):
            least = min(default, 1)
            if not _is_a(int, value) or value < least:
                wants = f"a whole number of at least {least}"
        elif isinstance(default, float):
            if not _is_a(int | float, value):
                wants = "a number"
            elif not _finite(value):
                wants = "a finite number"
        if wants is not None:
            hint = number_hint(value, whole=isinstance(default, int))
            said = f"{setting.name} wants {wants}, not {value!r}{hint}"
            raise UserError(f"{self.kind} {name!r}: {said}")


def row_name(name: str) -> str:
    """Returns how a metric, an estimator or a task is called in the records.

    Example:
        >>> row_name("ksg-3"), row_name("my_file:mine")
        ('ksg-3', 'mine')
    """
    return name.rpartition(":")[2]


def _is_a(kind: Any, value: Any) -> bool:
    """True is no number, whatever Python says."""
    return isinstance(value, kind) and not isinstance(value, bool)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False
