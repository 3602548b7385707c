"""Tables of a suite of estimators."""

import numpy as np
import pandas as pd

from vmi.report.estimation.statistics import CLOSE, largest
from vmi.report.names import display
from vmi.report.tables import DASH, Cell, Table

__all__ = ["by_task", "headline", "known_answers"]

BOUNDS = {"lower": "lower", "upper": "upper", "exact": "exact", "": "neither"}


def headline(overall: pd.DataFrame, title: str) -> Table:
    """Creates the table of estimators at the largest sample size, over all tasks."""
    rows = overall[overall["n"] == overall["n"].max()]
    head = [
        "estimator",
        "bound",
        "tasks",
        f"within {CLOSE:g} nats",
        "median bias [nats]",
        "median spread [nats]",
        "flagged",
        "failed",
        "s an estimate",
        "worst on",
    ]
    table = Table(title, head, labels=2)
    best = {"close": rows["close"].max(), "bias": rows["bias"].min()}
    for row in rows.itertuples():
        table.rows.append(
            [
                Cell(display(row.estimator)),
                Cell(BOUNDS[row.bound]),
                Cell(str(row.tasks)),
                Cell(str(row.close), bool(row.close == best["close"] > 0)),
                Cell(_number(row.bias, 3), bool(row.bias == best["bias"])),
                Cell(_number(row.spread, 3)),
                Cell(str(row.flagged)),
                Cell(str(row.failed)),
                Cell(_number(row.seconds, 2)),
                Cell(display(row.worst) if row.worst else DASH),
            ]
        )
    return table


def by_task(summary: pd.DataFrame) -> list[Table]:
    """Creates a table a group of tasks: the mean and spread of every estimator, largest size."""
    rows = largest(summary)
    return [_group(str(group), part) for group, part in rows.groupby("group", sort=False)]


def known_answers(rows: pd.DataFrame) -> Table:
    """Creates the table of the known answers: truth, tolerance and what the instrument said."""
    table = Table("Known answers", ["instrument", "case", "truth", "may be", "got", "holds"])
    for row in rows.itertuples():
        low, high = row.truth - row.below, row.truth + row.above
        cells = [display(row.instrument), row.case, f"{row.truth:.5g}", f"{low:.5g} to {high:.5g}"]
        said = f"{row.got:.5g}" if np.isfinite(row.got) else DASH
        table.rows.append([*map(Cell, cells), Cell(said), Cell("yes" if row.holds else "NO")])
    return table


def _group(title: str, rows: pd.DataFrame) -> Table:
    names = list(dict.fromkeys(rows["estimator"]))
    table = Table(f"{title}, N = {rows['n'].max():,}", ["task", "truth", *map(display, names)])
    for task, part in rows.groupby("task", sort=False):
        cells = part.set_index("estimator")
        numbers = [_estimate(cells.loc[name], table) for name in names]
        table.rows.append([Cell(display(task)), Cell(f"{part['truth'].iloc[0]:.3f}"), *numbers])
    return table


def _estimate(row: pd.Series, table: Table) -> Cell:
    if not row["seeds"]:
        text = DASH if row["inapplicable"] else f"failed ({row['failed']} of {row['failed']})"
        return Cell(text, notes=table.note(row["reason"]))
    lost = row["failed"] + row["inapplicable"]
    note = f"{lost} of {lost + row['seeds']} seeds left no number: {row['reason']}" if lost else ""
    return Cell(f"{row['mean']:.2f} [{row['spread']:.2f}]", notes=table.note(note))


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}" if np.isfinite(value) else DASH
