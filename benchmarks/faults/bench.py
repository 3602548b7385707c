"""What every fault is played on: a small suite, its stages as processes, and what they leave."""

import atexit
import csv
import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fault import Lost
from jobs import NEVER, Ended, Job

from vmi.stages.lock import claim
from vmi.stages.where import Where
from vmi.suites.file import load_suite

__all__ = ["CELL", "COHORT", "ROOT", "STAGES", "SUITE", "audited", "done_till", "finish"]
__all__ += [
    "goes_on",
    "lines",
    "numbers",
    "one_line",
    "perform",
    "temporary",
    "undisturbed",
    "write",
]

SUITE: dict[str, Any] = {
    "title": "Toy",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vae"],
    "metrics": ["elbo", "information", "udr"],
    "pictures": ["samples"],
    "network": "dense-8",
    "latents": {"gaussian": 2},
    "training": {"steps": 200, "batch_size": 16, "engine": "loop"},
}
ROOT = Path("results/toy")
CELL = ROOT / "cells/digits/vae/0-1"
COHORT = ["cohort", "--task", "digits", "--method", "vae", "--seeds", "0-1", "--quiet"]
# A stage of a run by its name.
STAGES = {
    "describe": ["describe", "--task", "digits"],
    "cohort": COHORT,
    "compare": ["compare", "--task", "digits"],
    "gather": ["gather"],
    "report": ["report"],
}


def write(folder: Path, **changes: Any) -> Path:
    """Writes the suite, with some keys changed, and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.yaml").write_text(yaml.safe_dump({**SUITE, **changes}))
    return folder


def perform(folder: Path, *stages: Sequence[str]) -> Ended:
    """Runs stages one after the other, all without an argument."""
    return Job(folder, *(stages or STAGES.values())).ended()


def temporary(name: str) -> Path:
    """Returns an empty folder, which is gone when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def undisturbed() -> Path:
    """Returns a folder in which the suite ran and nothing went wrong; made once a process."""
    folder = write(temporary("undisturbed"))
    return finish(folder)


def finish(folder: Path, page: bool = True) -> Path:
    """Runs the suite to its end, with its page or without, and returns the folder."""
    stages = [stage for name, stage in STAGES.items() if page or name != "report"]
    ended = Job(folder, *stages, first=_claim).ended()
    if ended.code:
        raise Lost(f"it does not run to its end: {ended.said.strip()}")
    return folder


def _claim() -> None:
    claim(ROOT, load_suite("toy.yaml"))


@cache
def done_till(stage: str) -> tuple[Path, float, int]:
    """Returns a folder in which all before a stage is done, and what the stage takes.

    That is its seconds, and how often it changes a file.
    """
    folder = write(temporary(stage))
    before = [*STAGES][: [*STAGES].index(stage)]
    Job(folder, *(STAGES[name] for name in before), first=_claim).ended()
    copy = shutil.copytree(folder, temporary("timed"), dirs_exist_ok=True)
    began = time.perf_counter()
    ended = Job(copy, STAGES[stage], dies=NEVER).ended()
    return folder, time.perf_counter() - began, int(lines(ended)[-1])


def numbers(folder: Path) -> dict[str, str]:
    """Returns a hash of each file of results that a number is read from, but for its seconds."""
    found = {}
    for pattern in ("weights/*", "codes/*/*", "pictures/*", "*.csv"):
        found |= {str(p.relative_to(folder)): _hash(p) for p in (folder / CELL).glob(pattern)}
    for name in ("records.csv", "history.csv", "seeds/digits.csv", "data/digits.json"):
        found[name] = _hash(folder / ROOT / name)
    return found


def _hash(path: Path) -> str:
    if path.suffix != ".csv":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open(newline="") as file:
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def goes_on(folder: Path, like: Path | None = None, page: bool = False) -> None:
    """Runs the suite once more, and holds what is there then against a run that was undisturbed.

    Args:
        folder: Where the fault happened.
        like: Where another suite ran undisturbed.
        page: Whether the page has to be there too, and the audit to find nothing.

    Raises:
        Lost: A number is another, or a file is not as it was made.
    """
    finish(folder, page)
    wanted, found = numbers(like or undisturbed()), numbers(folder)
    if other := [name for name in wanted if found.get(name) != wanted[name]]:
        raise Lost(f"not the same: {', '.join(other)}")
    for ledger in Where(folder / ROOT).every_ledger():
        ledger.check()
    if page and (said := audited(folder)):
        raise Lost(f"the audit finds {said[0]}")


def audited(folder: Path) -> list[str]:
    """Returns what the audit finds, a line each."""
    return perform(folder, ["audit", str(ROOT)]).said.splitlines()[:-1]


def lines(ended: Ended) -> list[str]:
    """Returns the lines of a job, without empty ones."""
    return [line for line in ended.said.splitlines() if line.strip()]


def one_line(ended: Ended, code: int = 2, start: str = "vmi: error: ", besides: str = "\n") -> str:
    """Returns the one line that a job said before it ended.

    Lines that hold `besides` may stand before it: what was said of a fault that ended nothing.

    Raises:
        Lost: It is not one, or the exit code is another.
    """
    said = [line for line in lines(ended) if besides not in line]
    if ended.code != code or len(said) != 1 or not said[0].startswith(start):
        raise Lost(f"exit code {ended.code}, and not one clear line: {said[:3]}")
    return said[0]
