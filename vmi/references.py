"""References `module:attribute`: imported when asked for, and asked what they want to be given."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from vmi.errors import UserError, reason, unknown

__all__ = ["FOLDERS", "asked_for", "import_reference", "search_beside", "settings", "source"]

FOLDERS: list[Path] = []  # of suites, whose plug-ins lie beside them


def import_reference(kind: str, reference: str) -> Any:
    """Imports `module:attribute`; `kind` says what it should be in a message.

    Raises:
        UserError: What stands there is no name of a module, it does not import, or it has no such
            attribute.
    """
    module_name, _, attribute = reference.partition(":")
    if not all(module_name.split(".")) or "/" in module_name or "\\" in module_name:
        raise UserError(
            f"{kind} {reference!r} names no module: write the name of a file beside the suite "
            f"without its .py, as in my_file:{attribute or 'my_function'}"
        )
    _here_first()
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no part of what a command prints
            module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # a user's file can fail in any way: theirs to mend
        said = f"{kind} {reference!r} does not import ({reason(error)})"
        lacking = isinstance(error, ModuleNotFoundError) and error.name == module_name
        raise UserError(said + _searched(module_name) * lacking) from error
    if not hasattr(module, attribute):
        raise unknown(f"{kind} in {module_name!r}:", attribute, _public(module))
    return getattr(module, attribute)


def source(reference: str) -> Path | None:
    """Returns the file that defines `module:attribute`, found without importing it."""
    _here_first()
    try:
        spec = importlib.util.find_spec(reference.partition(":")[0])
    except (ModuleNotFoundError, ValueError):  # ValueError: a module without a spec, as __main__
        return None
    return Path(spec.origin) if spec and spec.origin else None


def settings(thing: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Returns the keyword-only parameters of a function, or of a class and its parents."""
    functions = [thing]
    if inspect.isclass(thing):
        functions = [vars(c)["__init__"] for c in thing.__mro__ if "__init__" in vars(c)]
    found: dict[str, inspect.Parameter] = {}
    for function in functions:
        for parameter in _parameters(function):
            if parameter.kind is parameter.KEYWORD_ONLY:
                found.setdefault(parameter.name, parameter)
    return found


def asked_for(
    name: str,
    metric: Callable[..., Any],
    offered: Iterable[str],
    kind: str = "metric",
) -> list[str]:
    """Returns the names of what a metric wants to be called with: its positional parameters.

    So it is with all that is called by what it asks for; `kind` says what it is in the message.

    Raises:
        UserError: It wants something that is not offered.
    """
    parameters = inspect.signature(metric).parameters.values()
    wanted = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    for parameter in wanted:
        if parameter not in offered:
            raise UserError(
                f"{kind} {name!r} asks for {parameter!r}; there is: {', '.join(offered)}"
            )
    return wanted


def search_beside(suite: Path) -> None:
    """Has plug-ins be found in the folder of a suite too, after the one that is worked in."""
    if (folder := suite.absolute().parent) not in (*FOLDERS, Path.cwd()):
        FOLDERS.append(folder)


def _here_first() -> None:
    """A user's own file lies in the folder they work in, which a console script does not search."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    sys.path += [str(folder) for folder in FOLDERS if str(folder) not in sys.path]


def _searched(module: str) -> str:
    folders = " or ".join(map(str, dict.fromkeys([Path.cwd(), *FOLDERS])))
    return f": there is no {module.replace('.', '/')}.py in {folders}"


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a C function without a signature has no settings
        return []


def _public(module: Any) -> list[str]:
    own = {k: v for k, v in vars(module).items() if not k.startswith("_")}
    return [k for k, v in own.items() if getattr(v, "__module__", None) == module.__name__]
