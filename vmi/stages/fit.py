"""The stage that trains a cohort."""

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_model
from torch import nn

from vmi.errors import UserError
from vmi.records import write_csv
from vmi.stages import provenance
from vmi.stages.cells import dataset_of, model_of
from vmi.suites.suite import Suite
from vmi.training.loop import Run, train

__all__ = ["train_cohort"]

STATUS = ("seed", "steps", "seconds", "engine", "error")


HISTORY = ("dataset", "model", "seed", "step", "term", "value")


def train_cohort(
    suite: Suite,
    dataset: str,
    model: str,
    seeds: Sequence[int],
    output: Path,
    checkpoints: Path,
    device: str = "cpu",
    quiet: bool = False,
) -> None:
    """Trains a cohort; writes a checkpoint a seed, and beside them history.csv and status.csv.

    A training that fails leaves its reason in status.csv: one cell's failure stops no other's.

    Raises:
        UserError: The device cannot be used here, which is the machine's failure and no result.
    """
    _check_device(device)
    cell = suite.cell(dataset, model)
    loaded = dataset_of(cell)
    make_model = partial(model_of, cell, loaded)
    output.mkdir(parents=True, exist_ok=True)
    checkpoints.mkdir(parents=True, exist_ok=True)
    runs, reason = [], ""
    try:
        how = {**cell["training"], "device": device, "quiet": quiet}
        for run in train(make_model, loaded, seeds, **how):
            save_model(run.model, checkpoints / f"seed-{run.seed}.safetensors")
            runs.append(run)
    except Exception as error:  # a user's model can fail in any way; it becomes a row
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        print(f"{dataset}, {model}: training failed: {reason}", file=sys.stderr)
    write_csv(output / "status.csv", STATUS, _status(runs, seeds, reason))
    write_csv(output / "history.csv", HISTORY, _history(runs, dataset, model))
    provenance.keep(output / "made.json", provenance.of_training(suite, dataset, model))


def _check_device(device: str) -> None:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"device {device!r} cannot be used here: {reason}") from error


def _status(runs: Sequence[Run], seeds: Sequence[int], reason: str) -> Iterator[tuple]:
    """One row a seed; a seed without a run has the reason why."""
    done = {run.seed: run for run in runs}
    for seed in seeds:
        run = done.get(seed, Run(seed, nn.Module(), error=f"training failed: {reason}"))
        yield tuple(getattr(run, column) for column in STATUS)


def _history(runs: Sequence[Run], dataset: str, model: str) -> Iterator[tuple]:
    for run in runs:
        for step, term, value in run.history:
            yield dataset, model, run.seed, step, term, value
