"""The stage that encodes images by the models of a cohort, once for all that measures codes."""

from typing import TYPE_CHECKING

from vmi.nets.codes import encode
from vmi.stages.cells import dataset_of, trained_model, training_errors

if TYPE_CHECKING:
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]

FITTED = 10_000  # training images, at most, whose codes are stored to fit classifiers and Q on


def run(cohort: "Cohort") -> None:
    """Encodes the evaluation images, and some training images, by each model that trained well."""
    dataset = dataset_of(cohort.suite.cell(cohort.task, cohort.method))
    errors, cell = training_errors(cohort.cell.status), cohort.cell
    splits = {"train": dataset.fixed("train", FITTED), "evaluation": dataset.fixed("evaluation")}
    for seed in (seed for seed in cohort.seeds if not errors[seed]):
        frozen = trained_model(cohort, seed)
        for name, split in splits.items():
            encode(frozen, split).save(cell.codes / f"seed-{seed}" / f"{name}.npz")


def check(suite: "Suite") -> None:
    """Checks nothing: whatever was trained can be encoded."""
