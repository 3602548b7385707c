"""The stage of methods that need no training: each answers the same samples of every task."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, SupportsFloat

from vmi.errors import NotApplicable, UserError, reason
from vmi.estimate import Estimate, explained
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import Place, Record, write
from vmi.references import asked_for, import_reference
from vmi.registry import row_name

if TYPE_CHECKING:
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]

Answer = dict[str, Estimate]  # by measure


def run(cohort: "Cohort") -> None:
    """Has a method answer a group's tasks, of every size and with every seed; writes records."""
    suite = cohort.suite
    grid = [(task, size) for task in suite.group(cohort.task) for size in suite.sizes]
    progress = Progress(len(grid), cohort.title, quiet=cohort.quiet)
    rows = [row for cell in progress.over(grid) for row in _rows(cohort, *cell)]
    write(rows, cohort.cell.records)


def check(suite: "Suite") -> None:
    """Makes every task and draws from it, imports every method and asks what it wants.

    Raises:
        UserError: The first thing that does not hold.
    """
    kind = suite.kind
    import_reference("answer", kind.answer)
    for name, entry in suite.methods.items():
        called = entry[kind.method.registry.kind]
        function, _ = kind.method.registry.load(called)
        given = suite.method_settings(name)
        kind.method.registry.check(called, given)
        for key, registry in kind.within.items():
            if given.get(key):
                registry.check(given[key], given.get(f"{key}_settings", {}))
        if kind.offered:
            asked_for(called, function, kind.offered, kind.method.registry.kind)
    for name in suite.tasks:
        _check_task(suite, name)


def _check_task(suite: "Suite", name: str) -> None:
    noun = suite.kind.task
    called = suite.tasks[name][noun.registry.kind]
    task = noun.make(called)
    if not callable(getattr(task, "sample", None)):
        raise UserError(
            f"{noun.registry.kind} {called!r} is a {type(task).__name__}, which has no "
            "sample(n, generator)"
        )
    try:
        task.sample(2, generator("check"))
    except (Exception, SystemExit) as error:  # a user's task can fail in any way
        raise UserError(
            f"{noun.registry.kind} {called!r} cannot be drawn from ({reason(error)})"
        ) from error


def _rows(cohort: "Cohort", name: str, size: int) -> Iterator[Record]:
    suite, kind = cohort.suite, cohort.suite.kind
    task = kind.task.make(suite.tasks[name][kind.task.registry.kind])
    truths: Mapping[str, float] = getattr(task, "truths", {})
    for seed, answer, seconds in _answers(cohort, task, name, size):
        place = Place(suite.name, name, cohort.method, size=size, seed=seed)
        for measure, estimate in answer.items():
            columns = {"truth": truths.get(measure, float("nan")), "seconds": seconds}
            yield Record.of(place, measure, estimate, **columns)


def _answers(
    cohort: "Cohort", task: Any, name: str, size: int
) -> Iterator[tuple[int, Answer, float]]:
    """Yields the answer of each seed with its share of the seconds.

    All seeds are answered at once; where that fails each is tried alone, as one may fail them all.
    """
    answer = partial(_answered, cohort, task, name, size)
    answers, seconds = answer(cohort.seeds)
    if any(isinstance(each, BaseException) for each in answers):
        alone = [answer([seed]) for seed in cohort.seeds]
    else:
        alone = [([each], seconds / len(answers)) for each in answers]
    for seed, ((each,), own) in zip(cohort.seeds, alone, strict=True):
        yield seed, _by_measure(each, list(cohort.suite.kind.measures)), own


def _answered(
    cohort: "Cohort", task: Any, name: str, size: int, seeds: Sequence[int]
) -> tuple[list[Any], float]:
    """What a method answers to the samples of some seeds, or why it does not, and the seconds."""
    kind, suite = cohort.suite.kind, cohort.suite
    called = suite.methods[cohort.method][kind.method.registry.kind]
    kinds = kind.task.registry.kind, kind.method.registry.kind
    began = time.perf_counter()
    try:
        method, carried = kind.method.registry.load(called)
        settings = carried | suite.method_settings(cohort.method)
        score: Callable[..., Sequence[Any]] = import_reference("answer", kind.answer)
        samples = [task.sample(size, generator(kinds[0], name, size, seed)) for seed in seeds]
        names = kinds[1], row_name(called), name, size
        noises = [generator(*names, seed) for seed in seeds]
        answers = list(score(task, method, settings, samples, noises))
        if len(answers) != len(seeds):
            raise ValueError(f"{len(answers)} answers to the samples of {len(seeds)} seeds")
    except (Exception, SystemExit) as error:  # a failure is a row; the other cells go on
        answers = [error] * len(seeds)
    return answers, time.perf_counter() - began


def _by_measure(answer: Any, measures: Sequence[str]) -> Answer:
    """A number or an estimate is of the only measure there is; an error is of every measure."""
    if isinstance(answer, NotApplicable):
        return dict.fromkeys(measures, Estimate.not_applicable(str(answer)))
    if isinstance(answer, BaseException):
        return dict.fromkeys(measures, Estimate.failed(reason(answer)))
    if not isinstance(answer, Mapping):
        answer = {measures[0]: answer}
    return {measure: _estimate(number) for measure, number in answer.items()}


def _estimate(number: SupportsFloat | Estimate) -> Estimate:
    return explained(number if isinstance(number, Estimate) else Estimate(float(number)))
