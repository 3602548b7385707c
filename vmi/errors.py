"""Errors that a user can cause: one line on stderr, exit code 2, before anything expensive."""

import math
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

__all__ = [
    "LONG",
    "Damaged",
    "DataWarning",
    "NotApplicable",
    "Stopped",
    "UserError",
    "beware",
    "nearest",
    "number_hint",
    "reading",
    "reason",
    "short",
    "unknown",
]

LONG = 200  # letters of a name, beyond which it is shown in part


class UserError(Exception):
    """Something the user can mend; `python -m vmi` prints it as one line and exits with 2."""


class Damaged(UserError):
    """A file that an earlier stage made is not as it was made.

    Args:
        path: The file.
        wrong: What is wrong with it.
        remedy: What to remove so that it is made again.
    """

    def __init__(self, path: object, wrong: str, remedy: object) -> None:
        super().__init__(f"{path} {wrong}: remove {remedy}, and run the suite again")


class NotApplicable(Exception):
    """A metric that has no meaning for this data or this code; it becomes a row with its reason."""


class Stopped(BaseException):
    """Somebody asked the process to end, and it does; run again, it goes on.

    `python -m vmi` prints it as one line and exits with 75, which is EX_TEMPFAIL of sysexits: "the
    user is invited to retry" (https://man.openbsd.org/sysexits). No `except Exception` of a plug-in
    holds it up.
    """


class DataWarning(UserWarning):
    """What to look at in arrays of the user's own; they are measured all the same."""


def beware(text: str) -> None:
    """Warns, in one line, at the line of the user's code that called this package."""
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "vmi":
        frame, level = frame.f_back, level + 1
    warnings.warn(" ".join(text.split()), DataWarning, stacklevel=level)


def unknown(kind: str, name: object, known: Iterable[object]) -> UserError:
    """Creates the error for a name nobody knows, with the nearest name that somebody does.

    Example:
        >>> str(unknown("model", "vea", ["vae", "beta-vae"]))
        "unknown model 'vea': did you mean 'vae'? (known: beta-vae, vae)"
    """
    name, known = str(name), sorted(map(str, known))
    if not known:
        return UserError(f"unknown {kind} {name!r}: there are none")
    near = nearest(name, known)
    hint = f": did you mean {near!r}?" if near else ""
    names = f"(known: {', '.join(known)})"
    return UserError(f"unknown {kind} {short(name)}{hint} {names}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name that is most like a name, or "" where none is."""
    if len(name) > LONG:  # comparing takes as long as the square of it
        return ""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), "")


def short(value: object) -> str:
    """Returns how Python writes a value, cut where it is long.

    Example:
        >>> short("a"), short("a" * 1000)[-16:]
        ("'a'", 'aa... (802 more)')
    """
    text = repr(value)
    return text if len(text) <= LONG else f"{text[:LONG]}... ({len(text) - LONG:,} more)"


def reason(error: BaseException) -> str:
    """Returns an exception's type and what it says, on one line.

    Example:
        >>> reason(ValueError("too few\\nof them"))
        'ValueError: too few of them'
    """
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")


def number_hint(given: object, *, whole: bool = False) -> str:
    """Returns how to write a number that YAML reads as text, to end a message; "" for all else.

    Args:
        given: What stands where a number should.
        whole: The number should be a whole one.

    Example:
        >>> number_hint("1e-3")
        ' (write 1.0e-3: YAML reads 1e-3 as text)'
    """
    try:
        number = float(given) if isinstance(given, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    text = given.strip()
    match = re.fullmatch(r"([+-]?)([0-9]*)(\.[0-9]*)?[eE]([+-]?)([0-9]+)", text)
    written = text
    if match:
        sign, digits, point, exponent_sign, exponent = match.groups()
        written = f"{sign}{digits or 0}{point or '.0'}e{exponent_sign or '+'}{exponent}"
        if whole and number.is_integer() and abs(number) < 1e15:
            written = str(int(number))
    if written == text:
        return f" (write {text} without quotes)"
    return f" (write {written}: YAML reads {text} as text)"


@contextmanager
def reading(path: Path, remedy: Path | None = None) -> Iterator[None]:
    """Says in one line which file cannot be read, whatever its reader makes of it.

    Args:
        path: The file.
        remedy: What to remove so that it is made again; the file itself, if None.

    Raises:
        Damaged: What is done within fails.
    """
    try:
        yield
    except Damaged:
        raise
    except Exception as error:  # a damaged file can fail its reader in any way
        raise Damaged(path, f"cannot be read ({reason(error)})", remedy or path) from error
