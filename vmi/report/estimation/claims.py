"""What the figures show, in sentences whose numbers are those of the records."""

import pandas as pd

from vmi.report.estimation.statistics import largest
from vmi.report.names import display

__all__ = [
    "DIMENSIONS",
    "STAIRCASE",
    "TRANSFORMS",
    "ceiling",
    "dimension",
    "gaussian",
    "near_truth",
]

# The same information in ever more dimensions and in other forms, and ever more information.
DIMENSIONS = ("two-pair-2", "two-pair-3", "two-pair-5", "two-pair-25")
TRANSFORMS = (
    "two-pair-3",
    "normal-cdf-two-pair-3",
    "half-cube-two-pair-3",
    "spiral-two-pair-3",
    "spiral-normal-cdf-two-pair-3",
)
STAIRCASE = tuple(f"staircase-{nats}" for nats in (2, 4, 6, 8, 10))


def dimension(summary: pd.DataFrame, estimator: str) -> str:
    """Says how an estimate changes from the fewest to the most dimensions."""
    rows = _rows(summary, estimator, DIMENSIONS)
    if len(rows) < 2:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"{display(estimator)} says {first['mean']:.2f} of {first['truth']:.2f} nats on "
        f"{display(first['task'])} and {last['mean']:.2f} on {display(last['task'])}."
    )


def ceiling(summary: pd.DataFrame, estimator: str) -> str:
    """Says how an estimate stops at its ceiling."""
    rows = _rows(summary, estimator, STAIRCASE)
    if rows.empty:
        return ""
    last = rows.iloc[-1]
    limit = f", under its ceiling of {last['ceiling']:.2f}" if last["ceiling"] > 0 else ""
    return f"{display(estimator)} says {last['mean']:.2f} of {last['truth']:.0f} nats{limit}."


def gaussian(summary: pd.DataFrame, estimator: str) -> str:
    """Says how an estimate fares on one Gaussian task and its one-to-one images."""
    rows = _rows(summary, estimator, TRANSFORMS)
    if len(rows) < 2:
        return ""
    first, worst = rows.iloc[0], rows.loc[rows["bias"].abs().idxmax()]
    return (
        f"{display(estimator)} says {first['mean']:.2f} of {first['truth']:.2f} nats on the "
        f"Gaussian and {worst['mean']:.2f} on {display(worst['task'])}."
    )


def near_truth(overall: pd.DataFrame) -> str:
    """Says which estimators are right most often at the largest sample size."""
    last = overall[overall["n"] == overall["n"].max()].sort_values("close", ascending=False)
    best = [f"{display(r.estimator)} ({r.close} of {r.tasks})" for r in last.head(3).itertuples()]
    return f"Most often within 0.1 nats of the truth: {', '.join(best)}." if best else ""


def _rows(summary: pd.DataFrame, estimator: str, tasks: tuple[str, ...]) -> pd.DataFrame:
    """The cells of an estimator at the largest size that have a number, in the order of tasks."""
    rows = largest(summary)
    rows = rows[(rows["estimator"] == estimator) & rows["mean"].notna()].set_index("task")
    return rows.reindex([task for task in tasks if task in rows.index]).reset_index()
