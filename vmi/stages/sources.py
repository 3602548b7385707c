"""Which code something is made by, as one short hash: an edit re-runs what it can change, no more.

Snakemake's own code trigger does not see edits in an imported package. What code there is is found
by following imports, through this package and through the files of the user's own. A hash sees
neither the names of files nor the import lines of this package, so that code can be moved; nor
comments, docstrings and layout; nor the entries of registries, whose things are hashed where they
are used. Nothing is imported here.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from vmi.references import FOLDERS, source

__all__ = ["files", "fingerprint", "sources"]

PACKAGE = Path(__file__).resolve().parent.parent
TEMPLATES = "*.html"  # what a module reads from its own folder


@cache
def sources(*references: str) -> str:
    """Hashes all code that `module` or `module:attribute` references lead to, once a process.

    A reference that is not found has no say.
    """
    return fingerprint(files(*references))


def files(*references: str) -> set[Path]:
    """Returns the files that references lead to: their own, and all that those import."""
    found: set[Path] = set()
    left = [path for path in map(source, references) if path is not None]
    while left:
        path = left.pop()
        if path not in found and path.is_file():
            found.add(path)
            left += _imported(path, path.read_bytes()) if path.suffix == ".py" else ()
    return found


def fingerprint(paths: Iterable[Path]) -> str:
    """Hashes the contents of files, of Python the code alone, whatever the files are called."""
    contents = {
        _code(path.read_bytes()) if path.suffix == ".py" else path.read_bytes() for path in paths
    }
    return hashlib.sha256(b"\0".join(sorted(contents))).hexdigest()[:12]


@cache
def _imported(path: Path, contents: bytes) -> tuple[Path, ...]:
    """The files that a file imports when it runs, and the templates beside it."""
    names = [name for node in _running(_parsed(contents)) for name in _modules(node, path)]
    beside = path.parent.glob(TEMPLATES) if PACKAGE in path.parents else ()
    return (*filter(None, (_file(name, path) for name in dict.fromkeys(names))), *beside)


def _running(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements within a node, but for what is there for type checkers alone."""
    for block in ("body", "orelse", "handlers", "finalbody", "cases"):
        for child in getattr(node, block, ()):
            checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            if not checking:
                yield child
                yield from _running(child)


def _modules(node: ast.AST, path: Path) -> Iterator[str]:
    """The modules that a statement may import: of `from a import b`, a and a.b.

    A module lies in packages, which are imported before it. A relative one begins with its dots.
    """
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        home = "." * node.level + (node.module or "")
        inner = [f"{home}{'.' if node.module else ''}{alias.name}" for alias in node.names]
        names = [name if _file(name, path) else home for name in inner]
    else:
        return
    for name in names:
        yield name
        if not _is_inside(name):
            yield from map(str, _packages(name))


def _packages(name: str) -> Iterator[str]:
    """The packages that a module lies in."""
    while "." in name.lstrip("."):
        name = name.rpartition(".")[0]
        yield name


def _file(name: str, importer: Path) -> Path | None:
    """The file of a module of this package, or of one that is found from the user's own file."""
    inside = _is_inside(name)
    if not inside and PACKAGE in importer.parents:
        return None
    for folder in [PACKAGE.parent] if inside else _folders(name, importer):
        path = folder.joinpath(*name.lstrip(".").split("."))
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def _folders(name: str, importer: Path) -> list[Path]:
    """Where a module of the user's own may lie; of a relative one, one dot is the file's folder."""
    if dots := len(name) - len(name.lstrip(".")):
        return [importer.parents[min(dots, len(importer.parents)) - 1]]
    return [importer.parent, Path.cwd(), *FOLDERS]


def _parsed(contents: bytes) -> ast.Module:
    try:
        return ast.parse(contents)
    except (SyntaxError, ValueError):  # a user's file, whose import will say what is wrong
        return ast.Module([ast.Expr(ast.Constant(contents))], [])


@cache
def _code(contents: bytes) -> bytes:
    """A file of Python without all that changes no number."""
    return ast.dump(_Bare().visit(_parsed(contents))).encode()


class _Bare(ast.NodeTransformer):
    """Takes out docstrings, imports of this package, lists of public names, and registries."""

    def visit_Import(self, node: ast.Import) -> ast.Import | None:
        node.names = [alias for alias in node.names if not _is_inside(alias.name)]
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if _is_inside(node.module or "") else node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign | None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        called = node.value.func if isinstance(node.value, ast.Call) else None
        registry = isinstance(called, ast.Name) and called.id == "Registry"
        return None if names == ["__all__"] or registry else node

    def visit_Module(self, node: ast.Module) -> ast.Module:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._without_docstring(node)

    def _without_docstring(self, node):
        if ast.get_docstring(node, clean=False) is not None:
            node.body[0].value.value = ""
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node


def _is_inside(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name
