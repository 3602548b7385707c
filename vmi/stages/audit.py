"""Is what lies in a folder of results as it was made, and what would be made today?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vmi.errors import Damaged, UserError
from vmi.stages import notes, provenance
from vmi.stages.ledger import Ledger, checksum
from vmi.stages.lock import noted
from vmi.stages.where import LEAVES, Where
from vmi.suites.cohorts import parse_cohort
from vmi.suites.file import load_suite

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["Audit", "audit"]

AGAIN = "run the suite again"
TODAY = f"by another suite or other code than today's: {AGAIN}"


def audit(results: Path, suite: "Suite | None" = None) -> int:
    """Prints what is wrong with a folder of results, a line each; returns 1 if anything is.

    Args:
        results: results/SUITE, or results/published/SUITE.
        suite: The suite; found by what the folder says, if None.

    Raises:
        UserError: There are no results, or nothing says which suite they are of.
    """
    here = Where(results)
    if not (here.records.is_file() or here.every_ledger()):
        raise UserError(f"{results} holds no results")
    found = Audit(here, suite or _suite(here))
    lines = list(found.findings())
    for line in lines:
        print(line)
    print(f"{len(found.sums)} files have a checksum; {_counted(lines)}")
    return 1 if lines else 0


@dataclass(frozen=True)
class Audit:
    """What is to be said against results.

    Attributes:
        here: Where they lie.
        suite: What they are of.
    """

    here: Where
    suite: "Suite"

    def findings(self) -> Iterator[str]:
        """Yields a line for each thing that is damaged, has no checksum, or is out of date."""
        yield from self._damaged()
        yield from self._unchecked()
        yield from self._unfollowed()
        yield from self._outdated()

    @cached_property
    def ledgers(self) -> list[Ledger]:
        """The ledgers that can be read."""
        return [ledger for ledger in self.here.every_ledger() if not _why_not(ledger.entries)]

    @cached_property
    def sums(self) -> dict[Path, str]:
        """The checksums of all files that were made."""
        found = ((ledger.root, ledger.sums()) for ledger in self.ledgers)
        return {root / name: known for root, sums in found for name, known in sums.items()}

    def _damaged(self) -> Iterator[str]:
        for read in [
            *(ledger.entries for ledger in self.here.every_ledger()),
            *((lambda cell=cell: notes.read(cell.made)) for cell in self.here.every_cell()),
        ]:
            yield from filter(None, [_why_not(read)])
        for ledger in self.ledgers:
            for name, known in ledger.sums().items():
                if wrong := ledger.wrong(name, known):
                    yield str(Damaged(ledger.root / name, wrong, ledger.remedy))

    def _unchecked(self) -> Iterator[str]:
        """Files of which nobody kept a checksum."""
        here = self.here
        made = [here.records, here.history, here.report, here.manifest, here.claims]
        made += [here.verify, here.ladder, *map(here.data, self.suite.tasks)]
        made += map(here.seeds, self.suite.tasks)
        for cell in here.every_cell():
            made += [path for stage in LEAVES for path in cell.left_by(stage)]
        left = [path for path in dict.fromkeys(made) if path.is_file() and path not in self.sums]
        if left:
            yield f"{_first(left)}: made without a checksum, by an earlier version: {AGAIN}"

    def _unfollowed(self) -> Iterator[str]:
        """What was made from files that were made anew since."""
        for ledger in self.ledgers:
            read = [pair for entry in ledger.entries().values() for pair in entry["from"].items()]
            new = [path for name, was in read if self._now(path := ledger.root / name) != was]
            if new:
                yield f"{ledger.remedy} no longer follows from {_first(new)}: {AGAIN}"

    def _now(self, path: Path) -> str:
        """The checksum of a file as it was made last; of one that nobody made, as it is."""
        return self.sums.get(path) or (checksum(path) if path.is_file() else "")

    def _outdated(self) -> Iterator[str]:
        """What the suite and the code of today would make otherwise, or have not made yet."""
        suite, here = self.suite, self.here
        if (here.root / "cells").is_dir():
            for task in suite.task_groups:
                for method in suite.methods:
                    yield from self._outdated_cells(task, method)
        for task in provenance.compared_tasks(suite):
            note = here.seeds(task).with_suffix(".json")
            today = provenance.of_comparison(suite, task)
            if _why_not(lambda note=note: notes.read(note)):
                continue  # which is said already
            if note.is_file() and not provenance.agrees(note, today):
                yield f"{here.seeds(task)} was made {TODAY}"
        for ledger in self.ledgers:
            for stage, entry in ledger.entries().items():
                if "provenance" in entry and entry["provenance"] != self._today(stage, ledger):
                    yield f"{ledger.remedy} was made {TODAY}"

    def _today(self, job: str, ledger: Ledger) -> provenance.Provenance | None:
        """What a job of no cohort would make its files from; None where there is no such job."""
        if job == "describe":
            task = ledger.remedy.stem
            known = task in self.suite.tasks
            made = provenance.of_description(self.suite, task, self.here) if known else None
        elif job == "report":
            made = provenance.of_report(self.suite)
        else:
            made = provenance.of_verification()
        return provenance.as_read(made)

    def _outdated_cells(self, task: str, method: str) -> Iterator[str]:
        missing = set(self.suite.seeds)
        for cell in self.here.cells(task, method):
            seeds = parse_cohort(cell.folder.name)
            missing -= set(seeds)
            wanted = provenance.of_cohort(self.suite, task, method, seeds, self.here)
            if _why_not(lambda cell=cell: notes.read(cell.made)):
                continue  # which is said already
            if stale := provenance.stale(cell.made, wanted):
                stages = ", ".join(stage for stage in wanted if stage in stale)
                yield f"{cell.folder}: {stages} not made yet, or {TODAY}"
        if missing:
            seeds = ", ".join(map(str, sorted(missing)))
            yield f"{self.here.root}/cells/{task}/{method}: seed {seeds} not made yet: {AGAIN}"


def _why_not(read: Callable[[], object]) -> str:
    """Why something cannot be read, "" where it can."""
    try:
        read()
    except Damaged as error:
        return str(error)
    return ""


def _first(paths: Sequence[Path]) -> str:
    return f"{paths[0]} and {len(paths) - 1} more" if len(paths) > 1 else str(paths[0])


def _counted(lines: Sequence[str]) -> str:
    if not lines:
        return "all are as they were made, and as they would be made today"
    return f"{len(lines)} finding{'s' * (len(lines) != 1)}"


def _suite(here: Where) -> "Suite":
    """The suite that results are of: what a run noted beside them, or one of the folder's name."""
    name = here.root.resolve().name
    for called in filter(None, (noted(here.root), name, f"{name}.yaml")):
        try:
            return load_suite(called)
        except UserError as error:
            why = error
    raise UserError(f"{here.root}: say which --suite this is of ({why})")
