"""The stage that encodes images by the models of a cohort."""

from collections.abc import Sequence
from pathlib import Path

from vmi.nets.codes import encode
from vmi.stages.cells import dataset_of, trained_model, training_errors
from vmi.suites.suite import Suite

__all__ = ["encode_codes"]

FITTED = 10_000  # training images, at most, whose codes are stored to fit classifiers and Q on


def encode_codes(
    suite: Suite,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    trained: Path,
    checkpoints: Path,
    output: Path,
) -> None:
    """Encodes the evaluation images, and some training images, by each model that trained well."""
    cell = suite.cell(dataset, model)
    loaded = dataset_of(cell)
    errors = training_errors(trained)
    output.mkdir(parents=True, exist_ok=True)
    splits = {"train": loaded.fixed("train", FITTED), "evaluation": loaded.fixed("evaluation")}
    for seed in (seed for seed in seeds if not errors[seed]):
        frozen = trained_model(cell, loaded, checkpoints, seed)
        for name, split in splits.items():
            encode(frozen, split).save(output / f"seed-{seed}" / f"{name}.npz")
