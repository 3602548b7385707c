"""Panels: what one axis of a figure holds, as several parts plot it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.style import GREY, INK, Looks, grid
from vmi.statistics import interval

__all__ = [
    *("BLUE", "CEILING", "INTERVAL", "KEY", "TRUTH"),
    *("absent", "by_task", "cell", "curve_lines", "known", "mean_of", "nothing", "zoom"),
]

BLUE = "#0072B2"
TRUTH = {"color": INK, "ls": "--", "lw": 1.2, "zorder": 1}
CEILING = {"color": "#b91c1c", "ls": ":", "lw": 1.3, "zorder": 1}
KEY = {
    "truth": Line2D([], [], **TRUTH),
    "what the estimator cannot pass": Line2D([], [], **CEILING),
}
INTERVAL = Line2D([], [], color=BLUE, marker="D", ms=5.5, mec="white", lw=2.4)


def by_task(
    titles: Sequence[str], ylabel: str, *, most: int = 4, **kwargs
) -> tuple[Figure, list[Axes]]:
    """Creates a panel for each title, over the size of the sample, in rows as even as they come.

    Args:
        titles: Of the panels.
        ylabel: Of the first panel of each row.
        most: Panels side by side.
        kwargs: As `vmi.report.style.grid` takes them.
    """
    down = -(-len(titles) // most)
    across = -(-len(titles) // down)
    figure, rows = grid(down, across, sharex=True, **kwargs)
    flat = [axis for row in rows for axis in row]
    for i, (axis, title) in enumerate(zip(flat, titles, strict=False)):
        lowest = i + across >= len(titles)
        axis.set_title(title)
        axis.set_xlabel("N" if lowest else "")
        axis.tick_params(labelbottom=lowest)
        axis.set_ylabel("" if i % across else ylabel)
    for axis in flat[len(titles) :]:
        axis.set_visible(False)
    return figure, flat[: len(titles)]


def cell(frame: pd.DataFrame, task: str, name: str, column: str = "measure") -> pd.DataFrame:
    """Returns the rows of one measure, or of one term of training, on one task."""
    return frame[(frame["task"] == task) & (frame[column] == name)]


def known(rows: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """Returns the cells of some tasks, of the methods that gave any number there."""
    rows = rows[rows["task"].isin(tasks)]
    has = rows["mean"].notna().groupby(rows["method"]).transform("any")
    return rows[has]


def mean_of(rows: pd.DataFrame, method: str) -> float:
    """Returns the mean of a method, of rows by method; NaN if there is none."""
    return rows["mean"].get(method, np.nan)


def nothing(axis: Axes, text: str = "no numbers") -> None:
    """Leaves the panel empty but for a word in its middle."""
    where = {"transform": axis.transAxes, "ha": "center", "va": "center"}
    axis.text(0.5, 0.5, text, color=GREY, **where)
    axis.set_xticks([])
    axis.grid(False)


def absent(axis: Axes, place: float, text: str = "no number") -> None:
    """Writes into a row of the panel why it is empty."""
    where = {"transform": axis.get_yaxis_transform(), "va": "center"}
    axis.text(0.02, place, text, color=GREY, fontsize=8, style="italic", **where)


def curve_lines(axis: Axes, rows: pd.DataFrame, looks: Looks) -> list[np.ndarray]:
    """Plots one term of training by method; returns its values but those of the first steps."""
    late = []
    for method, look in looks.items():
        wide = rows[rows["method"] == method].pivot_table(
            index="step", columns="seed", values="value"
        )
        wide = wide.dropna(axis="columns")  # the seeds that went all the way
        if wide.empty:
            continue
        wide = wide.iloc[:: -(-len(wide) // 200)]
        low, high = interval(wide.to_numpy())
        mean = wide.mean(axis="columns")
        axis.plot(wide.index, mean, color=look.colour, ls=look.line, lw=1.6)
        axis.fill_between(wide.index, low, high, color=look.colour, alpha=0.2, linewidth=0)
        late.append(wide.iloc[len(wide) // 10 :].to_numpy().ravel())
    return late


def zoom(axis: Axes, values: list[np.ndarray]) -> None:
    """Shows all but the first steps, whose fall would flatten everything after it."""
    if not values:
        nothing(axis)
        return
    low, high = np.quantile(np.concatenate(values), [0.0, 0.995])
    room = 0.08 * (high - low) or 0.5
    axis.set_ylim(low - room, high + room)
    axis.locator_params(nbins=5)
