"""`vmi list`: every registered name, with what it is, how it is read and where it comes from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import wrap

import vmi
from vmi.commands.docstrings import first_sentence, references, short
from vmi.commands.show import print_json, say
from vmi.errors import unknown
from vmi.registry import Registry

__all__ = ["REGISTRIES", "Entry", "catalogue", "entry", "show"]

# Each is imported when it is shown, and some import torch.
REGISTRIES = {
    "datasets": "DATASETS",
    "models": "MODELS",
    "networks": "NETWORKS",
    "likelihoods": "LIKELIHOODS",
    "priors": "PRIORS",
    "metrics": "METRICS",
    "metrics-across-seeds": "ACROSS_SEEDS",
    "information": "INFORMATION",
    "log-likelihoods": "LOG_LIKELIHOODS",
    "estimators": "ESTIMATORS",
    "tests": "TESTS",
    "learners": "LEARNERS",
    "tasks": "TASKS",
    "triples": "TRIPLES",
    "graphs": "GRAPHS",
    "pictures": "PICTURES",
}
BETTER = {"up": "more is better", "down": "less is better", "": ""}

WIDTH = 100  # of a line


@dataclass(frozen=True)
class Entry:
    """A registered name.

    Attributes:
        kind: A name of `REGISTRIES`; "" of a user's own thing.
        name: As suites and commands call it.
        label: As people call it.
        summary: The first line of its docstring.
        heading: Under which its numbers are tabled.
        better: Whether more of it is better ("up") or less ("down"), or neither ("").
        unit: Of its numbers.
        reading: One sentence on how to read it.
        references: The addresses in its docstring, or in that of the thing it refers to.
    """

    kind: str
    name: str
    label: str
    summary: str
    heading: str
    better: str
    unit: str
    reading: str
    references: tuple[str, ...]


def show(kind: str | None = None, json: bool = False) -> None:
    """Prints every registered name by kind, or those of one kind, or one name.

    Args:
        kind: A name of `REGISTRIES`, or a name that is registered, or `my_file:my_metric`.
        json: Print JSON.

    Raises:
        UserError: There is no such kind and no such name.
    """
    entries = _found(kind)
    if json:
        print_json([asdict(entry) for each in entries.values() for entry in each])
    else:
        say("\n\n".join(f"{name}\n{_table(each)}".strip("\n") for name, each in entries.items()))


def catalogue(kind: str) -> list[Entry]:
    """Returns the entries of a kind, in the order of its registry."""
    registry = _registry(kind)
    return [entry(registry, name, kind) for name in registry]


def entry(registry: Registry, name: str, kind: str = "") -> Entry:
    """Returns what a name says of itself.

    Raises:
        UserError: Nobody knows it, or it is a user's own and does not import.
    """
    if ":" in name:
        registry.load(name)
    card, reference = registry.card(name), registry.reference(name)
    return Entry(
        kind,
        name,
        card.name,
        first_sentence(reference),
        card.heading,
        card.better,
        card.unit,
        card.reading,
        tuple(references(reference)),
    )


def _found(kind: str | None) -> dict[str, list[Entry]]:
    """The entries by their kinds."""
    if kind is None:
        return {name: catalogue(name) for name in REGISTRIES}
    if kind in REGISTRIES:
        return {kind: catalogue(kind)}
    if ":" in kind:
        return {"": [entry(Registry("name", {}), kind)]}
    found = {name: [entry(_registry(name), kind, name)] for name in _knowing(kind)}
    if not found:
        raise unknown("kind", kind, REGISTRIES)
    return found


def _registry(kind: str) -> Registry:
    return getattr(vmi, REGISTRIES[kind])


def _knowing(name: str) -> Iterator[str]:
    """The kinds that have an entry of that name."""
    return (kind for kind in REGISTRIES if _registry(kind).knows(name))


def _table(entries: list[Entry]) -> str:
    """What a name is, where it comes from, and how it is read."""
    width = max(len(entry.name) for entry in entries)
    lines = []
    for each in entries:
        texts = [_lead(each), " ".join(map(short, each.references)), _reading(each)]
        first, *more = [line for text in texts for line in _wrapped(text, width)] or ["-"]
        lines.append(f"  {each.name:{width}}  {first}")
        lines += [f"  {'':{width}}  {line}" for line in more]
    return "\n".join(lines)


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of whole words, as an address that is broken leads nowhere."""
    return wrap(text, WIDTH - indent - 4, break_long_words=False, break_on_hyphens=False)


def _lead(of: Entry) -> str:
    """What people call it, where that says more than its name, and what it is."""
    label = "" if of.label in (of.name, of.name.rpartition(":")[2]) else of.label
    return ": ".join(filter(None, (label, of.summary)))


def _reading(of: Entry) -> str:
    """Its heading, its direction and unit, and how to read it."""
    scale = "; ".join(filter(None, (of.heading, of.unit and f"in {of.unit}", BETTER[of.better])))
    return " ".join(filter(None, (scale and f"{scale}.", of.reading)))
