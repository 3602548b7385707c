"""The stage that measures a family of metrics on a cohort."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vmi.estimate import Estimate, measure
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import Record, write
from vmi.stages import provenance
from vmi.stages.cells import dataset_of, trained_model, training_errors
from vmi.stages.compare import Seeds
from vmi.stages.context import Context
from vmi.suites.suite import FAMILIES, Suite, family_of

__all__ = ["OFFERED", "evaluate"]

NAN = float("nan")


# What the metrics of each family may ask for.
OFFERED = dict.fromkeys(FAMILIES, Context.offered) | {"seeds": Seeds.offered}


def evaluate(
    suite: Suite,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    trained: Path,
    checkpoints: Path,
    codes: Path,
    family: str,
    output: Path,
    quiet: bool = False,
) -> None:
    """Measures a family of metrics on a cohort's codes and models; writes records.

    A seed whose training failed has a row with the reason for each metric.
    """
    cell = suite.cell(dataset, model)
    loaded = dataset_of(cell)
    metrics, errors, rows = suite.families()[family], training_errors(trained), []
    most = suite.likelihood_images if family == "likelihood" else None
    progress = Progress(len(seeds) * len(metrics), f"{dataset}, {model}", quiet=quiet)
    for seed in seeds:
        load = partial(trained_model, cell, loaded, checkpoints, seed)
        context = Context(loaded, load, codes / f"seed-{seed}", most)
        for metric in progress.over(metrics):
            for estimate, seconds in _measured(metric, context, seed, errors[seed]):
                where = (suite.name, dataset, model, seed)
                about = {"seconds": seconds, "binarisation": loaded.binarisation}
                rows.append(Record.of(where, metric, estimate, **about))
    write(rows, output)
    provenance.keep(output.with_suffix(".json"), provenance.of_evaluation(suite, family))


def _metric(name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    return FAMILIES[family_of(name)].load(name)


def _measured(
    name: str, context: Context, seed: int, error: str
) -> Iterator[tuple[Estimate, float]]:
    if error:
        yield Estimate(NAN, error=error), NAN
    else:
        noise = generator(context.dataset.name, seed, name)
        yield from measure(name, *_metric(name), context, noise)
