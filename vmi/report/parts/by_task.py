"""All numbers of instruments: a table a group of tasks, a row a task, a column a method."""

from collections.abc import Iterator

import pandas as pd

from vmi.report import writers
from vmi.report.blocks import Block, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.parts.numbers import conventions
from vmi.report.tables import Cell, Table, absent, lost, titled

__all__ = ["PART", "by_group"]


def by_group(numbers: Numbers) -> list[Table]:
    """Creates a table a group of tasks: mean and spread of every method at the largest size."""
    return [_group(numbers, group, tasks) for group, tasks in numbers.suite.task_groups.items()]


def _group(numbers: Numbers, group: str, tasks: list[str]) -> Table:
    methods = list(numbers.suite.methods)
    head = ["task", "truth", *(numbers.name("methods", method) for method in methods)]
    table = Table(group + numbers.sized, head)
    rows = numbers.cells.set_index(["task", "method"])
    for task in tasks:
        cells = [_cell(rows.loc[task, method], table) for method in methods]
        truth = rows.loc[task, "truth"].iloc[0]
        table.rows.append([Cell(numbers.name("tasks", task)), Cell(f"{truth:.3f}"), *cells])
    return table


def _cell(row: pd.Series, table: Table) -> Cell:
    if not row["n"]:
        return absent(row, table)
    return Cell(f"{row['mean']:.2f} [{row['spread']:.2f}]", notes=table.note(lost(row)))


def _by_task(numbers: Numbers) -> Iterator[Block]:
    tables = by_group(numbers)
    yield Prose(
        "Mean over seeds [standard deviation over seeds]. Every size is in complete.csv, and every "
        "seed in records.csv."
    )
    yield from titled(tables)
    yield from conventions(numbers, "methods", "method")
    yield from writers.files(numbers.where.tables, "complete", tables, numbers.summary)


PART = Part("All numbers", _by_task)
