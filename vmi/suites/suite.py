"""A suite: what is run. `vmi.suite_file` reads it, and checks it before anything trains.

This file imports no torch, as Snakemake reads a suite whenever it starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vmi.data import DATASETS
from vmi.errors import UserError, unknown
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import ACROSS_SEEDS, METRICS
from vmi.mi import INFORMATION
from vmi.models import MODELS
from vmi.registry import Registry, row_name
from vmi.suites.claims import in_full

__all__ = ["FAMILIES", "Suite", "family_of", "merged"]

# A family's metrics are one job: a process a metric would spend its time on starting.
FAMILIES = {
    "codes": Registry("metric", {**METRICS, **INFORMATION}),
    "likelihood": LOG_LIKELIHOODS,
    "seeds": ACROSS_SEEDS,  # of all seeds of a model at once
}
SHARED = ("latents", "network", "likelihood", "training")  # said by the suite, or by an entry
SHOWN = ("group", "arm")  # of an entry, for the reader alone: nothing is trained anew for it
DEFAULTS = {"latents": {}, "network": "dense", "likelihood": "bernoulli", "training": {}}


@dataclass(frozen=True)
class Suite:
    """A suite as its file says it: models on data sets, or estimators on tasks.

    Attributes:
        name: The file's name without its ending.
        settings: The file's contents, which the schema has checked.
        given: What the user called it: a name, or the path of its file.
    """

    name: str
    settings: Mapping[str, Any]
    given: str = ""

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
        """The seeds that every model is trained with, or every task's pairs are drawn with."""
        return self.settings["seeds"]

    @property
    def seeds_per_job(self) -> int:
        """How many seeds one job trains."""
        return self.settings.get("seeds_per_job", len(self.seeds))

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics."""
        return self.settings.get("metrics", [])

    @property
    def likelihood_images(self) -> int | None:
        """How many evaluation images the log-likelihood is measured on; all if None."""
        return self.settings.get("likelihood_images")

    @property
    def pictures(self) -> list[str]:
        """The names of the pictures that are drawn of every model."""
        return self.settings.get("pictures", ["reconstructions", "samples", "traversals"])

    @property
    def claims(self) -> list[dict[str, Any]]:
        """The claims that the records are held against, with what the file leaves out of them."""
        return [in_full(claim, list(self.datasets)) for claim in self.settings.get("claims", [])]

    @property
    def groups(self) -> dict[str, str]:
        """The group that each model is shown in; one that says none is a group of its own."""
        return {name: entry.get("group", name) for name, entry in self.models.items()}

    @property
    def arms(self) -> dict[str, str]:
        """The arm of the experiment that each model belongs to; one that says none has ""."""
        return {name: entry.get("arm", "") for name, entry in self.models.items()}

    @property
    def tasks(self) -> dict[str, list[str]]:
        """The names of the tasks by group, or nothing; a group is one job for each estimator."""
        return self.settings.get("tasks", {})

    @property
    def estimators(self) -> list[str]:
        """The names of the estimators."""
        return self.settings.get("estimators", [])

    @property
    def sizes(self) -> list[int]:
        """How many pairs are drawn of each task."""
        return self.settings.get("sizes", [])

    @property
    def verified(self) -> bool:
        """Whether the known answers are gone through before the report."""
        return bool(self.tasks) and self.settings.get("verify", True)

    @cached_property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """The data sets by name, each with its own settings."""
        return _entries("dataset", DATASETS, self.settings.get("datasets", []))

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models by name, each with its own settings."""
        return _entries("model", MODELS, self.settings.get("models", []))

    def families(self) -> dict[str, list[str]]:
        """The metrics by family; a family's metrics are one job."""
        named = {name: [m for m in self.metrics if family_of(m) == name] for name in FAMILIES}
        return {name: metrics for name, metrics in named.items() if metrics}

    def find_group(self, group: str) -> list[str]:
        """Returns the tasks of a group.

        Raises:
            UserError: The suite has no such group.
        """
        return _find("group", self.tasks, group)

    def find_estimator(self, name: str) -> str:
        """Returns an estimator as the suite gives it, by that or by its name in the records.

        Raises:
            UserError: The suite has no such estimator.
        """
        return _find("estimator", {row_name(e): e for e in self.estimators}, row_name(name))

    def cell(self, dataset: str, model: str) -> dict[str, Any]:
        """Returns everything that a training depends on, but its seeds.

        What a model says of the shared settings goes before what its data set says, and that before
        what the suite says.

        Raises:
            UserError: The suite has no such data set or model.
        """
        layers = [self.settings, _find("dataset", self.datasets, dataset)]
        layers.append(_find("model", self.models, model))
        shared = {key: merged(DEFAULTS[key], *(e.get(key) for e in layers)) for key in SHARED}
        return {"dataset": _own(layers[1]), "model": _own(layers[2]), **shared}


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


def _entries(kind: str, registry: Registry, entries: list[Any]) -> dict[str, dict[str, Any]]:
    """Entries by name; each says which data set or model it is."""
    named: dict[str, dict[str, Any]] = {}
    for entry in entries:
        entry = {kind: entry} if isinstance(entry, str) else dict(entry)
        entry.setdefault(kind, entry.get("name"))
        if entry[kind] is None:
            raise UserError(f"a {kind} needs a `name` or a `{kind}`: {entry}")
        name = entry.pop("name", None) or row_name(entry[kind])
        if name in named:
            raise UserError(f"{kind} {name!r} is given twice; give one a `name` of its own")
        named[name] = entry
    return named


def _find(kind: str, entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise unknown(f"{kind} of this suite:", name, entries)
    return entries[name]


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in (*SHARED, *SHOWN)}


def merged(default: Any, *layers: Any) -> Any:
    """Returns the last layer that is there; mappings are joined key by key, at every depth."""
    value = default
    for layer in layers:
        if isinstance(value, dict) and isinstance(layer, dict):
            value = value | {key: merged(value.get(key), own) for key, own in layer.items()}
        elif layer is not None:
            value = layer
    return value
