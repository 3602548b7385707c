"""Files are cut short, altered, emptied, gone, or hold code in place of numbers."""

import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bench import (
    CELL,
    COHORT,
    ROOT,
    STAGES,
    audited,
    goes_on,
    lines,
    one_line,
    perform,
    undisturbed,
    write,
)
from fault import Lost, fault
from jobs import Job

from vmi.data.files import File, find, md5
from vmi.errors import UserError

__all__ = ["stop_within_training"]


def cut(path: Path, draw: Random) -> None:
    path.write_bytes(path.read_bytes()[: draw.randrange(path.stat().st_size)])


def alter(path: Path, draw: Random) -> None:
    whole = bytearray(path.read_bytes())
    whole[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
    path.write_bytes(whole)


DAMAGES: dict[str, Callable[[Path, Random], object]] = {
    "cut short": cut,
    "altered": alter,
    "emptied": lambda path, _: path.write_bytes(b""),
    "gone": lambda path, _: path.unlink(),
}
READ = ("cut short", "altered", "emptied")
# What nothing is read from: a lock, and a mark that is empty.
UNREAD = (".lock", "suite.txt", "done")


@fault("a file of results, of any kind, is cut short, altered, emptied or gone")
def damaged(place: Path, draw: Random) -> str:
    """The audit names it, and what to remove; that done, the run mends it."""
    shutil.copytree(undisturbed(), place, dirs_exist_ok=True)
    paths = [p for p in (place / ROOT).rglob("*") if p.is_file() and p.name not in UNREAD]
    kinds: dict[str, list[Path]] = {}
    for path in sorted(paths):
        kinds.setdefault(path.suffix, []).append(path)
    path = draw.choice(kinds[draw.choice([*kinds])])
    DAMAGES[draw.choice([*DAMAGES])](path, draw)
    named = str(path.parent if path.name == "made.json" else path).removeprefix(f"{place}/")
    found = audited(place)
    if not found:
        raise Lost(f"{path.name} goes by unseen")
    for line in found:
        if match := re.search(r": remove (\S+), and run the suite again$", line):
            _remove(place / match[1])
    goes_on(place, page=True)
    return next((line for line in found if named in line), found[0])


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@fault("the state of a training is cut short, altered or emptied")
def state_damaged(place: Path, draw: Random) -> str:
    stop_within_training(place)
    DAMAGES[draw.choice(READ)](place / CELL / "states/seed-0.safetensors", draw)
    said = lines(perform(place, COHORT))
    if not said or not said[0].startswith("seed 0: begins anew: "):
        raise Lost(f"nobody says so: {said}")
    goes_on(place)
    return said[0]


def stop_within_training(place: Path, first: Callable[[], None] = bool, **changes: Any) -> None:
    """Leaves a state of the first seed.

    Args:
        place: Where.
        first: Called before the training, in its process.
        changes: Keys of the suite.
    """
    write(place, **changes)
    Job(place, COHORT, first=partial(_ask_at_the_second_block, first)).ended()
    if not (place / CELL / "states/seed-0.safetensors").is_file():
        raise Lost("there is no state")


def _ask_at_the_second_block(first: Callable[[], None]) -> None:
    """Has the training think, at its second block, that SIGTERM came."""
    from vmi.stages import fit

    first()
    fit.asked_to_end = _asked


@contextmanager
def _asked() -> Iterator[Callable[[], bool]]:
    blocks = count(1)
    yield lambda: next(blocks) > 1
    raise AssertionError("it was to be stopped")


class Code:
    """Makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ("ran",)


HOLDERS = {
    "weights": CELL / "weights/seed-0.safetensors",
    "a state": CELL / "states/seed-0.safetensors",
    "codes": CELL / "codes/seed-0/evaluation.npz",
}


@fault("a pickle with code in place of {}", of=HOLDERS, chance=False)
def code_in_place(place: Path, draw: Random, held: str) -> str:
    if held == "a state":
        stop_within_training(place)
    else:
        shutil.copytree(undisturbed(), place, dirs_exist_ok=True)
    (place / HOLDERS[held]).write_bytes(pickle.dumps(Code()))
    if held == "a state":
        said = lines(perform(place, COHORT))[0]
    else:
        for ledger in [*(place / ROOT).rglob("sums.json"), *(place / ROOT).glob("sums/*")]:
            ledger.unlink()  # so that no checksum tells
        write(place, pictures=["reconstructions"])  # which reads the weights
        said = one_line(perform(place, COHORT if held == "weights" else STAGES["compare"]))
        shutil.rmtree(place / ROOT)
        write(place)
    if (place / "ran").exists():
        raise Lost("the code ran")
    goes_on(place)
    return said


@fault("a pickle with code in the arrays that `vmi score` is given", chance=False)
def code_in_arrays(place: Path, draw: Random) -> str:
    import numpy as np

    np.savez(place / "a.npz", codes=np.array([Code()], dtype=object))
    ended = Job(place, ["score", "a.npz"]).ended()
    if (place / "ran").exists():
        raise Lost("the code ran")
    return one_line(ended)


@fault("a file of data is cut short, altered or emptied")
def data_damaged(place: Path, draw: Random) -> str:
    path = place / "images.gz"
    path.write_bytes(draw.randbytes(1000))
    file = File(path.name, md5(path))
    DAMAGES[draw.choice(READ)](path, draw)
    try:
        find(file, place)
    except UserError as error:
        return f"vmi: error: {error}"
    raise Lost("it is read")
