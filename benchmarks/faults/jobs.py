"""Stages of `vmi` as processes of their own, which may be killed, or kill themselves."""

import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fault import Lost

from vmi.__main__ import main

__all__ = ["MAKER", "NEVER", "Ended", "Job"]

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
