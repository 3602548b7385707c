"""What is committed of a suite's results, and how a checkout takes it back.

Published cells hold all that a report needs of a cohort but its weights and codes, so that a
method can be added to published results without answering with the others again.
"""

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vmi.errors import UserError
from vmi.stages import notes, provenance
from vmi.stages.crate import write_crate
from vmi.stages.lock import LOCK
from vmi.stages.where import Where, published, where
from vmi.suites.cohorts import parse_cohort

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["publish", "restore"]

CELLS = ("cells", "data", "seeds")  # folders
LEFT_OUT = shutil.ignore_patterns(
    *("*.svg", ".snakemake_timestamp", "weights", "states", "codes", "priors", "*.part", LOCK)
)


def publish(suite: "Suite", cells: bool = False) -> None:
    """Copies a suite's report to results/published, and its cells where asked; describes them.

    Raises:
        UserError: There is nothing to publish.
        Damaged: A file is not as it was made.
    """
    here, target = where(suite), published(suite)
    folders = [here.root / name for name in CELLS if cells]
    # Cells hold their own history; without them the page could not be written again.
    history = [] if cells or (target.root / "cells").is_dir() else [here.history]
    there = [path for path in (*_report(here), *history, *folders) if path.exists()]
    if not there:
        raise UserError(f"{here.root} holds no results")
    for ledger in here.every_ledger():
        ledger.check()
    for path in [*there, *(ledger.path for ledger in here.ledgers())]:
        _replace(path, target.root / path.relative_to(here.root))
    for cell in target.every_cell():
        if not cell.ledger.path.is_file():  # made by an earlier version, which kept no checksums
            for stage in notes.read(cell.made):
                cell.ledger.seal(stage, cell.left_by(stage))
    for ledger in target.every_ledger():
        ledger.keep_what_is_there()
    if target.manifest.is_file():
        write_crate(suite, target.root, json.loads(target.manifest.read_text(encoding="utf-8")))


def restore(suite: "Suite") -> None:
    """Takes back the published cells that this code and this suite would make again.

    The workflow then does what is left, and goes on from what was taken back.

    Raises:
        UserError: No cells are published, or there are results already, which might be of other
            code.
        Damaged: A file is not as it was published.
    """
    here, there = where(suite), published(suite)
    if not (there.root / "cells").is_dir():
        raise UserError(f"no cells of suite {suite.name!r} are published")
    if any((here.root / name).exists() for name in CELLS):
        raise UserError(f"{here.root} holds results already: remove it, or work in a new checkout")
    for ledger in there.every_ledger():
        ledger.check()
    taken = list(_current(suite, there))
    for path in taken:
        _replace(path, here.root / path.relative_to(there.root))
    _of_one_age(here.root / path.relative_to(there.root) for path in taken)
    back = {path.parts[-3:-1] for path in taken if "cells" in path.relative_to(there.root).parts}
    print(f"took back {len(back)} of the {_cells(suite)} cells of the suite")


def _cells(suite: "Suite") -> int:
    return len(suite.task_groups) * len(suite.methods)


def _report(here: Where) -> tuple[Path, ...]:
    files = (here.records, here.manifest, here.report, here.claims, here.verify, here.ladder)
    return (*files, here.tables, here.figures)


def _current(suite: "Suite", there: Where) -> Iterator[Path]:
    """The published paths that are as they would be made now."""
    for task in suite.tasks:
        described = (there.data(task), there.reads(task), there.ledger("describe", task).path)
        yield from (path for path in described if path.is_file())
    for task in suite.task_groups:
        for method in suite.methods:
            for cell in there.cells(task, method):
                seeds = parse_cohort(cell.folder.name)
                wanted = provenance.of_cohort(suite, task, method, seeds, there)
                if not provenance.stale(cell.made, wanted):
                    yield cell.folder
        note = there.seeds(task).with_suffix(".json")
        if provenance.agrees(note, provenance.of_comparison(suite, task)):
            sums = there.ledger("compare", task).path
            yield from (note, there.seeds(task), *([sums] if sums.is_file() else []))


def _replace(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, ignore=LEFT_OUT)
    else:
        shutil.copyfile(source, place)


def _of_one_age(paths: Iterable[Path]) -> None:
    """Snakemake makes anew what is older than what it is made from, and nothing here is."""
    now = time.time()
    for path in paths:
        for each in (path, *path.rglob("*")):
            os.utime(each, (now, now))
