"""`vmi plan`: what a suite would ask of a cluster, before it runs."""

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vmi.commands.show import aligned, say
from vmi.stages.where import cells_of
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
    job is given at its first try. Below stands how long all that is not done would take on some
    machines. Nothing is started, and neither data nor models are looked at.

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


def _hours(suite: "Suite", device: str, places: int) -> float:
    """How long the cohorts that are not done take, the longest first, each where it is free next.

    Args:
        suite: The suite.
        device: Where to train.
        places: How many GPUs, or cores, there are.
    """
    cohorts = [each for method in suite.methods for each in _cohorts(suite, method, device)]
    left = [needs for needs, done in cohorts if not done]
    each = 1 if device == "cuda" else max((needs.cores for needs in left), default=1)
    free = [0.0] * max(places // each, 1)
    for needs in sorted(left, key=lambda needs: -needs.hours):
        heapq.heapreplace(free, free[0] + needs.hours)
    return max(free)


def _cohorts(suite: "Suite", method: str, device: str) -> Iterable[tuple[Needs, bool]]:
    """What each cohort of a method asks for, and whether it is done."""
    for task in suite.task_groups:
        for cell in cells_of(suite, task, method):
            seeds = parse_cohort(cell.folder.name)
            yield needs_of(suite, task, method, seeds, device), cell.done.exists()


def _row(method: str, cohorts: Sequence[tuple[Needs, bool]]) -> dict[str, str]:
    needs = [asked for asked, _ in cohorts]
    core_hours, gpus = sum(asked.core_hours for asked in needs), sum(asked.gpus for asked in needs)
    return {
        "method": method,
        "jobs": str(len(cohorts)),
        "done": str(sum(done for _, done in cohorts)),
        "core-hours": f"{core_hours:.2f}" if core_hours and not gpus else "",
        "cores": str(max(asked.cores for asked in needs)),
        "GPUs": str(max(asked.gpus for asked in needs)) if gpus else "",
        "hours at most": f"{max(asked.minutes for asked in needs) / 60:.1f}",
        "MB at most": str(max(asked.mb for asked in needs)),
    }
