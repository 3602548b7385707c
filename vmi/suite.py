"""A suite: what is run. One sparse YAML file, checked before anything trains.

This file imports no torch, as Snakemake reads a suite whenever it starts.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from vmi.data import DATASETS
from vmi.errors import UserError, number_hint, reason, unknown
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import METRICS
from vmi.mi import INFORMATION
from vmi.models import MODELS
from vmi.registry import Registry

__all__ = ["FAMILIES", "Suite", "cohorts", "family_of", "load_suite", "parse_cohort"]

ROOT = Path(__file__).resolve().parent.parent
# A family's metrics are one job: a process a metric would spend its time on starting.
FAMILIES = {
    "codes": Registry("metric", {**METRICS, **INFORMATION}),
    "likelihood": LOG_LIKELIHOODS,
}
SHARED = ("latents", "network", "likelihood", "training")  # said by the suite, or by an entry
DEFAULTS = {"latents": {}, "network": "dense", "likelihood": "bernoulli", "training": {}}


@dataclass(frozen=True)
class Suite:
    """A suite as its file says it.

    Attributes:
        name: The file's name without its ending.
        settings: The file's contents, which the schema has checked.
    """

    name: str
    settings: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The page's title."""
        return self.settings["title"]

    @property
    def description(self) -> str:
        """A few sentences for the page."""
        return self.settings.get("description", "")

    @property
    def seeds(self) -> list[int]:
        """The seeds that every model is trained with."""
        return self.settings["seeds"]

    @property
    def seeds_per_job(self) -> int:
        """How many seeds one job trains."""
        return self.settings.get("seeds_per_job", len(self.seeds))

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics."""
        return self.settings["metrics"]

    @cached_property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """The data sets by name, each with its own settings."""
        return _entries("dataset", DATASETS, self.settings["datasets"])

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models by name, each with its own settings."""
        return _entries("model", MODELS, self.settings["models"])

    def families(self) -> dict[str, list[str]]:
        """The metrics by family; a family's metrics are one job."""
        named = {name: [m for m in self.metrics if family_of(m) == name] for name in FAMILIES}
        return {name: metrics for name, metrics in named.items() if metrics}

    def cell(self, dataset: str, model: str) -> dict[str, Any]:
        """Returns everything that a training depends on, but its seeds.

        What a model says of the shared settings goes before what its data set says, and that before
        what the suite says.

        Raises:
            UserError: The suite has no such data set or model.
        """
        layers = [self.settings, _find("dataset", self.datasets, dataset)]
        layers.append(_find("model", self.models, model))
        shared = {key: _merged(DEFAULTS[key], *(e.get(key) for e in layers)) for key in SHARED}
        return {"dataset": _own(layers[1]), "model": _own(layers[2]), **shared}


def load_suite(name: str | Path) -> Suite:
    """Reads a suite by its name in benchmarks/, or by the path of its YAML file.

    Raises:
        UserError: There is no such file, or what it says does not hold.
    """
    path = _path(str(name))
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UserError(f"{path.name}: not UTF-8, in which a suite is written") from error
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({reason(error)})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: the 31st of June
        raise UserError(f"{path.name}: not YAML: {' '.join(str(error).split())}") from error
    try:
        _check_schema(settings)
        suite = Suite(path.stem, settings)
        _check_names(suite)
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from error
    return suite


def family_of(metric: str) -> str:
    """Returns which family a metric belongs to; a user's own is taken for one of codes.

    Raises:
        UserError: No family has a metric of that name.
    """
    if ":" in metric:
        return "codes"
    for name, registry in FAMILIES.items():
        try:
            registry.split(metric)
        except UserError:
            continue
        return name
    known = {name: ref for registry in FAMILIES.values() for name, ref in registry.items()}
    raise unknown("metric", metric, known)


def cohorts(seeds: Sequence[int], size: int, existing: Iterable[str] = ()) -> list[str]:
    """Splits seeds into cohorts, the names of jobs, e.g. "0-4"; what exists already stays as it is.

    Args:
        seeds: All that are wanted.
        size: Seeds a new cohort.
        existing: Names of cohorts that were trained before. One may hold seeds that are no longer
            wanted; one that holds no wanted seed, or none that another does not hold, is left out.

    Example:
        >>> cohorts([0, 1, 2, 3, 4], 2, existing=["0-2"])
        ['0-2', '3-4']
    """
    left, kept = set(seeds), []
    for name in sorted(existing, key=lambda name: (-len(left & set(parse_cohort(name))), name)):
        if left & set(parse_cohort(name)) and not set(seeds) & set(parse_cohort(name)) - left:
            kept.append(name)
            left -= set(parse_cohort(name))
    rest = sorted(left)
    new = [_cohort_name(rest[i : i + size]) for i in range(0, len(rest), size)]
    return sorted([*kept, *new], key=parse_cohort)


def parse_cohort(name: str) -> list[int]:
    """Returns the seeds of a cohort's name: "0-4" is 0 to 4, "1+3" is 1 and 3.

    Raises:
        UserError: The name is neither.
    """
    if re.fullmatch(r"\d+(\+\d+)*", name):
        return [int(seed) for seed in name.split("+")]
    if match := re.fullmatch(r"(\d+)-(\d+)", name):
        return list(range(int(match[1]), int(match[2]) + 1))
    raise UserError(f"{name!r} names no seeds: write 3, 0-4 or 1+3")


def _cohort_name(seeds: Sequence[int]) -> str:
    whole_range = list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return (
        f"{seeds[0]}-{seeds[-1]}" if whole_range and len(seeds) > 1 else "+".join(map(str, seeds))
    )


def _path(name: str) -> Path:
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise UserError(f"there is no suite file {name}")
        if not re.search(_schema()["$defs"]["name"]["pattern"], path.stem):
            raise UserError(
                f"suite file {path.name!r}: its name may hold A-Z, a-z, 0-9 and _ . + -, "
                "a letter or a digit first"
            )
        if path.stem == "published":
            raise UserError(f"suite file {path.name!r}: results/published is taken; rename it")
        return path
    folder = ROOT / "benchmarks"
    known = {path.stem: path for path in folder.glob("*.yaml")}
    if name not in known:
        raise unknown("suite", name, known)
    return known[name]


def _schema() -> dict[str, Any]:
    path = ROOT / "workflow/schemas/suite.schema.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _check_schema(settings: Any) -> None:
    if not isinstance(settings, dict):
        raise UserError("a suite is a mapping of keys")
    try:
        _check_plain(settings, ())
    except RecursionError as error:
        raise UserError("nested too deeply") from error
    base = jsonschema.Draft202012Validator  # for which 100.0 is an integer
    types = base.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    validator = jsonschema.validators.extend(base, type_checker=types)
    error = jsonschema.exceptions.best_match(validator(_schema()).iter_errors(settings))
    if error is None:
        return
    where = _where(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        key = next(key for key in error.instance if key not in known)
        raise unknown(f"key in {where}:", key, known)
    if error.validator == "type" and error.validator_value in ("integer", "number"):
        whole = error.validator_value == "integer"
        wants = f"{'a whole' if whole else 'a'} number, not {error.instance!r}"
        raise UserError(f"{where}: {wants}{number_hint(error.instance, whole=whole)}")
    if error.validator == "type" and isinstance(error.validator_value, list):
        raise UserError(f"{where}: a name or a mapping, not {error.instance!r}")
    raise UserError(f"{where}: {error.message}")


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


def _check_names(suite: Suite) -> None:
    for entry in suite.datasets.values():
        DATASETS.split(entry["dataset"])
    for entry in suite.models.values():
        MODELS.split(entry["model"])
    rows: dict[str, str] = {}
    for metric in suite.metrics:
        family_of(metric)
        if (other := rows.setdefault(metric.rpartition(":")[2], metric)) != metric:
            raise UserError(f"metrics {other!r} and {metric!r} would share a name in the records")


def _entries(kind: str, registry: Registry, entries: list[Any]) -> dict[str, dict[str, Any]]:
    """Entries by name; each says which data set or model it is."""
    named: dict[str, dict[str, Any]] = {}
    for entry in entries:
        entry = {kind: entry} if isinstance(entry, str) else dict(entry)
        entry.setdefault(kind, entry.get("name"))
        if entry[kind] is None:
            raise UserError(f"a {kind} needs a `name` or a `{kind}`: {entry}")
        name = entry.pop("name", None) or entry[kind].rpartition(":")[2]
        if name in named:
            raise UserError(f"{kind} {name!r} is given twice; give one a `name` of its own")
        named[name] = entry
    return named


def _find(kind: str, entries: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    if name not in entries:
        raise unknown(f"{kind} of this suite:", name, entries)
    return entries[name]


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in SHARED}


def _merged(default: Any, *layers: Any) -> Any:
    """The last layer that is there; mappings are joined key by key."""
    value = default
    for layer in layers:
        if layer is not None:
            value = {**value, **layer} if isinstance(value, dict) else layer
    return value
