"""A process dies, or is asked to end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from random import Random

import torch
from bench import CELL, COHORT, STAGES, done_till, goes_on, lines, temporary, write
from fault import Lost, fault
from jobs import MAKER, Job

from vmi.training.state import read_state, write_state

__all__: list[str] = []


def at_stage(place: Path, stage: str) -> tuple[float, int]:
    """Has all before a stage done; returns its seconds, and how often it changes a file."""
    folder, seconds, changes = done_till(stage)
    shutil.copytree(folder, place, dirs_exist_ok=True)
    return seconds, changes


@fault("SIGKILL within `vmi {}`", of=STAGES)
def killed(place: Path, draw: Random, stage: str) -> str:
    """At a random moment, or just before a random change of a file."""
    seconds, changes = at_stage(place, stage)
    if draw.random() < 0.5:
        Job(place, STAGES[stage]).after(draw.uniform(0, seconds))
    elif Job(place, STAGES[stage], dies=draw.randint(1, changes)).ended().code != -signal.SIGKILL:
        raise Lost("it was not killed")
    goes_on(place, page=stage == "report")
    return ""


@fault("SIGKILL in the write of a state")
def killed_in_a_write(place: Path, draw: Random) -> str:
    writer = MAKER.Process(target=_write_for_ever, args=(place / "state",))
    writer.start()
    while not (place / "state").exists():
        time.sleep(0.01)
    time.sleep(draw.uniform(0, 0.1))
    writer.kill()
    writer.join()
    tensors, note, _ = read_state(place / "state")
    if not (tensors["x"] == note["number"]).all():
        raise Lost("the state is of two writes")
    return ""


def _write_for_ever(path: Path) -> None:
    """A state of 8 MB again and again, each of one number."""
    number = 0
    while True:
        write_state(path, {"x": torch.full((2_000_000,), float(number))}, {"number": number}, {})
        number += 1


@fault("SIGTERM at a random moment of training")
def asked_to_end(place: Path, draw: Random) -> str:
    """As a scheduler does before a limit: exit code 75, which it takes for `once more`."""
    write(place)
    job = Job(place, COHORT)
    while job.process.is_alive() and not (place / CELL / "weights").is_dir():
        time.sleep(0.001)  # which is just before the first step
    ended = job.after(draw.uniform(0, 0.1), signal.SIGTERM)
    said = lines(ended)
    if ended.code not in (0, 75, -signal.SIGTERM) or len(said) > 1:
        raise Lost(f"exit code {ended.code}: {said}")
    goes_on(place)
    return said[0] if ended.code == 75 and said else ""


# ---------------------------------------------------------------- the whole of a run


@fault("SIGKILL of `vmi run` and all of its jobs")
def run_killed(place: Path, draw: Random) -> str:
    """The whole group of processes, as the kernel does to a container."""
    write(place)
    child = _run(place)
    try:
        child.wait(draw.uniform(0.5, _seconds_of_a_run()))
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    again = _run(place)
    if again.wait(300):
        raise Lost(f"it does not go on: {(place / 'said').read_text().strip().splitlines()[-1]}")
    goes_on(place)
    return ""


def _run(place: Path) -> subprocess.Popen:
    with (place / "said").open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "vmi", "run", "toy.yaml", "--cores", "1"],
            cwd=place,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


@cache
def _seconds_of_a_run() -> float:
    place = write(temporary("timed"))
    began = time.perf_counter()
    _run(place).wait(300)
    return time.perf_counter() - began
