"""What a cell of a suite is made of: its data set, its model, and what training left of it."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from vmi import data, models
from vmi.data.dataset import Dataset
from vmi.training.checkpoints import load_weights

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
    return load_weights(model_of(cell, dataset_of(cell)), cohort.cell.weights, seed)


def training_errors(status: Path) -> dict[int, str]:
    """Reads why each seed's training failed, "" where it did not."""
    with status.open(newline="") as file:
        return {int(row["seed"]): row["error"] for row in csv.DictReader(file)}


def trained_steps(status: Path) -> dict[int, int]:
    """Reads how many steps each seed was trained."""
    with status.open(newline="") as file:
        return {int(row["seed"]): int(row["steps"]) for row in csv.DictReader(file)}


@cache
def _cached_dataset(described: str) -> Dataset:
    settings = json.loads(described)
    return data.load(settings.pop("dataset"), **settings)
