"""The stage that makes the pictures of a suite's first seed."""

import shutil
import sys
from typing import TYPE_CHECKING

from vmi.pictures import OFFERED, PICTURES
from vmi.references import asked_for
from vmi.stages.cells import dataset_of, trained_model, training_errors
from vmi.stages.refine import fitted_prior, refinements

if TYPE_CHECKING:
    from vmi.stages.cohort import Cohort
    from vmi.suites.suite import Suite

__all__ = ["check", "run"]


def run(cohort: "Cohort") -> None:
    """Makes the suite's pictures of its first seed, if that is of this cohort and trained well.

    A picture that fails is a line on stderr, and its reason stands where it would be.
    """
    from vmi.pictures.draw import draw_pictures  # a moment that the other stages do without

    seed, suite, cell = cohort.suite.seeds[0], cohort.suite, cohort.cell
    if seed not in cohort.seeds:
        return
    shutil.rmtree(cell.pictures, ignore_errors=True)  # what the suite no longer has
    cell.pictures.mkdir(parents=True)
    if training_errors(cell.status)[seed]:
        return
    dataset = dataset_of(suite.cell(cohort.task, cohort.method))
    frozen, refined = trained_model(cohort, seed), refinements(cell.refined)
    of_prior = [name for name in suite.pictures if PICTURES.card(name).of_prior]
    for arm in ("", *(arm for arm in suite.arms if refined[arm, seed].state == "value")):
        folder, names = cell.pictures / arm, of_prior if arm else suite.pictures
        folder.mkdir(exist_ok=True)
        prior = fitted_prior(cohort, arm, seed, frozen.latents) if arm else None
        for name, why in draw_pictures(names, frozen, dataset, folder, prior).items():
            print(f"{cohort.title}: picture {name!r} failed: {why}", file=sys.stderr)


def check(suite: "Suite") -> None:
    """Imports every picture, and asks what it wants.

    Raises:
        UserError: The first that does not import, or wants what there is not.
    """
    for picture in suite.pictures:
        function, _ = PICTURES.load(picture)
        asked_for(picture, function, OFFERED, PICTURES.kind)
