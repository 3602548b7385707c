"""One run at a time in a folder of results, and one suite of a name.

The lock is the kernel's (flock), which ends with the process that holds it: one that was killed
leaves nothing behind that somebody would have to remove.
"""

import fcntl
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from vmi.errors import UserError

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["LOCK", "NOTE", "claim", "hold", "noted"]

LOCK, NOTE = ".lock", "suite.txt"


def hold(folder: Path, *, wait: bool = False) -> TextIO:
    """Takes the lock of a folder, until what is returned is closed or the process ends.

    A folder has one lock, by whatever path one comes to it.

    Args:
        folder: It is made where it is not there.
        wait: Wait for another process that holds it, rather than refuse.

    Raises:
        UserError: Another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / LOCK).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        who = f"another run is at work here (process {file.read().strip() or 'unknown'})"
        if not wait:
            file.close()
            raise UserError(f"{folder}: {who}: let it end") from error
        print(f"{folder}: {who}: waiting until it ends", file=sys.stderr, flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError:  # a file system that knows no locks
        return file
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def claim(folder: Path, suite: "Suite") -> None:
    """Notes in a folder of results which suite they are of.

    Raises:
        UserError: They are of another suite of the same name.
    """
    note, mine = folder / NOTE, _noted(folder, suite.given)
    other = note.read_text(encoding="utf-8").strip() if note.exists() else mine
    if other not in (mine, os.path.relpath(suite.given)):  # the latter of earlier versions
        raise UserError(
            f"{folder} holds the results of {noted(folder)}, and {suite.given} has the same name: "
            "rename one, or remove the folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(mine, encoding="utf-8")


def noted(folder: Path) -> str:
    """Returns the suite that the results of a folder are noted to be of; "" where none is."""
    note = folder / NOTE
    other = note.read_text(encoding="utf-8").strip() if note.is_file() else ""
    return os.path.relpath(folder.resolve() / other) if _is_file(other) else other


def _noted(folder: Path, given: str) -> str:
    """A suite of this package by its name; a file by its path from where the results really lie."""
    return os.path.relpath(Path(given).resolve(), folder.resolve()) if _is_file(given) else given


def _is_file(given: str) -> bool:
    return given.endswith((".yaml", ".yml"))
