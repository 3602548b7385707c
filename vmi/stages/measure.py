"""The stage that measures the models of a cohort; a measure whose provenance stands is kept."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from vmi.estimate import Estimate, measure
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import Place, Record, kept_rows, write
from vmi.references import asked_for
from vmi.registry import row_name
from vmi.stages.cells import dataset_of, trained_model, trained_steps, training_errors
from vmi.stages.context import Context

if TYPE_CHECKING:
    from vmi.registry import Registry
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]


def run(cohort: "Cohort") -> None:
    """Measures a cohort's codes and models; writes records.

    A seed whose training failed has a row with the reason for each metric.
    """
    suite, cell = cohort.suite, cohort.cell
    metrics = suite.by_seed
    standing = {row_name(name) for name in metrics if name in cohort.standing}
    if standing:
        cell.ledger.check(cell.records)
    rows = kept_rows(cell.records, standing)
    wanted = [name for name in metrics if name not in cohort.standing]
    progress = Progress(len(cohort.seeds) * len(wanted), cohort.title, quiet=cohort.quiet)
    errors = training_errors(cell.status)
    for seed in cohort.seeds:
        context = _context(cohort, seed)
        for name in progress.over(wanted):
            rows += _rows(cohort, context, name, seed, errors[seed])
    write(rows, cell.records)


def check(suite: "Suite") -> None:
    """Imports every metric, and asks what it wants.

    Raises:
        UserError: The first metric that does not import, or wants what there is not.
    """
    for name in suite.by_seed:
        function, _ = suite.kind.measures.load(name)
        asked_for(name, function, Context.offered)


def _context(cohort: "Cohort", seed: int) -> Context:
    dataset = dataset_of(cohort.suite.cell(cohort.task, cohort.method))
    load = partial(trained_model, cohort, seed)
    steps = trained_steps(cohort.cell.status)[seed]
    return Context(dataset, load, cohort.cell.codes / f"seed-{seed}", steps=steps)


def _rows(cohort: "Cohort", context: Context, name: str, seed: int, error: str) -> Iterator[Record]:
    suite = cohort.suite
    if LOG_LIKELIHOODS.knows(name):
        context = context.of(suite.likelihood_images)
    place = Place(suite.name, cohort.task, cohort.method, seed=seed)
    for estimate, seconds in _measured(suite.kind.measures, name, context, seed, error):
        columns = {"seconds": seconds, "binarisation": context.dataset.binarisation}
        yield Record.of(place, name, estimate, **columns)


def _measured(
    registry: "Registry", name: str, context: Context, seed: int, error: str
) -> Iterator[tuple[Estimate, float]]:
    if error:
        yield Estimate.failed(error), float("nan")
    else:
        noise = generator(context.dataset.name, seed, name)
        yield from measure(name, *registry.load(name), context, noise)
