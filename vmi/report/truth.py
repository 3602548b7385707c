"""Panels that hold estimates against a truth, as several parts plot them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vmi.report.style import INK

__all__ = [
    "BLUE",
    "CEILING",
    "INTERVAL",
    "KEY",
    "TRUTH",
    "ceiling_lines",
    "known",
    "line",
    "truth_steps",
]

BLUE = "#0072B2"
TRUTH = {"color": INK, "ls": "--", "lw": 1.2, "zorder": 1}
CEILING = {"color": "#b91c1c", "ls": ":", "lw": 1.3, "zorder": 1}
KEY = {
    "truth": Line2D([], [], **TRUTH),
    "ceiling of a lower bound, ln K": Line2D([], [], **CEILING),
}
INTERVAL = Line2D([], [], color=BLUE, marker="D", ms=5.5, mec="white", lw=2.4)


def known(rows: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """Returns the cells of some tasks, of the methods that gave any number there."""
    rows = rows[rows["task"].isin(tasks)]
    has = rows["mean"].notna().groupby(rows["method"]).transform("any")
    return rows[has]


def line(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str], colour: str, marker: str) -> None:
    """Plots one method's means over tasks, with a band of one standard deviation."""
    rows = rows.set_index("task").reindex(tasks)
    mean, spread, places = rows["mean"], rows["spread"], np.arange(len(tasks))
    axis.plot(places, mean, color=colour, marker=marker, ms=6, mec="white", lw=1.6)
    axis.fill_between(places, mean - spread, mean + spread, color=colour, alpha=0.18, linewidth=0)


def truth_steps(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str]) -> None:
    """Plots the truth of each task as a step."""
    truths = rows.groupby("task")["truth"].first().reindex(tasks)
    for place, truth in enumerate(truths):
        axis.plot([place - 0.5, place + 0.5], [truth, truth], **TRUTH)
    axis.set_xlim(-0.5, len(tasks) - 0.5)
    axis.grid(axis="y")


def ceiling_lines(axis: Axes, rows: pd.DataFrame) -> None:
    """Plots each ceiling that some method cannot pass."""
    for value in sorted(set(rows["ceiling"].dropna().round(9))):
        axis.axhline(value, **CEILING)
