"""Errors that a user can cause: one line on stderr, exit code 2, before anything expensive."""

import errno
import math
import os
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
    "MachineFailed",
    "NotApplicable",
    "Stopped",
    "UserError",
    "beware",
    "failure",
    "machine_failure",
    "nearest",
    "number_hint",
    "reading",
    "reason",
    "short",
    "unknown",
]

LONG = 200  # letters of a name, beyond which it is shown in part

# What a system says where a disk is full, broken or for reading alone, or where memory is short
# (https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/errno.h.html).
GAVE_OUT = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOMEM),
}


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


class MachineFailed(UserError):
    """Disk or memory gave out, which is no result of a method: run again, a job goes on."""


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


def machine_failure(error: BaseException) -> str:
    """Returns in one line how disk or memory gave out, "" where an error is none of that.

    Example:
        >>> machine_failure(OSError(28, "No space left on device", "a.csv"))
        "No space left on device: 'a.csv'"
        >>> machine_failure(ValueError("too few"))
        ''
    """
    if isinstance(error, MemoryError):
        return f"out of memory: {error}".removesuffix(": ")
    if isinstance(error, OSError):
        named = f": {error.filename!r}" if error.filename else ""
        return f"{error.strerror}{named}" if error.errno in GAVE_OUT else ""
    # Rust, of which safetensors is made, and torch's allocator say the number in a sentence.
    found = re.search(r"\(os error (\d+)\)|Error code (\d+) \(", str(error))
    number = int(found[1] or found[2]) if found else 0
    if number not in GAVE_OUT:
        return ""
    return "out of memory" if number == errno.ENOMEM else os.strerror(number)


def failure(error: BaseException) -> str:
    """Returns why a method failed, for the row that says so.

    Raises:
        Damaged: A file is not as it was made, which is no failure of the method.
        MachineFailed: Nor is this.
    """
    if isinstance(error, Damaged):
        raise error
    if why := machine_failure(error):
        raise MachineFailed(why) from error
    return reason(error)


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
        MachineFailed: It fails for want of memory, say, and the file may be well.
    """
    try:
        yield
    except Damaged:
        raise
    except Exception as error:  # a damaged file can fail its reader in any way
        if why := machine_failure(error):
            raise MachineFailed(f"{path}: {why}") from error
        raise Damaged(path, f"cannot be read ({reason(error)})", remedy or path) from error
