"""Where the files of a suite lie: known here, to the stages and to the workflow's rules alike.

results/SUITE/
  data/TASK.json                    what the page says of a data set
  data/TASK.reads.json              which files of the user's own were read for that
  cells/TASK/METHOD/COHORT/         all that one job makes of a cohort of seeds
  seeds/TASK.csv                    the records of what compares the seeds of a method
  records.csv history.csv           the rows of all cells
  sums/JOB.json                     checksums of what a job made that is of no cohort
  report.html claims.md manifest.json tables/ figures/
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vmi.stages.ledger import Ledger
from vmi.suites.cohorts import cohorts

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["Cell", "Where", "cells_of", "cohorts_of", "published", "where"]


# What each stage leaves in the folder of a cohort.
LEAVES = {
    "fit": ("weights/*", "status.csv", "history.csv"),
    "encode": ("codes/*/*",),
    "refine": ("priors/*/*", "priors.csv"),
    "measure": ("records.csv",),
    "draw": ("pictures/*", "pictures/*/*"),
    "answer": ("records.csv",),
}


@dataclass(frozen=True)
class Cell:
    """The folder of a cohort of seeds of one method on one task (or group of tasks).

    Attributes:
        folder: results/SUITE/cells/TASK/METHOD/COHORT.
    """

    folder: Path

    @property
    def made(self) -> Path:
        """What each stage was made from."""
        return self.folder / "made.json"

    @property
    def reads(self) -> Path:
        """Which files of the user's own each stage read."""
        return self.folder / "reads.json"

    @property
    def ran(self) -> Path:
        """What each stage took, and on what."""
        return self.folder / "ran.json"

    @property
    def ledger(self) -> Ledger:
        """The checksums of what each stage made."""
        return Ledger(self.folder / "sums.json", self.folder, self.folder)

    def left_by(self, stage: str) -> list[Path]:
        """Returns the files that a stage left."""
        found = (path for pattern in LEAVES[stage] for path in self.folder.glob(pattern))
        return [path for path in found if path.is_file()]

    @property
    def done(self) -> Path:
        """Is there once every stage is done; the workflow goes by it."""
        return self.folder / "done"

    @property
    def status(self) -> Path:
        """What became of the training of each seed."""
        return self.folder / "status.csv"

    @property
    def history(self) -> Path:
        """The terms of the training."""
        return self.folder / "history.csv"

    @property
    def records(self) -> Path:
        """The rows of what was measured."""
        return self.folder / "records.csv"

    @property
    def weights(self) -> Path:
        """The folder of the trained models, a file a seed."""
        return self.folder / "weights"

    @property
    def states(self) -> Path:
        """The folder of the states of a training that is not done, or that may be taken further."""
        return self.folder / "states"

    @property
    def codes(self) -> Path:
        """The folder of the codes, a folder a seed."""
        return self.folder / "codes"

    @property
    def refined(self) -> Path:
        """What became of the fit of each arm's prior, of each seed."""
        return self.folder / "priors.csv"

    def prior(self, arm: str, seed: int) -> Path:
        """The prior that was fitted in an arm to a seed's codes."""
        return self.folder / "priors" / arm / f"seed-{seed}.safetensors"

    @property
    def pictures(self) -> Path:
        """The folder of the pictures of the suite's first seed; an arm has a folder in it."""
        return self.folder / "pictures"


@dataclass(frozen=True)
class Where:
    """The results folder of a suite.

    Attributes:
        root: results/SUITE.
    """

    root: Path

    def data(self, task: str) -> Path:
        """What the page says of a data set."""
        return self.root / "data" / f"{task}.json"

    def reads(self, task: str) -> Path:
        """Which files of the user's own were read to describe a data set."""
        return self.root / "data" / f"{task}.reads.json"

    def cell(self, task: str, method: str, cohort: str) -> Cell:
        """The folder of a cohort."""
        return Cell(self.root / "cells" / task / method / cohort)

    def cells(self, task: str, method: str) -> list[Cell]:
        """The folders of all cohorts that there are of a cell, finished or not, by name."""
        folder = self.root / "cells" / task / method
        return [Cell(path) for path in sorted(folder.glob("*")) if path.is_dir()]

    def every_cell(self) -> list[Cell]:
        """The folders of all cohorts that there are."""
        return [Cell(path) for path in sorted(self.root.glob("cells/*/*/*")) if path.is_dir()]

    def every_ledger(self) -> list[Ledger]:
        """The ledgers of all jobs that there are."""
        return [*self.ledgers(), *(cell.ledger for cell in self.every_cell())]

    def seeds(self, task: str) -> Path:
        """The records of what compares the seeds of each method on a task."""
        return self.root / "seeds" / f"{task}.csv"

    def ledger(self, job: str, *task: str) -> Ledger:
        """The checksums of what a job of no cohort made.

        Args:
            job: "describe" or "compare", of a task; "gather", "verify", "ladder" or "report".
            task: The task.
        """
        makes = {"describe": self.data, "compare": self.seeds}
        remedy = makes[job](*task) if task else getattr(self, "records" if job == "gather" else job)
        return Ledger(self._sums / f"{'-'.join([job, *task])}.json", self.root, remedy)

    def ledgers(self) -> list[Ledger]:
        """The ledgers of all jobs of no cohort that there are."""
        return [self.ledger(*path.stem.split("-", 1)) for path in self._sums.glob("*.json")]

    @property
    def _sums(self) -> Path:
        return self.root / "sums"

    def log(self, *names: str) -> Path:
        """What a job says on standard error."""
        return self.root.joinpath("logs", *names[:-1], f"{names[-1]}.log")

    @property
    def records(self) -> Path:
        """The rows of all cells."""
        return self.root / "records.csv"

    @property
    def history(self) -> Path:
        """The terms of all trainings."""
        return self.root / "history.csv"

    @property
    def verify(self) -> Path:
        """What the instruments say where the truth is known."""
        return self.root / "verify.csv"

    @property
    def ladder(self) -> Path:
        """The records of the closed-form ladder."""
        return self.root / "ladder.csv"

    @property
    def report(self) -> Path:
        """The page."""
        return self.root / "report.html"

    @property
    def manifest(self) -> Path:
        """What made the report."""
        return self.root / "manifest.json"

    @property
    def claims(self) -> Path:
        """What the claims came to."""
        return self.root / "claims.md"

    @property
    def tables(self) -> Path:
        """The folder of the tables."""
        return self.root / "tables"

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.root / "figures"


def where(suite: "Suite") -> Where:
    """Returns where a suite's results lie, below the folder that one works in."""
    return Where(Path("results", suite.name))


def published(suite: "Suite") -> Where:
    """Returns where a suite's published results lie."""
    return Where(Path("results", "published", suite.name))


def cohorts_of(suite: "Suite", task: str, method: str) -> list[str]:
    """Returns the names of a cell's cohorts; a seed that is added later makes one of its own."""
    begun = [cell.folder.name for cell in where(suite).cells(task, method) if cell.made.is_file()]
    return cohorts(suite.seeds, suite.seeds_per_job, begun)


def cells_of(suite: "Suite", task: str, method: str) -> list[Cell]:
    """Returns the folders of a cell's cohorts."""
    return [where(suite).cell(task, method, name) for name in cohorts_of(suite, task, method)]
