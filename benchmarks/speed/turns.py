"""Peer and ours in turns: process seconds, and the median of their ratios.

A row of work says what both do, how long each takes, and how fast the machine could do it at most.
Scripts of rows are alike: `rows()` returns them, and `main` prints them and writes `--output`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vmi.records import write_csv

__all__ = [
    "KEYS",
    "environment",
    "from_peer",
    "in_turns",
    "main",
    "refused",
    "row",
    "seconds",
    "surroundings",
    "tabulate",
    "within",
]

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("work", "peer", "peer_seconds", "our_seconds", "ratio", "asked", "limit", "note")
RUNNING = sysconfig.get_paths()["purelib"]
INSIDE = "VMI_SPEED_INSIDE"  # names the environment that a script of rows was started in


def seconds(work: Callable[[], object]) -> float:
    """Returns the process seconds of work; where others share the machine, wall time is theirs."""
    began = time.process_time()
    work()
    return time.process_time() - began


def in_turns(
    peer: Callable[[], object], ours: Callable[[], object], turns: int = 5
) -> tuple[float, float, float]:
    """Returns the median process seconds of both, and the median of their ratios, turn by turn.

    Args:
        peer: Does the work once.
        ours: Does the same.
        turns: After one that warms up, if there is more than one.
    """
    pairs = [(seconds(peer), seconds(ours)) for _ in range(turns + (turns > 1))]
    pairs = pairs[-turns:]
    theirs, own = (statistics.median(side) for side in zip(*pairs, strict=True))
    return theirs, own, statistics.median(a / b for a, b in pairs)


def row(
    work: str,
    peer: str,
    measured: tuple[float | None, float, float | None],
    asked: str = "",
    limit: float | None = None,
    note: str = "",
) -> dict:
    """Returns one row.

    Args:
        work: What both did.
        peer: Whose code ours is compared with; "" for none.
        measured: Process seconds of the peer and of ours, and the ratio.
        asked: What is to be reached: "x3", or seconds, "45 s".
        limit: The process seconds that it takes at the machine's measured rates, at the least.
        note: Whatever a reader must know to believe it.
    """
    return dict(zip(KEYS, (work, peer, *measured, asked, limit, note), strict=True))


def refused(work: str, peer: str, asked: str, why: str) -> list[dict]:
    """Returns the row of a peer that could not be installed, or does not run."""
    return [row(work, peer, (None, None, None), asked, note=f"not measured: {why}")]


def environment(name: str, packages: Iterable[str], imports: str) -> Path:
    """Makes an environment with a peer's packages, once, and returns its Python.

    It sees the packages of the running one, so that torch is not installed twice.

    Args:
        name: Of the folder that it lies in.
        packages: What pip installs.
        imports: The module that has to import for the environment to be ready.

    Raises:
        RuntimeError: A package cannot be installed, or does not import.
    """
    folder = ROOT / ".speed" / name
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        library = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
        library.joinpath("running.pth").write_text(RUNNING)
        for asked in (["-m", "pip", "install", "--quiet", *packages], ["-c", f"import {imports}"]):
            done = subprocess.run(
                [python, *asked], capture_output=True, text=True, env=surroundings()
            )
            if done.returncode:
                raise RuntimeError(done.stderr.strip().splitlines()[-1])
        folder.joinpath("ready").touch()
    return python


@contextmanager
def from_peer(
    name: str, packages: Iterable[str], imports: str, script: Path, *arguments: str
) -> Iterator[Callable[[], float]]:
    """Runs a peer's script in its environment, and gives a function that asks it for a turn.

    The script reads a line for each turn, and prints its process seconds. The first arguments, and
    errors, are those of `environment`.

    Raises:
        RuntimeError: It ended instead.
    """
    command = [environment(name, packages, imports), script, *arguments]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, env=surroundings(), **pipes) as process:

        def turn() -> float:
            try:
                print(file=process.stdin, flush=True)
                return float(process.stdout.readline())
            except (OSError, ValueError):
                said = process.communicate()[1].strip().splitlines() or ["no reason given"]
                raise RuntimeError(said[-1]) from None

        try:
            yield turn
        finally:
            process.terminate()


def within(name: str, packages: Iterable[str], imports: str) -> None:
    """Goes on as the same script in the environment of a peer; there it does nothing.

    Args and errors are those of `environment`.
    """
    if os.environ.get(INSIDE) == name:
        return
    python = environment(name, packages, imports)
    os.execve(python, [str(python), *sys.argv], surroundings() | {INSIDE: name})


def surroundings() -> dict[str, str]:
    """Returns those in which the packages of the running environment come before a peer's own.

    So both have the same NumPy, which ours needs, and only what is missing is the peer's.
    """
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), RUNNING])}


def main(rows: Callable[[], list[dict]], about: str) -> None:
    """Prints the rows of a script, and writes them where `--output` says.

    Args:
        rows: Measures them.
        about: The script's docstring.
    """
    output, found = _output(about), rows()
    for each in found:
        times = f"{_number(each['peer_seconds'])} s, ours {_number(each['our_seconds'])} s"
        print(f"{each['work']}; {each['peer'] or 'no peer'}: {times}, x{_number(each['ratio'])}")
        print(f"    asked {each['asked'] or '-'}; {each['note']}")
    if output:
        write_csv(output, KEYS, [[_cell(each[key]) for key in KEYS] for each in found])


def tabulate(header: Sequence[str], rows: Callable[[], Sequence[tuple]], about: str) -> None:
    """Measures a table of its own kind on one thread, and writes it where `--output` says.

    Args:
        header: Its columns.
        rows: Measures them, and prints what it finds.
        about: The script's docstring.
    """
    import torch  # an environment of a peer may have none

    output = _output(about)
    torch.set_num_threads(1)
    found = rows()
    if output:
        write_csv(output, header, found)


def _output(about: str) -> Path | None:
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--output", type=Path)
    return parser.parse_args().output


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _cell(value: object) -> object:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else value
