"""The stage that measures all seeds of a model at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from vmi.estimate import Estimate, measure
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.records import Record, write
from vmi.stages import provenance
from vmi.stages.cells import dataset_of, training_errors
from vmi.suites.suite import FAMILIES, Suite, family_of

__all__ = ["Seeds", "compare"]

NAN = float("nan")


@dataclass(frozen=True)
class Seeds:
    """What a metric across seeds may ask for.

    Attributes:
        seed_codes: The codes of the same images by each seed that trained well, in their order.
    """

    seed_codes: list[Codes]

    offered: ClassVar[tuple[str, ...]] = ("seed_codes",)


def compare(
    suite: Suite,
    dataset: str,
    model: str,
    cohorts: Sequence[Path],
    encoded: Sequence[Path],
    output: Path,
) -> None:
    """Measures what compares the seeds of a model with each other; writes records.

    A seed whose training failed has a row with the reason, and the others go on without it.

    Args:
        suite: The suite.
        dataset: Of the suite.
        model: Of the suite.
        cohorts: The folders that training wrote, one a cohort.
        encoded: The folders that encoding wrote, in the same order.
        output: The CSV file.
    """
    errors: dict[int, str] = {}
    codes: dict[int, Codes] = {}
    for cohort, folder in zip(cohorts, encoded, strict=True):
        for seed, error in training_errors(cohort).items():
            if seed in suite.seeds:
                errors[seed] = error
                if not error:
                    codes[seed] = Codes.load(folder / f"seed-{seed}" / "evaluation.npz")
    about = {"binarisation": dataset_of(suite.cell(dataset, model)).binarisation}
    rows = []
    for metric in suite.families()["seeds"]:
        made = _compared(metric, codes, generator(dataset, model, metric))
        for seed, error in errors.items():
            estimate, seconds = made.get(seed, (Estimate(NAN, error=error), NAN))
            where = (suite.name, dataset, model, seed)
            rows.append(Record.of(where, metric, estimate, seconds=seconds, **about))
    write(rows, output)
    provenance.keep(output.with_suffix(".json"), provenance.of_comparison(suite))


def _compared(metric: str, codes: dict[int, Codes], noise) -> dict[int, tuple[Estimate, float]]:
    """The estimate of each seed with its share of the seconds, or all with the same reason."""
    made = list(measure(metric, *_metric(metric), Seeds(list(codes.values())), noise))
    if len(made) == 1:
        made *= len(codes)
    return {
        seed: (estimate, seconds / len(codes))
        for seed, (estimate, seconds) in zip(codes, made, strict=True)
    }


def _metric(name: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    return FAMILIES[family_of(name)].load(name)
