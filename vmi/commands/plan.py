"""`vmi plan`: what a suite would ask of a cluster before it runs, and what it used once it has."""

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vmi.commands.show import aligned, say
from vmi.stages.ran import used
from vmi.stages.where import Cell, cells_of
from vmi.suites.cohorts import parse_cohort
from vmi.suites.needs import Needs, needs_of

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["plan"]


# Machines by what people call them: where to train, and how many GPUs or cores there are.
FLEETS = {"1 GPU": ("cuda", 1), "8 GPUs": ("cuda", 8), "500 cores": ("cpu", 500)}


def plan(suite: "Suite", device: str = "cpu") -> None:
    """Prints the cohorts of each method, which is a job each, and what they would ask for.

    Core-hours are what training is expected to take on CPUs; hours and memory are the most that one
    job is given at its first try; disk is what models and codes would take. Below stands how long
    all that is not done would take on some machines, and what was used of what ran: hours of wall
    time by the cores that a job asked for, the most memory that one held, and the files there are.
    Nothing is started, and neither data nor models are looked at.

    Args:
        suite: The suite.
        device: Where to train.
    """
    by_method = {method: [*_cohorts(suite, method, device)] for method in suite.methods}
    rows = [_row(method, cohorts) for method, cohorts in by_method.items()]
    every = [cohort for cohorts in by_method.values() for cohort in cohorts]
    say(aligned([(row, "") for row in (*rows, _row("all", every))], ["method"]))
    if any(needs.core_hours for needs, _ in every):
        hours = (f"{_hours(suite, *fleet):,.1f} on {name}" for name, fleet in FLEETS.items())
        say(f"hours of training, as estimated: {', '.join(hours)}")
    if rows := [_used(method, cohorts) for method, cohorts in by_method.items() if _ran(cohorts)]:
        say(aligned([(row, "") for row in (*rows, _used("all", every))], ["method"]))


def _hours(suite: "Suite", device: str, places: int) -> float:
    """How long the cohorts that are not done take, the longest first, each where it is free next.

    Args:
        suite: The suite.
        device: Where to train.
        places: How many GPUs, or cores, there are.
    """
    cohorts = [each for method in suite.methods for each in _cohorts(suite, method, device)]
    left = [needs for needs, cell in cohorts if not cell.done.exists()]
    each = 1 if device == "cuda" else max((needs.cores for needs in left), default=1)
    free = [0.0] * max(places // each, 1)
    for needs in sorted(left, key=lambda needs: -needs.hours):
        heapq.heapreplace(free, free[0] + needs.hours)
    return max(free)


def _cohorts(suite: "Suite", method: str, device: str) -> Iterable[tuple[Needs, Cell]]:
    """What each cohort of a method asks for, and where its files lie."""
    for task in suite.task_groups:
        for cell in cells_of(suite, task, method):
            seeds = parse_cohort(cell.folder.name)
            yield needs_of(suite, task, method, seeds, device), cell


def _row(method: str, cohorts: Sequence[tuple[Needs, Cell]]) -> dict[str, str]:
    needs = [asked for asked, _ in cohorts]
    core_hours, gpus = sum(asked.core_hours for asked in needs), sum(asked.gpus for asked in needs)
    return {
        "method": method,
        "jobs": str(len(cohorts)),
        "done": str(sum(cell.done.exists() for _, cell in cohorts)),
        "core-hours": f"{core_hours:.2f}" if core_hours and not gpus else "",
        "cores": str(max(asked.cores for asked in needs)),
        "GPUs": str(max(asked.gpus for asked in needs)) if gpus else "",
        "hours at most": f"{max(asked.minutes for asked in needs) / 60:.1f}",
        "MB at most": str(max(asked.mb for asked in needs)),
        "MB of disk": f"{disk:,.0f}" if (disk := sum(asked.disk_mb for asked in needs)) else "",
    }


def _ran(cohorts: Sequence[tuple[Needs, Cell]]) -> bool:
    return any(cell.ran.is_file() for _, cell in cohorts)


def _used(method: str, cohorts: Sequence[tuple[Needs, Cell]]) -> dict[str, str]:
    """What the cohorts of a method used that ran, beside what had been planned for the same."""
    some = [(needs, cell, used([cell.ran])) for needs, cell in cohorts if cell.ran.is_file()]
    hours = sum(needs.cores * took["seconds"] for needs, _, took in some) / 3600
    files = [path for _, cell, _ in some for path in cell.folder.rglob("*") if path.is_file()]
    return {
        "method": method,
        "ran": str(len(some)),
        "core-hours used": f"{hours:.2f}",
        "planned": f"{sum(needs.core_hours for needs, *_ in some):.2f}",
        "MB held": f"{max(took['peak_mb'] for *_, took in some):.0f}",
        "MB on disk": f"{sum(path.stat().st_size for path in files) / 1e6:,.1f}",
    }
