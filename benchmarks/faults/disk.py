"""The disk is full, or for reading alone: a file system of its own in memory, which takes root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from bench import ROOT, STAGES, goes_on, one_line, perform, undisturbed, write
from fault import Lost, Unavailable, fault

__all__: list[str] = []


@contextmanager
def disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """Gives an empty disk of a size, mounted in a folder."""
    folder = place / "disk"
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable("nothing can be mounted here, which takes root") from error
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, option: str) -> None:
    """Changes an option of a disk."""
    _mount("-o", f"remount,{option}", str(folder))


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def until_it_fails(folder: Path) -> str:
    """Runs stage after stage, and returns the one line of the first that does not end well.

    A training that could not write its state says so and goes on, till its result finds no room.
    """
    for stage in STAGES.values():
        ended = perform(folder, stage)
        if ended.code:
            return one_line(ended, besides="its state was not written")
    raise Lost("nothing went wrong")


@fault("a full disk")
def full(place: Path, draw: Random) -> str:
    whole = sum(p.stat().st_size for p in (undisturbed() / ROOT).rglob("*") if p.is_file())
    with disk(place, draw.randint(8, whole // 1024)) as folder:
        said = until_it_fails(write(folder))
        remount(folder, "size=1G")
        goes_on(folder)
    return said


@fault("results for reading alone, from {} on", of=STAGES, chance=False)
def read_only(place: Path, draw: Random, stage: str) -> str:
    names = [*STAGES]
    with disk(place, 1 << 20) as folder:
        write(folder)
        perform(
            folder, *(STAGES[name] for name in names[: names.index(stage)]), ["audit", str(ROOT)]
        )
        remount(folder, "ro")
        said = one_line(perform(folder, STAGES[stage]))
        remount(folder, "rw")
        goes_on(folder)
    return said
