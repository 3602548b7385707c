"""What a report is made from: every file is as it was made, and what it was is kept."""

from pathlib import Path

from vmi.stages.provenance import of_report
from vmi.stages.where import Where
from vmi.suites.suite import Suite

__all__ = ["intact", "seal"]


def intact(suite: Suite, where: Where) -> list[Path]:
    """Returns the files that a report is made from.

    Raises:
        Damaged: One of them is not as it was made.
    """
    for ledger in where.ledgers():
        if ledger.path != where.ledger("report").path:
            ledger.check()
    found = [where.records, where.history, where.verify, where.ladder]
    found += map(where.data, suite.tasks)
    for cell in _cells(suite, where):
        files = [cell.status, *cell.left_by("draw")]
        cell.ledger.check(*files)
        found += files
    return found


def seal(suite: Suite, where: Where, read: list[Path]) -> None:
    """Keeps the checksums of a report, and of the files that it was made from."""
    made = [where.report, where.manifest, where.claims]
    made += [*where.tables.glob("*"), *where.figures.glob("*")]
    where.ledger("report").seal("report", made, read, provenance=of_report(suite))


def _cells(suite: Suite, where: Where):
    return (c for task in suite.task_groups for m in suite.methods for c in where.cells(task, m))
