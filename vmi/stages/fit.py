"""The stage that trains a cohort."""

import inspect
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from vmi.errors import UserError, failure
from vmi.nets.likelihoods import LIKELIHOODS
from vmi.nets.networks import NETWORKS
from vmi.records import write_csv
from vmi.stages.cells import dataset_of, model_of
from vmi.stages.stopping import asked_to_end
from vmi.training.checkpoints import save_weights
from vmi.training.keeper import States
from vmi.training.loop import Run, train

if TYPE_CHECKING:
    from vmi.data.dataset import Dataset
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]

STATUS = ("seed", "steps", "seconds", "engine", "precision", "error")
HISTORY = ("task", "method", "seed", "step", "term", "value")


def run(cohort: "Cohort") -> None:
    """Trains a cohort; writes a file of weights a seed, and beside them history.csv and status.csv.

    A training that fails leaves its reason in status.csv: one cell's failure stops no other's. One
    that is cut off leaves its state, from which the next run goes on.

    Raises:
        UserError: The device cannot be used here, or disk or memory gave out: the machine failed,
            which is no result.
        Stopped: SIGTERM came, and the state is written.
    """
    _check_device(cohort.device)
    setting = cohort.suite.cell(cohort.task, cohort.method)
    dataset, cell = dataset_of(setting), cohort.cell
    runs, why = [], ""
    try:
        make = partial(model_of, setting, dataset)
        with asked_to_end() as asked:
            cell.weights.mkdir(parents=True, exist_ok=True)
            states = States(cell.states, partial(_made, cohort), asked=asked)
            how = {"device": cohort.device, "quiet": cohort.quiet, "states": states}
            for trained in train(make, dataset, cohort.seeds, **setting["training"], **how):
                save_weights(trained.model, cell.weights, trained.seed)
                runs.append(trained)
    except (Exception, SystemExit) as error:  # a user's model can fail in any way; it becomes a row
        why = failure(error)
        print(f"{cohort.title}: training failed: {why}", file=sys.stderr)
    write_csv(cell.status, STATUS, _status(runs, cohort.seeds, why))
    write_csv(cell.history, HISTORY, _history(runs, cohort.task, cohort.method))


def _made(cohort: "Cohort") -> dict[str, Any]:
    """What a training is made from, besides how many steps it takes.

    No model is told that number, and the learning rate does not depend on it: the first steps of a
    longer training are those of a shorter one.
    """
    cell = cohort.made["cell"]
    training = {key: value for key, value in cell["training"].items() if key != "steps"}
    # Not what is looked for and not there, nor what is in a folder: which anyone may add to.
    read = {path: record[-1] for path, record in cohort.read().items()}
    files = {path: known for path, known in read.items() if known and not path.endswith("/")}
    return {
        "settings": {**cell, "training": training},
        "code": cohort.made["sources"],
        "files": files,
    }


def check(suite: "Suite") -> None:
    """Finds and verifies every data set, and makes every model for each, without memory for it.

    Raises:
        UserError: The first thing that does not hold.
    """
    for task, entry in suite.tasks.items():
        for method in suite.methods:
            _check_cell(suite.cell(task, method))
        if ":" in entry[suite.kind.task.registry.kind]:  # what is here is verified as it is read
            dataset_of(suite.cell(task, next(iter(suite.methods)))).check()


def _check_cell(cell: dict[str, Any]) -> None:
    dataset = dataset_of(cell)
    NETWORKS.load(cell["network"])
    LIKELIHOODS.load(cell["likelihood"])
    if cell["likelihood"] == "bernoulli" and not dataset.binary:
        raise UserError(
            f"dataset {cell['dataset']['dataset']!r} is not binary, and a Bernoulli likelihood of "
            "grey pixels means nothing: binarise it, or choose a Gaussian likelihood"
        )
    _check_trainable(cell["model"]["model"], _without_memory(cell, dataset))


def _without_memory(cell: dict[str, Any], dataset: "Dataset") -> nn.Module:
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
        first = str(error).splitlines()[0]
        raise UserError(f"device {device!r} cannot be used here: {first}") from error


def _status(runs: Sequence[Run], seeds: Sequence[int], why: str) -> Iterator[tuple]:
    """One row a seed; a seed without a run has the reason why."""
    done = {trained.seed: trained for trained in runs}
    for seed in seeds:
        trained = done.get(seed, Run(seed, nn.Module(), error=f"training failed: {why}"))
        yield tuple(getattr(trained, column) for column in STATUS)


def _history(runs: Sequence[Run], task: str, method: str) -> Iterator[tuple]:
    for trained in runs:
        for step, term, value in trained.history:
            yield task, method, trained.seed, step, term, value
