"""Reads a suite from its file, and checks all that can be known without importing torch."""

import os
import re
from pathlib import Path
from typing import Any

from vmi.errors import UserError, short, unknown
from vmi.pictures import PICTURES
from vmi.references import search_beside
from vmi.registry import row_name
from vmi.shipped import SHIPPED
from vmi.suites.claims import check_claims
from vmi.suites.cohorts import parse_cohort
from vmi.suites.reading import read_yaml
from vmi.suites.schema import check_plain, check_schema, schema
from vmi.suites.suite import Suite, merged

__all__ = ["check_names", "load_suite"]

RANGE = re.compile(r"\d+-\d+")


def load_suite(name: str | Path) -> Suite:
    """Reads a suite by its name in benchmarks/, or by the path of its YAML file.

    Raises:
        UserError: There is no such file, or what it says does not hold.
    """
    path = _path(str(name))
    settings = read_yaml(path)
    search_beside(path)
    try:
        if isinstance(settings, dict) and "like" in settings:
            settings = _alike(settings)
        check_plain(settings)
        settings = _with_seeds(settings)
        suite = Suite(path.stem, settings, str(name))
        check_schema(settings, suite.kind)
        check_names(suite)
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from error
    return suite


def _alike(settings: dict[str, Any]) -> dict[str, Any]:
    """What a suite says, joined key by key to what the suite says that it is like."""
    other = read_yaml(_path(str(settings["like"])))
    if not isinstance(other, dict) or "like" in other:
        raise UserError(f"like: {settings['like']!r} is no suite that stands by itself")
    return merged(other, {key: value for key, value in settings.items() if key != "like"})


def _with_seeds(settings: dict[str, Any]) -> dict[str, Any]:
    """What a suite says, with seeds that are a range such as 0-199 as a list."""
    seeds = settings.get("seeds")
    if not (isinstance(seeds, str) and RANGE.fullmatch(seeds)):
        return settings
    return settings | {"seeds": parse_cohort(seeds)}


def _path(name: str) -> Path:
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not os.path.isfile(path):  # which says no of a name that can be of no file
            raise UserError(f"there is no suite file {short(name)[1:-1]}")
        if not re.search(schema()["$defs"]["name"]["pattern"], path.stem):
            raise UserError(
                f"suite file {path.name!r}: its name may hold A-Z, a-z, 0-9 and _ . + -, "
                "a letter or a digit first"
            )
        if path.stem == "published":
            raise UserError(f"suite file {path.name!r}: results/published is taken; rename it")
        return path
    folder = SHIPPED / "benchmarks"
    known = {path.stem: path for path in folder.glob("*.yaml")}
    if name not in known:
        raise unknown("suite", name, known)
    return known[name]


def check_names(suite: Suite) -> None:
    """Checks that every name of a suite stands for something, and for one thing alone.

    Raises:
        UserError: The first that does not.
    """
    for side in ("task", "method"):
        noun = getattr(suite.kind, side)
        for entry in getattr(suite, f"{side}s").values():
            noun.registry.split(entry[noun.registry.kind])
    for entry in suite.arms.values():
        suite.kind.arm.registry.split(entry[suite.kind.arm.registry.kind])
    for measure in suite.measures:
        suite.kind.measures.split(measure)
    for picture in suite.pictures:
        PICTURES.split(picture)
    _check_headline(suite)
    check_claims(suite)
    _check_rows(suite.kind.metrics, suite.measures)
    _check_rows("pictures", suite.pictures)


def _check_headline(suite: Suite) -> None:
    kind, known = suite.kind.measures.kind, suite.rows_of("measures")
    for name in suite.settings.get("headline", []):
        if row_name(name).partition("/")[0] not in known:
            raise unknown(f"{kind} of this suite, in its headline:", name, known)


def _check_rows(kind: str, names: list[str]) -> None:
    rows: dict[str, str] = {}
    for name in names:
        if row_name(name) in rows:
            other = rows[row_name(name)]
            raise UserError(f"{kind} {other!r} and {name!r} would share a name in the results")
        rows[row_name(name)] = name
