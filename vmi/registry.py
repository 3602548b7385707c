"""From names to things: a registry is an explicit dict, and a name carries its settings."""

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vmi.errors import UserError, unknown

__all__ = ["Registry", "source"]


class Registry(Mapping[str, str]):
    r"""A mapping from names to references `module:attribute`, imported only when asked for.

    A name may end in a number, which becomes the first setting of the thing: `beta-vae-4` is
    `beta-vae` with `beta=4`, `iwae-500` is `iwae` with `k=500`. A name that contains a colon is a
    reference itself, so a user's own `my_file:MyVAE` needs no entry here.

    Settings are the keyword-only parameters of the thing (its own first, then its parents').

    Args:
        kind: What the names stand for, in the singular, for error messages.
        references: The names and where each is defined.

    Example:
        >>> shapes = Registry("shape", {"ratio": "fractions:Fraction"})
        >>> shapes.split("ratio-0.5")
        ('ratio', 0.5)
    """

    def __init__(self, kind: str, references: dict[str, str]) -> None:
        self.kind = kind
        self.references = references

    def __getitem__(self, name: str) -> str:
        return self.references[name]

    def __iter__(self):
        return iter(self.references)

    def __len__(self) -> int:
        return len(self.references)

    def split(self, name: str) -> tuple[str, int | float | None]:
        """Splits a name into the entry it names and the number it carries, without importing.

        Raises:
            UserError: No entry has that name; the message holds the nearest one.
        """
        if ":" in name or name in self.references:
            return name, None
        match = re.fullmatch(r"(.+?)-(\d+(?:\.\d+)?(?:e-?\d+)?)", name)
        if match is None or match[1] not in self.references:
            raise unknown(self.kind, name, self.references)
        number = float(match[2])
        return match[1], int(number) if match[2].isdigit() else number

    def reference(self, name: str) -> str:
        """Returns `module:attribute` of a name, without importing it."""
        entry, _ = self.split(name)
        return self.references.get(entry, entry)

    def load(self, name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Imports what a name stands for; returns it with the settings that the name carries.

        Raises:
            UserError: The name is unknown, its module does not import, or it takes no number.
        """
        _, number = self.split(name)
        thing = _import(self.kind, self.reference(name))
        if number is None:
            return thing, {}
        first = next(iter(settings(thing)), None)
        if first is None:
            raise UserError(f"{self.kind} {name!r} carries a number but has no setting to take it")
        return thing, {first: number}

    def check(self, name: str, given: Mapping[str, Any]) -> None:
        """Checks that a thing has all the settings it is given, by their names.

        Raises:
            UserError: A setting is unknown, given by the name too, or no number where one is due.
        """
        thing, carried = self.load(name)
        for key in given:
            if key in carried:
                raise UserError(f"{self.kind} {name!r}: {key!r} stands in the name already")
            if key not in settings(thing):
                raise unknown(f"setting of {self.kind} {name!r}:", key, settings(thing))
            default = settings(thing)[key].default
            if isinstance(default, int | float) and not isinstance(given[key], int | float):
                raise UserError(f"{self.kind} {name!r}: {key} wants a number, not {given[key]!r}")


def settings(thing: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Returns the keyword-only parameters of a function, or of a class and its parents."""
    functions = [thing]
    if inspect.isclass(thing):
        functions = [vars(c)["__init__"] for c in thing.__mro__ if "__init__" in vars(c)]
    found: dict[str, inspect.Parameter] = {}
    for function in functions:
        for parameter in _parameters(function):
            if parameter.kind is parameter.KEYWORD_ONLY:
                found.setdefault(parameter.name, parameter)
    return found


def source(reference: str) -> Path | None:
    """Returns the file that defines `module:attribute`, found without importing it."""
    _here_first()
    try:
        spec = importlib.util.find_spec(reference.partition(":")[0])
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _import(kind: str, reference: str) -> Callable[..., Any]:
    module_name, _, attribute = reference.partition(":")
    _here_first()
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's file can fail in any way; all of them are theirs to mend
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UserError(f"{kind} {reference!r} does not import ({reason})") from error
    if not hasattr(module, attribute):
        raise unknown(f"{kind} in {module_name!r}:", attribute, _public(module))
    return getattr(module, attribute)


def _here_first() -> None:
    """A user's own file lies in the folder they work in, which a console script does not search."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a C function without a signature has no settings
        return []


def _public(module: Any) -> list[str]:
    return [name for name in vars(module) if not name.startswith("_")]
