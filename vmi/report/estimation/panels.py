"""Panels: what one axis of a figure of estimators holds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from vmi.report.names import display
from vmi.report.tables import DASH

__all__ = [
    "BLUE",
    "CEILING",
    "INK",
    "TRUTH",
    "ceiling_lines",
    "interval_panel",
    "line",
    "map_panel",
    "truth_steps",
]

INK, BLUE = "#111827", "#0072B2"
TRUTH = {"color": INK, "ls": "--", "lw": 1.2, "zorder": 1}
CEILING = {"color": "#b91c1c", "ls": ":", "lw": 1.3, "zorder": 1}


def line(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str], colour: str, marker: str) -> None:
    """Draws one estimator's means over tasks, with a band of one standard deviation."""
    rows = rows.set_index("task").reindex(tasks)
    mean, spread, places = rows["mean"], rows["spread"], np.arange(len(tasks))
    axis.plot(places, mean, color=colour, marker=marker, ms=6, mec="white", lw=1.6)
    axis.fill_between(places, mean - spread, mean + spread, color=colour, alpha=0.18, linewidth=0)


def truth_steps(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str]) -> None:
    """Draws the truth of each task as a step."""
    truths = rows.groupby("task")["truth"].first().reindex(tasks)
    for place, truth in enumerate(truths):
        axis.plot([place - 0.5, place + 0.5], [truth, truth], **TRUTH)
    axis.set_xlim(-0.5, len(tasks) - 0.5)
    axis.grid(axis="y")


def ceiling_lines(axis: Axes, rows: pd.DataFrame) -> None:
    """Draws each ceiling that some estimator cannot pass."""
    for value in sorted(set(rows["ceiling"].dropna().round(9))):
        axis.axhline(value, **CEILING)


def interval_panel(axis: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    """Draws the mean of each estimator on one task with its 95% interval, and the truth.

    A mean that is further off than twice the truth stands as a number at the edge, as it would
    press all others together.
    """
    truth = rows["truth"].max()
    axis.set_xlim(-truth, 3 * truth)
    for place, name in enumerate(names):
        for row in rows[(rows["estimator"] == name) & rows["mean"].notna()].itertuples():
            if abs(row.mean - truth) > 2 * truth:
                _beyond(axis, row.mean, place, right=row.mean > truth)
                continue
            axis.plot([row.low, row.high], [place] * 2, color=BLUE, lw=2.4)
            axis.plot(row.mean, place, "D", color=BLUE, ms=5.5, mec="white")
    axis.axvline(truth, **TRUTH)
    axis.locator_params(axis="x", nbins=5)


def _beyond(axis: Axes, number: float, place: float, *, right: bool) -> None:
    text = f"{number:.1f}".replace("-", "\N{MINUS SIGN}")
    text = f"{text} →" if right else f"← {text}"
    where = {"transform": axis.get_yaxis_transform(), "ha": "right" if right else "left"}
    axis.text(0.98 if right else 0.02, place, text, va="center", color=BLUE, fontsize=8, **where)


def map_panel(axis: Axes, rows: pd.DataFrame, colour: str, text: str, **look) -> AxesImage:
    """Draws a table of the column `text`, tasks by estimators, on the colour of another column.

    Args:
        axis: To draw on.
        rows: Cells of one sample size.
        colour: The column that gives the colour.
        text: The column that gives the number.
        look: `cmap`, `vmin` and `vmax` of the colours.
    """
    tasks, names = list(dict.fromkeys(rows["task"])), list(dict.fromkeys(rows["estimator"]))
    shades, numbers = (
        rows.pivot(index="task", columns="estimator", values=column).reindex(tasks)[names]
        for column in (colour, text)
    )
    image = axis.imshow(shades.to_numpy(float), aspect="auto", **look)
    for i, j in np.ndindex(numbers.shape):
        dark = abs(shades.iat[i, j]) > 0.6 * look["vmax"]
        _number(axis, j, i, numbers.iat[i, j], "white" if dark else INK)
    truths = rows.groupby("task")["truth"].first()
    axis.set_xticks(range(len(names)), [display(n) for n in names], rotation=45, ha="left")
    axis.set_yticks(range(len(tasks)), [f"{display(t)}   {truths[t]:.2f}" for t in tasks])
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(False)
    _separate_groups(axis, rows, tasks)
    return image


def _number(axis: Axes, x: int, y: int, number: float, ink: str) -> None:
    text = f"{number:.2f}" if np.isfinite(number) else DASH
    axis.text(x, y, text, ha="center", va="center", fontsize=7.5, color=ink)


def _separate_groups(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str]) -> None:
    groups = rows.groupby("task")["group"].first().reindex(tasks).to_numpy()
    for i in np.flatnonzero(groups[1:] != groups[:-1]):
        axis.axhline(i + 0.5, color=INK, lw=0.9)
