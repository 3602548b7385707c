"""A suite: what is run, a grid of tasks, methods, sizes, seeds and measures.

`vmi.suites.file` reads it, and checks it before anything is run. This file imports no torch, as
Snakemake reads a suite whenever it starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vmi.cards import Card
from vmi.errors import UserError, unknown
from vmi.metrics import ACROSS_SEEDS
from vmi.registry import row_name
from vmi.suites.arms import arms_of, base_of
from vmi.suites.claims import in_full
from vmi.suites.kinds import Kind, Noun, kind_of

__all__ = ["Suite", "merged"]

SHARED = ("latents", "network", "likelihood", "training")  # said by the suite, or by an entry
SHOWN = ("label", "group", "variant")  # of an entry, for the reader alone
DEFAULTS = {"latents": {}, "network": "dense", "likelihood": "bernoulli", "training": {}}


@dataclass(frozen=True)
class Suite:
    """A suite as its file says it.

    Attributes:
        name: The file's name without its ending.
        settings: The file's contents, which the schema has checked.
        given: What the user called it: a name, or the path of its file.
    """

    name: str
    settings: Mapping[str, Any]
    given: str = ""

    @cached_property
    def kind(self) -> Kind:
        """What kind of suite it is."""
        return kind_of(self.settings)

    @property
    def title(self) -> str:
        """The page's title."""
        return self.settings["title"]

    @property
    def description(self) -> str:
        """A few sentences for the page."""
        return self.settings.get("description", "")

    def method_settings(self, method: str) -> dict[str, Any]:
        """Returns the settings that a method's entry says of itself alone."""
        kind = self.kind.method.registry.kind
        return {key: value for key, value in _own(self.methods[method]).items() if key != kind}

    @property
    def seeds(self) -> list[int]:
        """The seeds of everything random."""
        return self.settings["seeds"]

    @property
    def seeds_per_job(self) -> int:
        """How many seeds one job takes together."""
        return self.settings.get("seeds_per_job", len(self.seeds))

    @property
    def keep_states(self) -> bool:
        """Whether the state of a training that is done is kept, so that it can be taken further."""
        return self.settings.get("keep_states", False)

    @property
    def sizes(self) -> list[int]:
        """How many samples are drawn of each task; 0 alone where a task comes in one size."""
        return self.settings.get("sizes", [0])

    @cached_property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """What is given, by name, each with its own settings."""
        return _entries(self.kind.task, self.settings)

    @cached_property
    def methods(self) -> dict[str, dict[str, Any]]:
        """What answers it, by name, each with its own settings."""
        return _entries(self.kind.method, self.settings)

    @cached_property
    def arms(self) -> dict[str, dict[str, Any]]:
        """What each method is refined by, by name, without the arm that is the method as it is."""
        return arms_of(self.kind, self.settings)

    @property
    def base(self) -> str:
        """The name of the arm that is the method as it is, which records call ""."""
        return base_of(self.kind, self.settings)

    @property
    def stages(self) -> tuple[str, ...]:
        """What one job does with a cohort of seeds, in order; without arms nothing is refined."""
        return tuple(stage for stage in self.kind.stages if stage != "refine" or self.arms)

    @property
    def checked(self) -> tuple[str, ...]:
        """The stages that check it before anything is run."""
        return (*self.stages, *(["compare"] if "compare" in self.kind.products else []))

    @property
    def measures(self) -> list[str]:
        """What is measured, as the file calls it."""
        key = self.kind.metrics
        return list(self.settings.get(key, []) if key else self.kind.measures)

    @property
    def across_seeds(self) -> list[str]:
        """Those of the measures that compare the seeds of a method with each other."""
        return [name for name in self.measures if ACROSS_SEEDS.knows(name)]

    @property
    def by_seed(self) -> list[str]:
        """Those of the measures that are of each seed by itself."""
        return [name for name in self.measures if not ACROSS_SEEDS.knows(name)]

    @cached_property
    def of_prior(self) -> list[str]:
        """Those of them that each arm has a number of its own of."""
        named = self.by_seed if self.arms else []
        return [name for name in named if self.card("measures", row_name(name)).of_prior]

    @property
    def measured(self) -> list[tuple[str, str]]:
        """Every arm, "" for the method as it is, with each measure that is taken of it alone."""
        refined = [(arm, name) for arm in self.arms for name in self.of_prior]
        return [*(("", name) for name in self.by_seed), *refined]

    @property
    def headline(self) -> list[str]:
        """The few measures that are shown first: what the file names, or whose cards ask for it."""
        if "headline" in self.settings:
            return list(map(row_name, self.settings["headline"]))
        return [m for m in self.rows_of("measures") if self.card("measures", m).headline]

    @cached_property
    def claims(self) -> list[dict[str, Any]]:
        """The claims that the records are held against; see `vmi.suites.claims.in_full`."""
        return [in_full(claim, self) for claim in self.settings.get("claims", [])]

    @property
    def likelihood_images(self) -> int | None:
        """How many evaluation images the log-likelihood is measured on; all if None."""
        return self.settings.get("likelihood_images")

    @property
    def pictures(self) -> list[str]:
        """The names of the pictures that are drawn of every model."""
        return self.settings.get("pictures", ["reconstructions", "samples", "traversals"])

    @property
    def verified(self) -> bool:
        """Whether the known answers are gone through before the report."""
        return self.settings.get("verify", True)

    @property
    def groups(self) -> dict[str, str]:
        """The group that each method is shown in; one that says none is a group of its own."""
        return {name: entry.get("group", name) for name, entry in self.methods.items()}

    @property
    def variants(self) -> dict[str, str]:
        """The variant of the experiment that each method belongs to; "" for one that says none."""
        return {name: entry.get("variant", "") for name, entry in self.methods.items()}

    @cached_property
    def task_groups(self) -> dict[str, list[str]]:
        """The names of the tasks by group; a group is one job for each method and cohort."""
        groups: dict[str, list[str]] = {}
        for name, entry in self.tasks.items():
            groups.setdefault(entry.get("group", name), []).append(name)
        return groups

    def rows_of(self, side: str) -> list[str]:
        """Returns how the records call all "tasks", "methods", "arms" or "measures"."""
        return [row_name(name) for name in getattr(self, side)]

    def card(self, side: str, name: str) -> Card:
        """Returns what one of the "tasks", "methods", "arms" or "measures" says of itself.

        Args:
            side: Of the grid.
            name: As the records call it; of a measure, `measure/part` too.
        """
        if side == "measures":
            return self._measure_card(name)
        if side == "arms" and not name:
            listed = self.settings.get("arms", {}).get(self.base, {})
            return Card(name=listed.get("label", self.base))
        kind = self.kind
        noun: Noun = {"tasks": kind.task, "methods": kind.method, "arms": kind.arm}[side]
        entry = getattr(self, side).get(name)
        if entry is None:
            return Card(name=name)
        if "label" in entry:
            return Card(name=entry["label"])
        called = entry[noun.registry.kind]
        return noun.registry.card(called) if row_name(called) == name else Card(name=name)

    def _measure_card(self, name: str) -> Card:
        row, _, part = name.partition("/")
        called = next((m for m in self.measures if row_name(m) == row), None)
        if called is None:
            return Card(name=name)
        registry = self.kind.measures
        if not part:
            return registry.card(called)
        entry, _ = registry.split(called)
        whole = registry[entry] if entry in registry else registry.card(called)
        return whole.part(row, part)

    def cell(self, task: str, method: str) -> dict[str, Any]:
        """Returns everything that an answer depends on, but its seeds.

        What a method says of the shared settings goes before what its task says, and that before
        what the suite says.

        Raises:
            UserError: The suite has no such task or method.
        """
        layers = [self.settings, self.find("task", task), self.find("method", method)]
        shared = {key: merged(DEFAULTS[key], *(e.get(key) for e in layers)) for key in SHARED}
        nouns = (self.kind.task.registry.kind, self.kind.method.registry.kind)
        own = {noun: _own(layer) for noun, layer in zip(nouns, layers[1:], strict=True)}
        return own | {key: shared[key] for key in SHARED if key in self.kind.settings}

    def find(self, side: str, name: str) -> dict[str, Any]:
        """Returns the entry of a "task" or a "method".

        Raises:
            UserError: The suite has no such one.
        """
        noun: Noun = getattr(self.kind, side)
        return _found(noun.registry.kind, getattr(self, f"{side}s"), name)

    def group(self, name: str) -> list[str]:
        """Returns the names of the tasks of a group.

        Raises:
            UserError: The suite has no such group.
        """
        return _found("group", self.task_groups, name)


def _entries(noun: Noun, settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries by the names that the records give them; each says what it is called."""
    kind, listed = noun.registry.kind, settings.get(noun.key, [])
    grouped = listed if isinstance(listed, Mapping) else {None: listed}
    named: dict[str, dict[str, Any]] = {}
    for group, entries in grouped.items():
        for entry in entries:
            entry = {kind: entry} if isinstance(entry, str) else dict(entry)
            entry.setdefault(kind, entry.get("name"))
            if entry[kind] is None:
                raise UserError(f"a {kind} needs a `name` or a `{kind}`: {entry}")
            name = entry.pop("name", None) or row_name(entry[kind])
            if name in named:
                raise UserError(f"{kind} {name!r} is given twice; give one a `name` of its own")
            named[name] = entry | ({"group": group} if group else {})
    return named


def _found(kind: str, entries: Mapping[str, Any], name: str) -> Any:
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
