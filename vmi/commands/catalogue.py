"""`vmi list`: every registered name, with one line of what it is and where it comes from."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import wrap

from vmi.commands.show import print_json, say
from vmi.errors import unknown
from vmi.registry import Registry, source

__all__ = ["KINDS", "Entry", "catalogue", "show"]

# Where the registries are; a kind is imported when it is shown, and some import torch.
KINDS = {
    "datasets": "vmi.data:DATASETS",
    "models": "vmi.models:MODELS",
    "networks": "vmi.nets.networks:NETWORKS",
    "likelihoods": "vmi.nets.likelihoods:LIKELIHOODS",
    "metrics": "vmi.metrics:METRICS",
    "metrics-across-seeds": "vmi.metrics:ACROSS_SEEDS",
    "information": "vmi.mi:INFORMATION",
    "log-likelihoods": "vmi.likelihood:LOG_LIKELIHOODS",
    "estimators": "vmi.mi:ESTIMATORS",
    "tasks": "vmi.tasks:TASKS",
    "pictures": "vmi.pictures:PICTURES",
}

WIDTH = 100  # of a line


@dataclass(frozen=True)
class Entry:
    """A registered name.

    Attributes:
        kind: A name of `KINDS`.
        name: As suites and commands call it.
        summary: The first line of its docstring.
        references: The addresses in its docstring, or in that of the thing it refers to.
    """

    kind: str
    name: str
    summary: str
    references: tuple[str, ...]


def show(kind: str | None = None, json: bool = False) -> None:
    """Prints every registered name by kind, or those of one kind.

    Raises:
        UserError: There is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    entries = {name: catalogue(name) for name in ([kind] if kind else KINDS)}
    if json:
        print_json([vars(entry) for each in entries.values() for entry in each])
    else:
        say("\n\n".join(f"{name}\n{_table(each)}" for name, each in entries.items()))


def catalogue(kind: str) -> list[Entry]:
    """Returns the entries of a kind, in the order of its registry."""
    module, _, attribute = KINDS[kind].partition(":")
    registry: Registry = getattr(import_module(module), attribute)
    return [
        Entry(
            kind,
            name,
            _summary(_docstring(reference) or _imported(reference)),
            tuple(_references(reference)),
        )
        for name, reference in registry.items()
    ]


def _table(entries: list[Entry]) -> str:
    """What a name is, and below it where it comes from."""
    width = max(len(entry.name) for entry in entries)
    lines = []
    for entry in entries:
        said = wrap(entry.summary, WIDTH - width - 4) or ["-"]
        sources = " ".join(map(_short, entry.references))
        lines.append(f"  {entry.name:{width}}  {said[0]}")
        lines += [f"  {'':{width}}  {line}" for line in (*said[1:], sources) if line]
    return "\n".join(lines)


def _summary(docstring: str) -> str:
    """What a docstring begins with, without its verb and its markup."""
    first = " ".join(docstring.partition("\n\n")[0].split())
    bare = re.sub(r"^(Returns|Creates) ", "", first)
    plain = re.sub(r":\w+:`([^`]*)`|`+([^`]*)`+", r"\1\2", bare).replace("\\", "")
    return plain if bare.startswith("`") else plain[:1].upper() + plain[1:]


def _references(reference: str) -> Iterator[str]:
    """The addresses in a docstring, else in that of what it names, else in its module's."""
    module, docstring = reference.partition(":")[0], _docstring(reference)
    seen = re.findall(r"`(\w+)`", docstring)
    for text in (docstring, *(_docstring(f"{module}:{name}") for name in seen), _docstring(module)):
        if found := re.findall(r"https?://[^\s<>\"]+", text):
            yield from dict.fromkeys(address.rstrip(".,;)") for address in found)
            return


def _short(address: str) -> str:
    """An address in as few letters as a person needs to find it.

    Example:
        >>> _short("https://arxiv.org/abs/1802.04942"), _short("https://yann.lecun.com/mnist/")
        ('arXiv:1802.04942', 'yann.lecun.com/mnist')
    """
    plain = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return re.sub(r"^arxiv\.org/(?:abs|pdf)/", "arXiv:", plain)


def _docstring(reference: str) -> str:
    """The docstring of `module:attribute`, or of a module, read without importing anything."""
    path = source(reference)
    if path is None:
        return ""
    tree, attribute = _parsed(path), reference.partition(":")[2]
    named = [node for node in tree.body if getattr(node, "name", None) == attribute]
    found = named[:1] if attribute else [tree]
    return "".join(ast.get_docstring(node) or "" for node in found)


def _imported(reference: str) -> str:
    """The docstring of what is made, not defined, by its module; that one has to be imported."""
    module, _, attribute = reference.partition(":")
    return inspect.getdoc(getattr(import_module(module), attribute)) or ""


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
