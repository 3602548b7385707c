"""A cell of a suite: its data set, its model, and what training left of it."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_model
from torch import nn

from vmi import data, models
from vmi.data.dataset import Dataset
from vmi.nets.batch_statistics import track_population_statistics

__all__ = ["dataset_of", "model_of", "trained_model", "training_errors"]


def dataset_of(cell: dict[str, Any]) -> Dataset:
    """Returns the data set of a cell, which is loaded once a process."""
    return _cached_dataset(json.dumps(cell["dataset"]))


def model_of(cell: dict[str, Any], dataset: Dataset) -> nn.Module:
    """Creates the untrained model of a cell."""
    parts = {key: cell[key] for key in ("model", "latents", "network", "likelihood")}
    return models.make(dataset.shape, **parts)


def trained_model(
    cell: dict[str, Any], dataset: Dataset, checkpoints: Path, seed: int
) -> nn.Module:
    """Loads the frozen model of a checkpoint, which holds tensors and nothing that could run."""
    model, path = model_of(cell, dataset), checkpoints / f"seed-{seed}.safetensors"
    with safe_open(path, "pt") as file:
        if any(name.endswith("running_mean") for name in file.keys()):  # noqa: SIM118
            track_population_statistics(model)
    load_model(model, path)
    return model.eval().requires_grad_(False)


def training_errors(trained: Path) -> dict[int, str]:
    """Reads why each seed's training failed, "" where it did not."""
    with (trained / "status.csv").open(newline="") as file:
        return {int(row["seed"]): row["error"] for row in csv.DictReader(file)}


@cache
def _cached_dataset(described: str) -> Dataset:
    settings = json.loads(described)
    return data.load(settings.pop("dataset"), **settings)
