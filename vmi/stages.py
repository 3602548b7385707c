"""The stages of a suite in the order of their calls; each reads files and writes files."""

import inspect
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_model
from torch import nn

from vmi import estimation, provenance
from vmi.cells import dataset_of, model_of, trained_model, training_errors
from vmi.codes import encode
from vmi.data.dataset import Dataset
from vmi.errors import UserError
from vmi.evaluation import OFFERED
from vmi.measure import asked_for
from vmi.networks import NETWORKS
from vmi.nn import LIKELIHOODS
from vmi.pictures import OFFERED as SHOWN
from vmi.pictures import PICTURES
from vmi.records import write_csv
from vmi.suite import FAMILIES, Suite, family_of
from vmi.train import Run, train

__all__ = ["check", "describe", "encode_codes", "pictures", "train_cohort"]

STATUS = ("seed", "steps", "seconds", "engine", "error")
HISTORY = ("dataset", "model", "seed", "step", "term", "value")
FITTED = 10_000  # training images, at most, whose codes are stored to fit classifiers and Q on


def check(suite: Suite) -> None:
    """Checks all that can be known before anything trains.

    Every metric and picture is imported and asked what it wants, every data set is found and
    verified, and every model is made for each of them, without memory for its weights; so is every
    estimator imported and asked, and every task drawn from.

    Raises:
        UserError: The first thing that does not hold.
    """
    estimation.check(suite)
    for metric in suite.metrics:
        family = family_of(metric)
        function, _ = FAMILIES[family].load(metric)
        asked_for(metric, function, OFFERED[family])
    for picture in suite.pictures:
        function, _ = PICTURES.load(picture)
        asked_for(picture, function, SHOWN, PICTURES.kind)
    for dataset in suite.datasets:
        for model in suite.models:
            _check_cell(suite.cell(dataset, model))


def describe(suite: Suite, dataset: str, output: Path) -> None:
    """Writes what the page says of a data set; files that are missing are fetched on the way."""
    loaded = dataset_of(suite.cell(dataset, next(iter(suite.models))))
    loaded.check()
    factors = loaded.evaluation.factors
    values = [] if factors is None else [len(column.unique()) for column in factors.T]
    about = {
        "name": dataset,
        "shape": loaded.shape,
        "train": len(loaded.train),
        "evaluation": len(loaded.evaluation),
        "factors": dict(zip(loaded.factor_names, values, strict=True)),
        "binarisation": loaded.binarisation,
        "binary": loaded.binary,
        "source": loaded.source,
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(about, indent=2) + "\n")


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


def pictures(
    suite: Suite, dataset: str, model: str, trained: Path, checkpoints: Path, output: Path
) -> None:
    """Draws the suite's pictures of a model's first seed, if it trained well.

    A picture that fails is a line on stderr, and its reason stands where it would be.

    Args:
        suite: The suite.
        dataset: Of the suite.
        model: Of the suite.
        trained: What training wrote of the cohort that holds the first seed.
        checkpoints: The weights of that cohort.
        output: The folder that the pictures are written to.
    """
    from vmi.pictures.draw import draw_pictures  # a moment that the other stages do without

    seed, cell = suite.seeds[0], suite.cell(dataset, model)
    output.mkdir(parents=True, exist_ok=True)
    if not training_errors(trained)[seed]:
        loaded = dataset_of(cell)
        frozen = trained_model(cell, loaded, checkpoints, seed)
        for name, why in draw_pictures(suite.pictures, frozen, loaded, output).items():
            print(f"{dataset}, {model}: picture {name!r} failed: {why}", file=sys.stderr)
    provenance.keep(output / "made.json", provenance.of_pictures(suite))


def _check_cell(cell: dict[str, Any]) -> None:
    loaded = dataset_of(cell)
    NETWORKS.load(cell["network"])
    LIKELIHOODS.load(cell["likelihood"])
    if cell["likelihood"] == "bernoulli" and not loaded.binary:
        raise UserError(
            f"dataset {cell['dataset']['dataset']!r} is not binary, and a Bernoulli likelihood of "
            "grey pixels means nothing: binarise it, or choose a Gaussian likelihood"
        )
    _check_trainable(cell["model"]["model"], _without_memory(cell, loaded))


def _without_memory(cell: dict[str, Any], dataset: Dataset) -> nn.Module:
    """A model whose weights take no memory, unless its making looks at their values."""
    try:
        with torch.device("meta"):
            return model_of(cell, dataset)
    except UserError:
        return model_of(cell, dataset)


def _check_trainable(name: str, model: nn.Module) -> None:
    for attribute in ("phases", "noises", "draw_noise", "encoder", "decoder", "latents"):
        if not hasattr(model, attribute):
            raise UserError(f"model {name!r} has no {attribute!r}: inherit from vmi.models.vae.VAE")
    for phase in model.phases:
        try:
            inspect.signature(getattr(model, phase, None)).bind("x", "noise", "step")
        except TypeError as error:
            raise UserError(f"model {name!r}: {phase}(x, noise, step) cannot be called") from error


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
