"""A cohort of seeds of one method on one task: what one job takes, stage after stage.

A stage whose products stand, made from what they would be made from today, is not done again: a new
metric trains nothing, and what was cut off goes on where it was: a training at the step at which
its state was written last.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vmi.stages import notes, provenance, ran, reads
from vmi.stages.imports import import_large
from vmi.stages.lock import hold
from vmi.stages.where import Cell, cells_of, where
from vmi.suites.cohorts import cohort_name

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["Cohort", "cohort", "comparison", "due"]


@dataclass(frozen=True)
class Cohort:
    """What a stage is given.

    Attributes:
        suite: The suite.
        task: The name of a task, or of a group of tasks.
        method: The name of a method.
        seeds: The cohort's.
        device: Where to train.
        quiet: Show no progress.
        standing: What of this stage was made before and still stands, as its provenance says it.
        made: What this stage would be made from today, as its provenance says it.
        read: Returns which files of the user's own this stage has read so far.
    """

    suite: "Suite"
    task: str
    method: str
    seeds: Sequence[int]
    device: str = "cpu"
    quiet: bool = False
    standing: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    read: Callable[[], reads.Record] = dict

    @property
    def cell(self) -> Cell:
        """Where its files lie."""
        return where(self.suite).cell(self.task, self.method, cohort_name(self.seeds))

    @property
    def title(self) -> str:
        """What it is called where progress is shown."""
        return f"{self.task}, {self.method}"


def cohort(
    suite: "Suite",
    task: str,
    method: str,
    seeds: Sequence[int],
    device: str = "cpu",
    quiet: bool = False,
) -> None:
    """Does with a cohort what is due of the stages of the suite's kind.

    Args:
        suite: The suite.
        task: The name of a task, or of a group of tasks.
        method: The name of a method.
        seeds: The cohort's.
        device: Where to train.
        quiet: Show no progress.
    """
    given = Cohort(suite, task, method, seeds, device, quiet)
    wanted = provenance.of_cohort(suite, task, method, seeds)
    found: dict[str, reads.Record] = {}
    # A job may outlive the run that began it, on a cluster above all: it is waited for.
    with hold(given.cell.folder, wait=True):
        for stage in due(given, wanted):
            now, began = replace(given, made=wanted[stage]), time.perf_counter()
            with reads.recording(where(suite).root.parent) as read:
                rest = _do(replace(now, read=read), stage)
            found[stage] = read()
            # What the stages that it follows read is in memory yet, and it may go by that.
            for each in (stage, *_before(stage)):
                reads.keep(given.cell.reads, stage, found.get(each, {}))
            given.cell.ledger.seal("reads", [given.cell.reads])
            ran.note(given.cell.ran, stage, time.perf_counter() - began, device)
            given.cell.ledger.seal("ran", [given.cell.ran])
            _note(now, stage, rest)
        given.cell.done.touch()  # by none but who got this far: a plug-in can end the process


def due(given: Cohort, wanted: dict[str, Any]) -> list[str]:
    """Returns the stages that are to be done, in their order.

    Args:
        given: The cohort.
        wanted: What each stage would be made from today.
    """
    stages = provenance.stale(given.cell.made, wanted)
    if stages and "fit" in wanted and not given.cell.weights.is_dir():
        stages.add("fit")  # what was taken back from published cells has no weights
    return [stage for stage in wanted if stages & {stage, *_before(stage)}]


def comparison(suite: "Suite", task: str) -> None:
    """Measures how the seeds of each method agree on a task."""
    here, of = where(suite), []
    note = here.seeds(task).with_suffix(".json")
    for cell in (cell for method in suite.methods for cell in cells_of(suite, task, method)):
        cell.ledger.check(stages=["fit", "encode"])
        of += [cell.status, *cell.left_by("encode")]
    import_large("vmi.stages.compare").run(suite, task)
    notes.write(note, provenance.of_comparison(suite, task))
    here.ledger("compare", task).seal("compare", [here.seeds(task), note], of)


def _do(given: Cohort, stage: str) -> provenance.Provenance:
    """Does a stage, and returns what is noted of the others."""
    cell, wanted = given.cell, given.made
    if not given.quiet:  # where a plug-in hangs, or ends the process, the log says so far it came
        print(f"{given.title}: {stage}", file=sys.stderr, flush=True)
    cell.ledger.check(stages=[*_before(stage)])
    before = notes.read(cell.made)
    standing = provenance.standing(before.pop(stage, {}), wanted)
    rest = {name: made for name, made in before.items() if stage not in _before(name)}
    notes.write(cell.made, rest)
    cell.ledger.forget(*(name for name in provenance.FOLLOWS if stage in _before(name)))
    import_large(f"vmi.stages.{stage}").run(replace(given, standing=standing))
    cell.ledger.seal(stage, cell.left_by(stage))
    return rest


def _note(given: Cohort, stage: str, rest: provenance.Provenance) -> None:
    """Notes that a stage is done, last of all: what is cut off before that is done again."""
    notes.write(given.cell.made, rest | {stage: given.made})
    if not given.suite.keep_states:  # not before it is noted that the training is done
        shutil.rmtree(given.cell.states, ignore_errors=True)


def _before(stage: str) -> Iterator[str]:
    """The stages that a stage follows, however far back."""
    for name in provenance.FOLLOWS[stage]:
        yield name
        yield from _before(name)
