"""The schema of a suite's file, and what it says of a file that does not hold to it."""

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import jsonschema
import yaml

from vmi.errors import LONG, UserError, number_hint, short, unknown
from vmi.shipped import SHIPPED
from vmi.suites.kinds import Kind

__all__ = ["check_plain", "check_schema", "schema"]

SCHEMA = SHIPPED / "workflow/schemas/suite.schema.yaml"
KINDS = {
    "string": "a name",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
NUMBERS = {"number", "integer"}
YAML_TRUTH = {True: "yes", False: "no"}
BITS = 63  # of a whole number, at most

# What is wrong with a value, by what the schema asks of it.
WORDS: dict[str, Callable[[jsonschema.ValidationError, Any], str]] = {
    "required": lambda e, keys: f"{next(k for k in keys if k not in e.instance)!r} is missing",
    "enum": lambda e, known: str(unknown("word", e.instance, known)),
    "minItems": lambda e, least: "an empty list: name one at least",
    "maxItems": lambda e, most: f"{len(e.instance):,} entries, more than {most:,}",
    "uniqueItems": lambda e, _: f"{short(_twice(e.instance))} is there twice",
    "minimum": lambda e, least: f"at least {least}, not {e.instance}",
    "exclusiveMinimum": lambda e, least: f"more than {least}, not {e.instance}",
    "maximum": lambda e, most: f"at most {most:,}, not {e.instance:,}",
    "maxLength": lambda e, most: f"{len(e.instance):,} letters, more than {most}",
    "minProperties": lambda e, least: "an empty mapping: say one key at least",
    "pattern": lambda e, _: (
        f"{short(e.instance)} can name no file: write A-Z, a-z, 0-9 and _ . + -, "
        "a letter or a digit first"
    ),
}


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
    for noun in filter(None, (kind.task, kind.method, kind.arm)):
        properties[noun.key] = {"$ref": f"#/$defs/{noun.schema}"}
    more = (kind.metrics, *kind.settings) if kind.metrics else kind.settings
    properties |= {key: parts["settings"][key] for key in more}
    found["required"] += kind.required
    claim = parts["claim"]["properties"]
    claim[kind.task.key] = {"$ref": "#/$defs/names"}
    words = (kind.method.registry.kind, kind.task.registry.kind, "metric")
    side = {word: {"type": "string"} for word in words}
    if kind.arm:
        side["arm"] = {"type": "string"}
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
    words = _wrong_type if error.validator == "type" else WORDS.get(error.validator)
    said = words(error, wanted) if words else short(error.message)
    return UserError(f"{where}: {said}")


def _wrong_type(error: jsonschema.ValidationError, wanted: str | list[str]) -> str:
    """What is wanted in place of what is given, and how to write that."""
    given, kinds = error.instance, [wanted] if isinstance(wanted, str) else wanted
    wants = " or ".join(KINDS[kind] for kind in kinds)
    if given is None:
        return f"{wants}, not None: nothing stands behind the colon"
    hint = number_hint(given, whole=wanted == "integer") if {*kinds} & NUMBERS else ""
    written = "" if hint else _written(error, kinds[0])
    return f"{wants}, not {short(given)}{hint}{written and f': write {short(written)[1:-1]}'}"


def _written(error: jsonschema.ValidationError, wanted: str) -> str:
    """How to write in a suite what is given, as what is wanted; "" where it is anybody's guess."""
    given = error.instance
    if wanted == "array":
        if [*error.absolute_path] == ["seeds"] and type(given) is int and 0 < given <= 10:
            return f"[{', '.join(map(str, range(given)))}]"
        return f"[{', '.join(map(str, given)) if isinstance(given, dict) else given}]"
    if wanted == "object":
        keys = error.schema.get("required") or [*error.schema.get("properties", {})][:1]
        value = given if type(given) in (int, float) and len(keys) == 1 else "..."
        return "{" + ", ".join(f"{key}: {value}" for key in keys) + "}" if keys else ""
    if wanted == "string" and isinstance(given, bool):
        return f'"{YAML_TRUTH[given]}" in quotes: YAML reads yes, no, on and off as true and false'
    if wanted == "string" and isinstance(given, int | float):
        return f'"{given}" in quotes'
    if wanted == "string" and isinstance(given, list) and len(given) == 1:
        return str(given[0])
    return ""


def _check_plain(value: Any, path: Sequence[Any]) -> None:
    """Refuses what no setting can be, wherever it stands: infinities, and dates and sets."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            _check_plain(part, (*path, key))
    elif isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{_where(path)}: a finite number, not {value!r}")
    elif isinstance(value, int) and value.bit_length() > BITS:
        raise UserError(f"{_where(path)}: a whole number of more than {BITS} bits")
    elif not isinstance(value, str | int | float | None):
        raise UserError(f"{_where(path)}: a {type(value).__name__}, not text: put it in quotes")


def _twice(values: Sequence[Any]) -> Any:
    return next(value for i, value in enumerate(values) if value in values[:i])


def _where(path: Iterable[Any]) -> str:
    """The place of a value in a suite, on one line."""
    place = " ".join(".".join(str(part) for part in path).split()) or "the suite"
    return place if len(place) <= LONG else f"{place[:LONG]}..."
