"""What every fault is played on: a small suite, its stages as processes, and what they leave."""

import atexit
import csv
import hashlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fault import Lost

from vmi.__main__ import main
from vmi.stages.lock import claim
from vmi.stages.where import Where
from vmi.suites.file import load_suite

__all__ = ["CELL", "COHORT", "ROOT", "STAGES", "SUITE", "Ended", "Job", "audited", "done_till"]
__all__ += [
    "finish",
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
NEVER = 1_000_000  # more changes than any job makes
SECONDS = 600  # beyond which a job is taken to hang

# A process that has all of this in memory makes those of the jobs, each in a few milliseconds.
MAKER = multiprocessing.get_context("forkserver")
MAKER.set_forkserver_preload(
    [
        *(
            f"vmi.stages.{name}"
            for name in ("describe", "fit", "encode", "measure", "draw", "compare")
        ),
        "vmi.report.build",
    ]
)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    Attributes:
        code: Its exit code, negative for a signal.
        said: What it wrote to standard error.
    """

    code: int
    said: str


class Job:
    """Stages as a process of their own.

    Args:
        folder: Where to work.
        stages: What `vmi` is given, but for the suite.
        first: Called before the stages, in their process.
        dies: Before which change of a file below the folder the process kills itself; never,
            if 0. With `NEVER` its last line says how many changes there were.
    """

    def __init__(
        self, folder: Path, *stages: Sequence[str], first: Callable = int, dies: int = 0
    ) -> None:
        self.log = Path(tempfile.mkstemp(prefix="said-")[1])
        given = (folder, stages, first, dies, self.log)
        self.process = MAKER.Process(target=_work, args=given)
        self.process.start()

    def after(self, seconds: float, number: int = signal.SIGKILL) -> Ended:
        """Sends a signal after some time, where it has not ended, and waits for the end."""
        self.process.join(seconds)
        with suppress(ProcessLookupError):  # it may end just now
            if self.process.exitcode is None:
                os.kill(self.process.pid, number)
        return self.ended()

    def ended(self) -> Ended:
        """Waits for the end."""
        self.process.join(SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            raise Lost("a job hangs")
        said = self.log.read_text(errors="replace")
        self.log.unlink()
        if "Traceback" in said:
            raise Lost(f"a traceback: {said.strip().splitlines()[-1]}")
        return Ended(self.process.exitcode, said)


def _work(
    folder: Path, stages: Sequence[Sequence[str]], first: Callable, dies: int, log: Path
) -> None:
    """What the process of a job does."""
    os.chdir(folder)
    sys.path.insert(0, "")  # plug-ins lie where one works
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    try:
        first()
        left = [dies]
        if dies:
            _die_before_change(left)
        code = next((code for stage in stages if (code := main(_of_suite(stage)))), 0)
        if dies == NEVER:
            print(NEVER - left[0])
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


def _of_suite(stage: Sequence[str]) -> list[str]:
    return [*stage] if stage[0] in ("audit", "score") else [*stage, "--suite", "toy.yaml"]


def _die_before_change(left: list[int]) -> None:
    """Has a power cut come just before a file is made, emptied, renamed or removed."""

    def heard(event: str, given: tuple) -> None:
        writes = event == "open" and (given[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or event in CHANGES:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


# ---------------------------------------------------------------- the suite and its results


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


def one_line(ended: Ended, code: int = 2, start: str = "vmi: error: ") -> str:
    """Returns the one line that a job said before it ended.

    Raises:
        Lost: It is not one, or the exit code is another.
    """
    said = lines(ended)
    if ended.code != code or len(said) != 1 or not said[0].startswith(start):
        raise Lost(f"exit code {ended.code}, and not one clear line: {said[:3]}")
    return said[0]
