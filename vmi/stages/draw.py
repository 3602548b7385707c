"""The stage that makes the pictures of a suite's first seed."""

import sys
from typing import TYPE_CHECKING

from vmi.pictures import OFFERED, PICTURES
from vmi.references import asked_for
from vmi.stages.cells import dataset_of, trained_model, training_errors

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
    cell.pictures.mkdir(parents=True, exist_ok=True)
    for path in cell.pictures.iterdir():  # of what the suite no longer has
        path.unlink()
    if not training_errors(cell.status)[seed]:
        dataset = dataset_of(suite.cell(cohort.task, cohort.method))
        frozen = trained_model(cohort, seed)
        for name, why in draw_pictures(suite.pictures, frozen, dataset, cell.pictures).items():
            print(f"{cohort.title}: picture {name!r} failed: {why}", file=sys.stderr)


def check(suite: "Suite") -> None:
    """Imports every picture, and asks what it wants.

    Raises:
        UserError: The first that does not import, or wants what there is not.
    """
    for picture in suite.pictures:
        function, _ = PICTURES.load(picture)
        asked_for(picture, function, OFFERED, PICTURES.kind)
