"""Bias and spread: each estimator on each task at each sample size, over seeds."""

import numpy as np
import pandas as pd

from vmi.registry import row_name
from vmi.report.statistics import NO_RECORD, interval, judge

__all__ = ["CLOSE", "cells", "largest", "overall"]

CELL = ["task", "estimator", "n"]
CLOSE = 0.1  # nats: a mean this near the truth counts as right


def cells(records: pd.DataFrame, suite) -> pd.DataFrame:
    """Summarises each task, estimator and sample size over seeds, in the order of the suite.

    Columns: group, task, estimator, n, truth, mean, low and high (the mean's 95% bootstrap
    interval), bias (mean - truth), spread (standard deviation over seeds), seeds (with a number),
    failed, inapplicable, flagged, reason, ceiling, bound, convention, seconds (of one estimate).
    A cell of the suite that has no record is one that failed.
    """
    judged = judge(records.rename(columns={"dataset": "task", "model": "estimator"}))
    found = {key: _cell(rows) for key, rows in judged.groupby(CELL, sort=False)}
    rows = [
        {"group": group, "task": task, "estimator": estimator, "n": n}
        | found.get((task, estimator, n), _missing(judged, task, suite))
        for group, tasks in suite.tasks.items()
        for task in map(row_name, tasks)
        for estimator in map(row_name, suite.estimators)
        for n in suite.sizes
    ]
    return pd.DataFrame(rows)


def largest(summary: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells of the largest sample size."""
    return summary[summary["n"] == summary["n"].max()]


def overall(summary: pd.DataFrame) -> pd.DataFrame:
    """Summarises each estimator and sample size over tasks.

    Columns: estimator, n, tasks (with a number), close (of them, whose mean is within `CLOSE` nats
    of the truth), bias (the median of its size), spread (the median), worst (the task with the
    largest bias), flagged and failed (tasks), seconds (the median of one estimate), bound.
    """
    groups = summary.groupby(["estimator", "n"], sort=False)
    return pd.DataFrame({"estimator": e, "n": n} | _overall(rows) for (e, n), rows in groups)


def _cell(rows: pd.DataFrame) -> dict[str, object]:
    good = rows[rows["state"] == "value"]
    values = good["value"].to_numpy(dtype=float)
    truth = rows["truth"].iloc[0]
    low, high = interval(values)
    mean = values.mean() if len(values) else np.nan
    return {
        "truth": truth,
        "mean": mean,
        "low": float(low),
        "high": float(high),
        "bias": mean - truth,
        "spread": values.std(ddof=1) if len(values) > 1 else np.nan,
        "seeds": len(values),
        "failed": int((rows["state"] == "failed").sum()),
        "inapplicable": int((rows["state"] == "not applicable").sum()),
        "flagged": int((good["error"] != "").sum()),
        "reason": "; ".join(dict.fromkeys(filter(None, rows["error"]))),
        "ceiling": good["ceiling"].max(),
        "bound": next(filter(None, good["bound"]), ""),
        "convention": next(filter(None, good["convention"]), ""),
        "seconds": rows["seconds"].mean(),
    }


def _missing(judged: pd.DataFrame, task: str, suite) -> dict[str, object]:
    """What there is to say of a cell without any record."""
    truths = judged.loc[judged["task"] == task, "truth"]
    nothing = dict.fromkeys(("mean", "low", "high", "bias", "spread", "ceiling", "seconds"), np.nan)
    counts = {"seeds": 0, "failed": len(suite.seeds), "inapplicable": 0, "flagged": 0}
    truth = truths.iloc[0] if len(truths) else np.nan
    texts = {"bound": "", "convention": ""}
    return nothing | counts | texts | {"truth": truth, "reason": NO_RECORD}


def _overall(rows: pd.DataFrame) -> dict[str, object]:
    sizes = rows["bias"].abs()
    good = rows[sizes.notna()]
    return {
        "tasks": len(good),
        "close": int((sizes <= CLOSE).sum()),
        "bias": sizes.median(),
        "spread": rows["spread"].median(),
        "worst": rows.loc[sizes.idxmax(), "task"] if len(good) else "",
        "flagged": int((rows["flagged"] > 0).sum()),
        "failed": int((rows["failed"] > 0).sum()),
        "seconds": rows["seconds"].median(),
        "bound": next(filter(None, rows["bound"]), ""),
    }
