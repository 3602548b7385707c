"""The stage that measures all seeds of a method at once: how they agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmi.errors import reading
from vmi.estimate import Estimate, measure
from vmi.metrics import ACROSS_SEEDS
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.records import Place, Record, write
from vmi.references import asked_for
from vmi.stages.cells import dataset_of, training_errors
from vmi.stages.where import Cell, cells_of, where

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["Seeds", "check", "run"]

NAN = float("nan")


@dataclass(frozen=True)
class Seeds:
    """What a metric across seeds may ask for.

    Attributes:
        seed_codes: The codes of the same images by each seed that trained well, in their order.
    """

    seed_codes: list[Codes]

    offered: ClassVar[tuple[str, ...]] = ("seed_codes",)


def run(suite: "Suite", task: str) -> None:
    """Measures what compares the seeds of each method on a task with each other; writes records.

    A seed whose training failed has a row with the reason, and the others go on without it.
    """
    rows = [row for method in suite.methods for row in _rows(suite, task, method)]
    write(rows, where(suite).seeds(task))


def check(suite: "Suite") -> None:
    """Imports every metric across seeds, and asks what it wants.

    Raises:
        UserError: The first that does not import, or wants what there is not.
    """
    for name in suite.across_seeds:
        function, _ = ACROSS_SEEDS.load(name)
        asked_for(name, function, Seeds.offered)


def _rows(suite: "Suite", task: str, method: str) -> Iterator[Record]:
    errors, codes = _of_all_cohorts(suite, task, method)
    binarisation = dataset_of(suite.cell(task, method)).binarisation
    for metric in suite.across_seeds:
        compared = _compared(metric, codes, generator(task, method, metric))
        for seed, error in errors.items():
            estimate, seconds = compared.get(seed, (Estimate.failed(error), NAN))
            place = Place(suite.name, task, method, seed=seed)
            columns = {"seconds": seconds, "binarisation": binarisation}
            yield Record.of(place, metric, estimate, **columns)


def _of_all_cohorts(
    suite: "Suite", task: str, method: str
) -> tuple[dict[int, str], dict[int, Codes]]:
    """Why each of the suite's seeds failed, "" for one that did not, and the codes of those."""
    errors: dict[int, str] = {}
    codes: dict[int, Codes] = {}
    for cell in cells_of(suite, task, method):
        for seed, error in training_errors(cell.status).items():
            if seed in suite.seeds:
                errors[seed] = error
                if not error:
                    codes[seed] = _codes(cell, seed)
    return errors, codes


def _codes(cell: Cell, seed: int) -> Codes:
    path = cell.codes / f"seed-{seed}" / "evaluation.npz"
    with reading(path, cell.folder):
        return Codes.load(path)


def _compared(metric: str, codes: dict[int, Codes], noise) -> dict[int, tuple[Estimate, float]]:
    """The estimate of each seed with its share of the seconds, or all with the same reason."""
    seeds = Seeds(list(codes.values()))
    found = list(measure(metric, *ACROSS_SEEDS.load(metric), seeds, noise))
    if len(found) == 1:
        found *= len(codes)
    return {
        seed: (estimate, seconds / len(codes))
        for seed, (estimate, seconds) in zip(codes, found, strict=True)
    }
