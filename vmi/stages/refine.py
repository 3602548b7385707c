"""The stage that fits the prior of each arm to the stored codes of a cohort's frozen models."""

import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from safetensors.torch import load_file

from vmi import priors
from vmi.errors import NotApplicable, failure, reading
from vmi.estimate import State
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.progress import Progress
from vmi.random import generator
from vmi.records import write_csv
from vmi.stages.cells import dataset_of, model_of, trained_model, training_errors
from vmi.training.checkpoints import save_tensors

if TYPE_CHECKING:
    from vmi.priors.prior import Prior
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["Refined", "check", "fitted_prior", "refinements", "run"]


class Refined(NamedTuple):
    """What became of the fit of a prior.

    Attributes:
        arm: Its name.
        seed: Of the model.
        seconds: That the fit took.
        state: Whether there is a prior, or why not.
        error: Why there is none.
    """

    arm: str
    seed: int
    seconds: float
    state: State = "value"
    error: str = ""


def run(cohort: "Cohort") -> None:
    """Fits each arm's prior to the training codes of each seed; writes its tensors and priors.csv.

    An arm whose provenance stands is kept. A fit that fails leaves its reason in priors.csv, and so
    does a training that did.
    """
    cell, arms = cohort.cell, cohort.suite.arms
    kept = [row for row in refinements(cell.refined).values() if row.arm in cohort.standing]
    if kept:
        cell.ledger.check(stages=["refine"])
    wanted = [(arm, seed) for arm in arms if arm not in cohort.standing for seed in cohort.seeds]
    progress = Progress(len(wanted), cohort.title, quiet=cohort.quiet)
    rows = [*kept, *(_refined(cohort, *each) for each in progress.over(wanted))]
    write_csv(cell.refined, Refined._fields, rows)


def check(suite: "Suite") -> None:
    """Makes each arm's prior for the code of each model on each data set.

    Raises:
        UserError: A prior or a setting is unknown, or there is none for such a code.
    """
    cells = [suite.cell(task, method) for task in suite.tasks for method in suite.methods]
    latents = {model_of(cell, dataset_of(cell)).latents for cell in cells}
    for entry in suite.arms.values():
        for each in latents:
            priors.make(each, _own(entry))


def refinements(path: Path) -> dict[tuple[str, int], Refined]:
    """Reads what became of each prior, by arm and seed; nothing where nothing was refined."""
    if not path.is_file():
        return {}
    with reading(path, path.parent), path.open(newline="") as file:
        rows = [
            Refined(r["arm"], int(r["seed"]), float(r["seconds"]), r["state"], r["error"])
            for r in csv.DictReader(file, strict=True)
        ]
        return {(row.arm, row.seed): row for row in rows}


def fitted_prior(cohort: "Cohort", arm: str, seed: int, latents: Latents) -> "Prior":
    """Loads the prior of an arm and a seed, frozen.

    Args:
        cohort: Of the seed.
        arm: Its name.
        seed: The seed.
        latents: What the code of its model is made of.
    """
    path = cohort.cell.prior(arm, seed)
    made = priors.make(latents, _own(cohort.suite.arms[arm]))
    with reading(path, cohort.cell.folder):
        return made.load(load_file(path))


def _refined(cohort: "Cohort", arm: str, seed: int) -> Refined:
    if error := training_errors(cohort.cell.status)[seed]:
        return Refined(arm, seed, 0.0, "failed", error)
    began = time.perf_counter()
    try:
        _fit(cohort, arm, seed)
    except NotApplicable as error:
        return Refined(arm, seed, time.perf_counter() - began, "not applicable", str(error))
    except (Exception, SystemExit) as error:  # a failure is a row; the other arms go on
        why = f"the fit of the prior failed: {failure(error)}"
        return Refined(arm, seed, time.perf_counter() - began, "failed", why)
    return Refined(arm, seed, time.perf_counter() - began)


def _fit(cohort: "Cohort", arm: str, seed: int) -> None:
    entry, path = _own(cohort.suite.arms[arm]), cohort.cell.prior(arm, seed)
    stored = cohort.cell.codes / f"seed-{seed}" / "train.npz"
    with reading(stored, cohort.cell.folder):
        codes = Codes.load(stored)
    model, noise = (
        trained_model(cohort, seed),
        generator(cohort.task, seed, "prior", entry["prior"]),
    )
    prior = priors.fit(priors.make(model.latents, entry), codes, noise, model)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_tensors(prior.state_dict(), path)


def _own(entry: dict[str, Any]) -> dict[str, Any]:
    """An arm without what it says for the reader alone."""
    return {key: value for key, value in entry.items() if key != "label"}
