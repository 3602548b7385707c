"""The schema of a suite's file, and what it says of a file that does not hold to it."""

import math
from collections.abc import Iterable, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import jsonschema
import yaml

from vmi.errors import UserError, number_hint, unknown
from vmi.shipped import SHIPPED
from vmi.suites.kinds import Kind

__all__ = ["check_plain", "check_schema", "schema"]

SCHEMA = SHIPPED / "workflow/schemas/suite.schema.yaml"
KINDS = {"string": "a name", "number": "a number", "object": "a mapping"}


@cache
def schema() -> dict[str, Any]:
    """Returns the schema of a suite, as far as it is the same for all kinds."""
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


def check_schema(settings: Any, kind: Kind) -> None:
    """Checks the contents of a suite's file.

    Raises:
        UserError: The first thing that does not hold, with its place.
    """
    errors = _validator()(_schema_of(kind)).iter_errors(settings)
    if error := jsonschema.exceptions.best_match(errors):
        raise _told(error)


def check_plain(settings: Any) -> None:
    """Checks that the contents of a file are a mapping of text, numbers and lists.

    Raises:
        UserError: The first thing that is something else, with its place.
    """
    if not isinstance(settings, dict):
        raise UserError("a suite is a mapping of keys")
    try:
        _check_plain(settings, ())
    except RecursionError as error:
        raise UserError("nested too deeply") from error


def _schema_of(kind: Kind) -> dict[str, Any]:
    """The schema of a kind: what all suites may say, and what its own keys may hold."""
    found = deepcopy(schema())
    parts, properties = found["$defs"], found["properties"]
    for noun in (kind.task, kind.method):
        properties[noun.key] = {"$ref": f"#/$defs/{noun.schema}"}
    more = (kind.metrics, *kind.settings) if kind.metrics else kind.settings
    properties |= {key: parts["settings"][key] for key in more}
    found["required"] += kind.required
    claim = parts["claim"]["properties"]
    claim[kind.task.key] = {"$ref": "#/$defs/names"}
    side = {kind.method.registry.kind: {"type": "string"}, "metric": {"type": "string"}}
    if "sizes" in kind.settings:
        side["size"] = {"type": "integer"}
    needed = [kind.method.registry.kind, *(["metric"] if kind.metrics else [])]
    claim["left"] |= {"properties": side, "required": needed}
    claim["right"]["else"]["properties"] = side
    return found


def _validator() -> Any:
    """jsonschema's own takes 100.0 for an integer."""
    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    return jsonschema.validators.extend(base, type_checker=types)


def _told(error: jsonschema.ValidationError) -> UserError:
    """Says in the words of a suite what jsonschema found."""
    where, wanted = _where(error.absolute_path), error.validator_value
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        key = next(key for key in error.instance if key not in known)
        return unknown(f"key in {where}:", key, known)
    if error.validator == "type" and wanted in ("integer", "number"):
        whole = wanted == "integer"
        wants = f"{'a whole' if whole else 'a'} number, not {error.instance!r}"
        return UserError(f"{where}: {wants}{number_hint(error.instance, whole=whole)}")
    if error.validator == "type" and isinstance(wanted, list):
        wants = " or ".join(KINDS[kind] for kind in wanted)
        hint = number_hint(error.instance) if "number" in wanted else ""
        return UserError(f"{where}: {wants}, not {error.instance!r}{hint}")
    return UserError(f"{where}: {error.message}")


def _check_plain(value: Any, path: Sequence[Any]) -> None:
    """Refuses what no setting can be, wherever it stands: infinities, and dates and sets."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            _check_plain(part, (*path, key))
    elif isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{_where(path)}: a finite number, not {value!r}")
    elif not isinstance(value, str | int | float | None):
        raise UserError(f"{_where(path)}: a {type(value).__name__}, not text: put it in quotes")


def _where(path: Iterable[Any]) -> str:
    """The place of a value in a suite, on one line."""
    return " ".join(".".join(str(part) for part in path).split()) or "the suite"
