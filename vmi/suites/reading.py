"""Reads the YAML of a suite: no key is there twice, and what its anchors expand to has a limit."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from vmi.errors import UserError, reason, short

__all__ = ["read_yaml"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LETTERS = 1_000_000  # of a file, and of what its anchors expand to


def read_yaml(path: Path) -> Any:
    """Returns the contents of a YAML file.

    Raises:
        UserError: It cannot be read, is no YAML, is too long, or holds a key twice.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LETTERS + 1)
        return _contents(text)
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path.name}: not UTF-8, in which a suite is written") from error
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({reason(error)})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: the 31st of June
        raise UserError(f"{path.name}: not YAML: {' '.join(str(error).split())}") from error


def _contents(text: str) -> Any:
    if len(text) > LETTERS:
        raise UserError(f"longer than {LETTERS:,} letters, which is no suite")
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _size(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int | None]) -> int:
    """The letters that a node stands for, its anchors expanded; a value counts as ten more."""
    if id(node) not in known:
        known[id(node)] = None
        parts = [] if isinstance(node, yaml.ScalarNode) else node.value
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)
            parts = [part for pair in parts for part in pair]
        own = len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        known[id(node)] = 10 + own + sum(_size(part, known) for part in parts)
    size = known[id(node)]
    line = f"line {node.start_mark.line + 1}"
    if size is None:
        raise UserError(f"{line}: nested in itself")
    if size > 10 * LETTERS:
        raise UserError(f"{line}: its anchors expand to more than {LETTERS:,} values")
    return size


def _check_keys(node: yaml.MappingNode) -> None:
    keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
    if twice := [key for key, count in keys.items() if count > 1]:
        line = max(k.start_mark.line for k, _ in node.value if k.value == twice[0]) + 1
        raise UserError(f"{short(twice[0])} is given twice, in line {line} again: join or rename")
