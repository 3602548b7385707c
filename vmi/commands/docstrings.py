"""What a docstring says first and where it says that a thing comes from, read without importing."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from vmi.references import source

__all__ = ["first_sentence", "plain", "references", "short"]


def first_sentence(reference: str) -> str:
    """Returns what the docstring of `module:attribute` begins with, without markup."""
    return plain(_docstring(reference) or _imported(reference))


def plain(docstring: str) -> str:
    """Returns what a docstring begins with, without its verb and its markup.

    Example:
        >>> plain("Returns the :math:`x` of `Codes`,\\nas a number.\\n\\nMore.")
        'The x of Codes, as a number.'
    """
    first = " ".join(docstring.partition("\n\n")[0].split())
    bare = re.sub(r"^(Returns|Creates) ", "", first)
    text = re.sub(r":\w+:`([^`]*)`|`+([^`]*)`+", r"\1\2", bare).replace("\\", "")
    return text if bare.startswith("`") else text[:1].upper() + text[1:]


def references(reference: str) -> Iterator[str]:
    """Yields the addresses in a docstring, else in that of what it names, else in its module's."""
    module, docstring = reference.partition(":")[0], _docstring(reference)
    seen = re.findall(r"`(\w+)`", docstring)
    for text in (docstring, *(_docstring(f"{module}:{name}") for name in seen), _docstring(module)):
        if found := re.findall(r"https?://[^\s<>\"]+", text):
            yield from dict.fromkeys(address.rstrip(".,;)") for address in found)
            return


def short(address: str) -> str:
    """Returns an address in as few letters as a person needs to find it.

    Example:
        >>> short("https://arxiv.org/abs/1802.04942"), short("https://yann.lecun.com/mnist/")
        ('arXiv:1802.04942', 'yann.lecun.com/mnist')
    """
    bare = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return re.sub(r"^arxiv\.org/(?:abs|pdf)/", "arXiv:", bare)


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
