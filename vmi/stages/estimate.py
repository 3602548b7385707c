"""Estimators held against tasks: the same pairs for each of them, and a row a number."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from vmi import tasks
from vmi.errors import UserError, reason
from vmi.estimate import Estimate, measure
from vmi.mi import ESTIMATORS
from vmi.mi.stacks import estimate_each
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import Record, write
from vmi.registry import asked_for, row_name
from vmi.suites.suite import Suite
from vmi.tasks.task import Task

__all__ = ["check", "draw", "estimate"]

OFFERED = ("x", "y", "generator")
METRIC = "information"


def check(suite: Suite) -> None:
    """Checks that every estimator asks for no more than a pair, and draws from every task.

    Raises:
        UserError: The first thing that does not hold.
    """
    for estimator in suite.estimators:
        function, _ = ESTIMATORS.load(estimator)
        asked_for(estimator, function, OFFERED)
    for names in suite.tasks.values():
        for name in names:
            _check_task(name)


def estimate(suite: Suite, group: str, estimator: str, output: Path, quiet: bool = False) -> None:
    """Estimates the information of a group's tasks, of every size and with every seed; writes rows.

    The columns dataset and model hold the names of the task and of the estimator.

    Args:
        suite: The suite.
        group: Of the suite's tasks.
        estimator: As the suite or as the records call it.
        output: The CSV file.
        quiet: Show no progress.

    Raises:
        UserError: The suite has no such group or estimator.
    """
    name = suite.find_estimator(estimator)
    cells = [(task, n) for task in suite.find_group(group) for n in suite.sizes]
    progress = Progress(len(cells), f"{group}, {estimator}", quiet=quiet)
    rows = []
    for task, n in progress.over(cells):
        truth = tasks.load(task).information
        numbers = _measured(name, task, n, suite.seeds)
        for seed, (made, seconds) in zip(suite.seeds, numbers, strict=True):
            where = (suite.name, row_name(task), row_name(name), seed)
            rows.append(Record.of(where, METRIC, made, truth=truth, seconds=seconds))
    write(rows, output)


def draw(task: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws n pairs of a task: the same for all estimators, others for each task, size and seed."""
    return tasks.load(task).sample(n, generator("task", row_name(task), n, seed))


@dataclass(frozen=True)
class _Draws:
    """The pairs of several seeds, and a generator each for the estimator."""

    estimator: str
    task: str
    n: int
    seeds: Sequence[int]

    offered: ClassVar[tuple[str, ...]] = ("pairs", "generators")

    @property
    def pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [draw(self.task, self.n, seed) for seed in self.seeds]

    @property
    def generators(self) -> list[torch.Generator]:
        about = (row_name(self.estimator), row_name(self.task), self.n)
        return [generator("estimator", *about, seed) for seed in self.seeds]


def _measured(
    name: str, task: str, n: int, seeds: Sequence[int]
) -> Iterator[tuple[Estimate, float]]:
    """Yields the estimate of each seed with its share of the seconds, or the reason of a failure.

    All seeds are estimated at once; where that fails each is tried alone, as one may fail them all.
    """
    function, settings = ESTIMATORS.load(name)
    each = partial(_each, function, settings)
    draws = _Draws(name, task, n, seeds)
    made = list(measure(name, each, {}, draws, torch.Generator()))
    if len(made) != len(seeds):
        for seed in seeds:
            yield from _measured(name, task, n, [seed])
        return
    for one, seconds in made:
        yield replace(one, n=n, unit="nats"), seconds / len(seeds)


def _each(
    function: Callable[..., Any],
    settings: dict[str, Any],
    pairs: list[tuple[np.ndarray, np.ndarray]],
    generators: list[torch.Generator],
) -> list[Estimate]:
    """A user's own estimator may return a number."""
    made = estimate_each(function, pairs, generators, settings)
    return [one if isinstance(one, Estimate) else Estimate(float(one)) for one in made]


def _check_task(name: str) -> None:
    task = tasks.load(name)
    if not isinstance(task, Task):
        raise UserError(f"task {name!r} returns a {type(task).__name__}, not a vmi.tasks.task.Task")
    try:
        x, y = task.sample(2, generator("check"))
    except Exception as error:  # a user's task can fail in any way
        raise UserError(f"task {name!r} cannot be drawn from ({reason(error)})") from error
    if len(x) != 2 or len(y) != 2 or x.ndim != 2 or y.ndim != 2:
        raise UserError(f"task {name!r}: 2 pairs are (2, Dx) and (2, Dy), not {x.shape}, {y.shape}")
