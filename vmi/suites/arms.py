"""Arms: what a suite says that each of its methods is refined by. This file imports no torch."""

from collections.abc import Mapping
from typing import Any

from vmi.errors import UserError
from vmi.suites.kinds import Kind

__all__ = ["BASE", "arms_of", "base_of"]

BASE = "base"  # what people call the method as it is, where the suite has no other name for it


def arms_of(kind: Kind, settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns the arms of a suite that refine, by their names.

    Raises:
        UserError: An arm has settings and nothing that they are of, or two arms refine nothing.
    """
    listed, noun = _listed(kind, settings)
    plain = [name for name, entry in listed.items() if noun not in entry]
    for name in plain:
        if left := listed[name].keys() - {"label"}:
            raise UserError(f"arm {name!r} has {min(left)!r} and no {noun!r} that it is of")
    if len(plain) > 1:
        first, second = map(repr, plain[:2])
        raise UserError(f"arms {first} and {second} are one: the method as it is")
    if BASE in listed and BASE not in plain:
        raise UserError(f"arm {BASE!r} refines nothing by its name: call it otherwise")
    return {name: dict(entry) for name, entry in listed.items() if noun in entry}


def base_of(kind: Kind, settings: Mapping[str, Any]) -> str:
    """Returns what a suite calls the methods as they are."""
    listed, noun = _listed(kind, settings)
    return next((name for name, entry in listed.items() if noun not in entry), BASE)


def _listed(kind: Kind, settings: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The arms that are listed, and the word for what refines."""
    if kind.arm is None:
        return {}, ""
    return settings.get(kind.arm.key, {}), kind.arm.registry.kind
