"""The stage that joins the rows of all cells."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vmi.errors import Damaged
from vmi.records import join
from vmi.stages.where import cells_of, where

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["gather"]


def gather(suite: "Suite") -> None:
    """Writes records.csv of a suite's seeds, and history.csv where its methods are trained."""
    here = where(suite)
    cells = [
        cell
        for task in suite.task_groups
        for method in suite.methods
        for cell in cells_of(suite, task, method)
    ]
    compared = [here.seeds(task) for task in suite.task_groups]
    for cell in cells:
        if not cell.records.is_file():
            raise Damaged(cell.records, "is missing", cell.folder)
        cell.ledger.check(cell.records, cell.history)
    for task, path in zip(suite.task_groups, compared, strict=True):
        here.ledger("compare", task).check(path)
    rows, measures = [*(cell.records for cell in cells), *compared], suite.rows_of("measures")
    join(_there(rows), here.records, suite.seeds, measures)
    if histories := list(_there(cell.history for cell in cells)):
        join(histories, here.history, suite.seeds)
    of = [*rows, *histories]
    here.ledger("gather").seal("gather", [here.records, here.history], of)


def _there(paths) -> Iterator[Path]:
    return (path for path in paths if path.is_file())
