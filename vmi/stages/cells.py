"""What a cell of a suite is made of: its data set, its model, and what training left of it."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from vmi import data, models
from vmi.data.dataset import Dataset
from vmi.errors import reading
from vmi.training.checkpoints import load_weights, weights_file

if TYPE_CHECKING:
    from vmi.stages.cohort import Cohort

__all__ = ["dataset_of", "model_of", "trained_model", "trained_steps", "training_errors"]


def dataset_of(cell: dict[str, Any]) -> Dataset:
    """Returns the data set of a cell, which is loaded once a process."""
    return _cached_dataset(json.dumps(cell["dataset"]))


def model_of(cell: dict[str, Any], dataset: Dataset) -> nn.Module:
    """Creates the untrained model of a cell."""
    parts = {key: cell[key] for key in ("model", "latents", "network", "likelihood")}
    return models.make(dataset.shape, **parts)


def trained_model(cohort: "Cohort", seed: int) -> nn.Module:
    """Loads the frozen model of a seed."""
    cell = cohort.suite.cell(cohort.task, cohort.method)
    model, weights = model_of(cell, dataset_of(cell)), cohort.cell.weights
    with reading(weights_file(weights, seed), cohort.cell.folder):
        return load_weights(model, weights, seed)


def training_errors(status: Path) -> dict[int, str]:
    """Reads why each seed's training failed, "" where it did not."""
    return {seed: row["error"] for seed, row in _trainings(status).items()}


def trained_steps(status: Path) -> dict[int, int]:
    """Reads how many steps each seed was trained."""
    return {seed: int(row["steps"]) for seed, row in _trainings(status).items()}


def _trainings(status: Path) -> dict[int, dict[str, str]]:
    """The row of each seed, of which there is one at least."""
    with reading(status, status.parent), status.open(newline="") as file:
        rows = {int(row["seed"]): row for row in csv.DictReader(file, strict=True)}
        if not rows or any(None in (row["steps"], row["error"]) for row in rows.values()):
            raise ValueError("it is cut short")
        return rows


@cache
def _cached_dataset(described: str) -> Dataset:
    settings = json.loads(described)
    return data.load(settings.pop("dataset"), **settings)
