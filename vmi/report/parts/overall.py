"""The headline of instruments whose truth is known: how near each is to it, over all tasks."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from vmi.report import writers
from vmi.report.blocks import Block, File, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.tables import DASH, Cell, Table

__all__ = ["CLOSE", "PART", "headline", "near_truth", "overall"]

CLOSE = 0.1  # nats: a mean this near the truth counts as right


def overall(summary: pd.DataFrame) -> pd.DataFrame:
    """Summarises each method and sample size over tasks.

    Columns: method, size, tasks (with a number), close (of them, whose mean is within `CLOSE` nats
    of the truth), bias (the median of its size), spread (the median), worst (the task with the
    largest bias), warned and failed (tasks), seconds (the median of one seed), bound.
    """
    groups = summary.groupby(["method", "size"], sort=False)
    return pd.DataFrame({"method": m, "size": n} | _over_tasks(rows) for (m, n), rows in groups)


def _over_tasks(rows: pd.DataFrame) -> dict[str, object]:
    sizes = rows["bias"].abs()
    good = rows[sizes.notna()]
    return {
        "tasks": len(good),
        "close": int((sizes <= CLOSE).sum()),
        "bias": sizes.median(),
        "spread": rows["spread"].median(),
        "worst": rows.loc[sizes.idxmax(), "task"] if len(good) else "",
        "warned": int((rows["warned"] > 0).sum()),
        "failed": int((rows["failed"] > 0).sum()),
        "seconds": rows["seconds"].median(),
        "bound": next(filter(None, rows["bound"]), ""),
    }


def near_truth(numbers: Numbers) -> str:
    """Says which methods are right most often at the largest sample size."""
    last = overall(numbers.cells).sort_values("close", ascending=False).head(3)
    rows = last.itertuples()
    best = [f"{numbers.name('methods', r.method)} ({r.close} of {r.tasks})" for r in rows]
    return f"Most often within {CLOSE:g} nats of the truth: {', '.join(best)}." if best else ""


def headline(numbers: Numbers) -> Table:
    """Creates the table of methods at the largest sample size, over all tasks."""
    rows = overall(numbers.cells)
    columns = {
        numbers.suite.kind.method.word: [numbers.name("methods", m) for m in rows["method"]],
        "bound": [bound or "neither" for bound in rows["bound"]],
        "tasks": rows["tasks"].map(str),
        f"within {CLOSE:g} nats": rows["close"].map(str),
        "median bias [nats]": [_number(bias, 3) for bias in rows["bias"]],
        "median spread [nats]": [_number(spread, 3) for spread in rows["spread"]],
        "flagged": rows["warned"].map(str),
        "failed": rows["failed"].map(str),
        "s an estimate": [_number(seconds, 2) for seconds in rows["seconds"]],
        "worst on": [numbers.name("tasks", task) if task else DASH for task in rows["worst"]],
    }
    table = Table(numbers.suite.title, list(columns))
    best = {3: rows["close"] == (rows["close"].max() or -1), 4: rows["bias"] == rows["bias"].min()}
    for i, texts in enumerate(zip(*columns.values(), strict=True)):
        cells = [Cell(t, j in best and bool(best[j][i])) for j, t in enumerate(texts)]
        table.rows.append(cells)
    return table


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}" if np.isfinite(value) else DASH


def _overall(numbers: Numbers) -> Iterator[Block]:
    folder, table = numbers.where.tables, headline(numbers)
    yield Prose(f"{near_truth(numbers)} At the largest sample size, over all tasks.")
    yield table
    yield from writers.files(folder, "headline", [table], overall(numbers.summary))
    yield File(folder / "headline.txt", writers.plain(table))


PART = Part("Headline", _overall)
