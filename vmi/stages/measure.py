"""The stage that measures the models of a cohort; a measure whose provenance stands is kept."""

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from vmi.errors import UserError
from vmi.estimate import Estimate, measure
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import Place, Record, kept_rows, write
from vmi.references import asked_for
from vmi.registry import row_name
from vmi.stages.cells import dataset_of, trained_model, trained_steps, training_errors
from vmi.stages.context import Context
from vmi.stages.provenance import of_arm
from vmi.stages.refine import fitted_prior, refinements

if TYPE_CHECKING:
    from vmi.registry import Registry
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]


def run(cohort: "Cohort") -> None:
    """Measures a cohort's codes and models, and what each arm makes of them; writes records.

    A seed whose training failed, or an arm whose prior could not be fitted, has a row with the
    reason for each metric.
    """
    suite, cell = cohort.suite, cohort.cell
    kept = [each for each in suite.measured if of_arm(*each) in cohort.standing]
    if kept:
        cell.ledger.check(cell.records)
    if suite.arms:
        cell.ledger.check(stages=["refine"])
    rows = kept_rows(cell.records, {(arm, row_name(name)) for arm, name in kept})
    wanted = [each for each in suite.measured if each not in kept]
    progress = Progress(len(cohort.seeds) * len(wanted), cohort.title, quiet=cohort.quiet)
    lacking = _lacking(cohort)
    for seed in cohort.seeds:
        contexts = {arm: _context(cohort, arm, seed) for arm in ("", *suite.arms)}
        for arm, name in progress.over(wanted):
            rows += _rows(cohort, contexts[arm], (arm, name), seed, lacking.get((arm, seed)))
    write(rows, cell.records)


def check(suite: "Suite") -> None:
    """Imports every metric, and asks what it wants.

    Raises:
        UserError: The first metric that does not import, or wants what there is not.
    """
    for name in suite.by_seed:
        function, _ = suite.kind.measures.load(name)
        wanted = asked_for(name, function, Context.offered)
        if suite.arms and "prior" in wanted and name not in suite.of_prior:
            raise UserError(
                f"metric {name!r} asks for a prior: say `of_prior=True` on its card, so that each "
                "arm has a number of its own"
            )


def _lacking(cohort: "Cohort") -> dict[tuple[str, int], Estimate]:
    """What stands for the numbers of seeds, and of arms of them, that there are none of."""
    errors = training_errors(cohort.cell.status)
    found = {("", seed): Estimate.failed(error) for seed, error in errors.items() if error}
    for place, row in refinements(cohort.cell.refined).items():
        if row.state != "value":
            found[place] = Estimate(math.nan, state=row.state, error=row.error)
    return found


def _context(cohort: "Cohort", arm: str, seed: int) -> Context:
    cell, dataset = cohort.cell, dataset_of(cohort.suite.cell(cohort.task, cohort.method))
    steps, load = trained_steps(cell.status)[seed], partial(trained_model, cohort, seed)
    prior = partial(fitted_prior, cohort, arm, seed) if arm else None
    return Context(dataset, load, cell.codes / f"seed-{seed}", steps=steps, load_prior=prior)


def _rows(
    cohort: "Cohort",
    context: Context,
    measured: tuple[str, str],
    seed: int,
    lacking: Estimate | None,
) -> Iterator[Record]:
    suite, (arm, name) = cohort.suite, measured
    if LOG_LIKELIHOODS.knows(name):
        context = context.of(suite.likelihood_images)
    place = Place(suite.name, cohort.task, cohort.method, arm, seed=seed)
    for estimate, seconds in _measured(suite.kind.measures, name, context, seed, lacking):
        columns = {"seconds": seconds, "binarisation": context.dataset.binarisation}
        yield Record.of(place, name, estimate, **columns)


def _measured(
    registry: "Registry", name: str, context: Context, seed: int, lacking: Estimate | None
) -> Iterator[tuple[Estimate, float]]:
    if lacking:
        yield lacking, math.nan
    else:
        noise = generator(context.dataset.name, seed, name)
        yield from measure(name, *registry.load(name), context, noise)
