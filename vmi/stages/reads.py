"""Which files of the user's own a stage reads: an edit of one re-runs what was made from it.

Code is found by following imports (`vmi.stages.sources`), before anything is run. What a plug-in
opens, a table of images or a module that it imports by a name of its making, is only known once it
has run: Python tells an audit hook of each file that it opens (https://peps.python.org/pep-0578/).
What a library opens by itself, in C, is not heard of. Only what has changed since it was first read
has a say in a provenance, so that a second run does nothing. Nothing here imports torch.
"""

import hashlib
import os
import site
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

from vmi.stages import notes
from vmi.stages.sources import PACKAGE, fingerprint

__all__ = ["Record", "keep", "moved", "recording"]

Stamp = tuple[int, int]  # size in bytes, time of the last change in ns
Record = dict[str, list[Any]]  # by path: size and time when first read, and the hash

MANY = 200  # files of one folder, beyond which the folder stands for them
EVENTS = ("open", "os.listdir", "os.scandir")
PLACES = ("stdlib", "platstdlib", "purelib", "platlib", "scripts", "include")
SYSTEM = (
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
)


@contextmanager
def recording(results: Path) -> Iterator[Callable[[], Record]]:
    """Listens to which files are opened, and gives a function that returns those read so far.

    Left out are the environment's and the system's, those of this package, what lies below the
    results or in hidden folders, and what this process wrote itself.
    """
    ear = _Ear(results.absolute())
    _listen()
    EARS.append(ear)
    try:
        yield ear.record
    finally:
        EARS.remove(ear)


def keep(path: Path, stage: str, found: Record) -> None:
    """Adds to a note what a stage read; a file that it read before stays as it was at first."""
    if not found:
        return
    noted = notes.read(path)
    notes.write(path, noted | {stage: found | noted.get(stage, {})})


def moved(path: Path) -> dict[str, dict[str, str]]:
    """Returns by stage the hashes of the files of a note that are no longer what it first read.

    A file that is gone has no say: nothing could be made from it.
    """
    found = {}
    for stage, files in notes.read(path).items():
        now = {name: _hash_now(name, first) for name, first in files.items()}
        found[stage] = {
            name: today for name, today in now.items() if today not in (files[name][2], "")
        }
    return found


class _Ear:
    """What one recording hears."""

    def __init__(self, results: Path) -> None:
        self.results, self.opened, self.written = results, {}, set()

    def hear(self, event: str, path: Any, flags: int) -> None:
        """Notes a file with its stamp, when it is opened first."""
        name = os.path.abspath(os.fsdecode(path))
        if event == "open" and flags & (os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
            self.written.add(name)
        else:
            self.opened.setdefault(name if event == "open" else f"{name}/", _stamp(name))

    def record(self) -> Record:
        """What was read so far, by the paths from the working folder."""
        found: dict[str, Stamp | None] = {}
        for name, stamp in list(self.opened.items()):
            path = _source(name)
            gone = stamp is not None and _stamp(path) is None
            if not gone and name not in self.written and _is_own(path, self.results):
                found[os.path.relpath(path) + "/" * name.endswith("/")] = stamp
        return {name: self._first(name, found[name]) for name in _folded(found)}

    def _first(self, name: str, stamp: Stamp | None = None) -> list[Any]:
        """Changed since it was opened, a file has no hash, and is another whatever it holds."""
        now = _stamp(name)
        steady = name.endswith(("/", "*")) or stamp == now or name.endswith(".py")
        return [*(now or (0, 0)), _hash(name, now) if steady else "changed while read"]


EARS: list[_Ear] = []


@cache
def _listen() -> None:
    """An audit hook stays for as long as the process lives, so there is one."""
    sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if EARS and event in EVENTS:
        path, flags = arguments[0] or ".", (arguments[2] or 0) if event == "open" else 0
        if isinstance(path, str | bytes) and (event == "open" or not _imports()):
            for ear in EARS:
                ear.hear(event, path, flags)


def _imports() -> bool:
    """Whether folders are listed in search of modules or packages, and not by the user's code."""
    frame = sys._getframe(1)  # of `_heard`
    while frame := frame.f_back:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib") or "/importlib/" in name:
            return True
        if name.startswith("/") and _is_own(name, EARS[-1].results):
            return False
    return False


def _source(name: str) -> str:
    """Of a compiled module, the file that was compiled."""
    try:
        return source_from_cache(name) if name.endswith(".pyc") else name
    except ValueError:
        return name


def _is_own(path: str, results: Path) -> bool:
    """Whether a file is the user's own, and can be edited."""
    here = os.path.relpath(path)
    hidden = any(part.startswith((".", "__pycache__")) and part != ".." for part in here.split("/"))
    if hidden and here != ".":
        return False
    if _inside(path, (*_environment(), str(results))) or path.endswith((".pyc", ".so", ".pth")):
        return False
    return not here.startswith("..") or not _inside(path, SYSTEM)


@cache
def _environment() -> tuple[str, ...]:
    named = sysconfig.get_paths()
    places = [named[key] for key in PLACES if key in named]
    return (str(PACKAGE), *places, *site.getsitepackages(), site.getusersitepackages())


def _inside(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _folded(found: dict[str, Any]) -> list[str]:
    """The names, with one for a folder of which many files were read."""
    sizes = Counter(map(os.path.dirname, found))
    folded = {
        f"{folder}/*" if sizes[folder := os.path.dirname(name)] > MANY else name for name in found
    }
    found |= {name: None for name in folded if name.endswith("*")}
    return sorted(folded)


def _stamp(name: str) -> Stamp | None:
    try:
        about = os.stat(name.removesuffix("*"))
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns


def _hash_now(name: str, first: list[Any]) -> str:
    """The hash of today, of a file of the same size and time that of before."""
    stamp = _stamp(name)
    if stamp == (first[0], first[1]) and not name.endswith(("/", "*")):
        return first[2]
    return _hash(name, stamp)


@cache
def _hash(name: str, stamp: Stamp | None) -> str:
    """Of a file its contents, of a folder its names, of many files their sizes and times too."""
    path = Path(name.removesuffix("*"))
    try:
        if path.suffix == ".py" and path.is_file():
            return fingerprint([path])
        if path.is_dir():
            return hashlib.sha256(repr(_entries(path, name)).encode()).hexdigest()[:12]
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:12]
    except OSError:
        return ""


def _entries(folder: Path, name: str) -> list[Any]:
    results = Path("results").absolute()
    listed = sorted(p for p in folder.iterdir() if _is_own(str(p.absolute()), results))
    return [(p.name, _stamp(str(p))) if name.endswith("*") else p.name for p in listed]
