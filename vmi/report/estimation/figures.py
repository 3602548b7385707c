"""Figures of a suite of estimators: each is a function of tidy frames."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from vmi.report.estimation.claims import DIMENSIONS, STAIRCASE, TRANSFORMS
from vmi.report.estimation.panels import (
    BLUE,
    CEILING,
    TRUTH,
    ceiling_lines,
    interval_panel,
    line,
    map_panel,
    truth_steps,
)
from vmi.report.estimation.statistics import largest
from vmi.report.names import display
from vmi.report.style import grid, label_models, legend, looks, row_height, styled, wrapped

__all__ = ["bias", "failures", "ladder", "pictures", "sizes", "spread", "staircase"]

SHOWN = {  # in each panel of `failures`, those whose behaviour it is about, and some that do better
    DIMENSIONS: ("ksg-3", "ksg-10", "mixed-ksg-3", "cca", "infonce", "doe"),
    STAIRCASE: ("infonce", "interpolated", "nwj", "ksg-3", "doe", "minde"),
    TRANSFORMS: ("cca", "ksg-3", "infonce", "nwj", "doe", "minde"),
}
PANELS = {  # their titles, and the part of a task's name that changes within a panel
    DIMENSIONS: (
        "more dimensions, the same information",
        lambda task: "{0} + {0}".format(task.removeprefix("two-pair-")),
    ),
    STAIRCASE: (
        "20 dimensions, more information",
        lambda task: f"{task.removeprefix('staircase-')} nats",
    ),
    TRANSFORMS: (
        "off the Gaussian, the same information",
        lambda task: task.removesuffix("two-pair-3").rstrip("-").replace("-", " ") or "Gaussian",
    ),
}


@styled()
def failures(summary: pd.DataFrame) -> Figure:
    """Draws where instruments fail: with dimension, at their ceiling, off the Gaussian."""
    figure, axes = grid(1, 3, width=4.1, height=4.1)
    look = looks(dict.fromkeys(name for names in SHOWN.values() for name in names))
    for axis, (tasks, (title, short)) in zip(axes[0], PANELS.items(), strict=True):
        rows = _known(summary, tasks)
        for name in SHOWN[tasks]:
            line(axis, rows[rows["estimator"] == name], tasks, look[name].colour, look[name].marker)
        truth_steps(axis, rows, tasks)
        if tasks == STAIRCASE:
            ceiling_lines(axis, rows[rows["estimator"].isin(SHOWN[tasks])])
        axis.set_title(title)
        axis.set_xticks(range(len(tasks)), [wrapped(short(task), 14) for task in tasks])
    axes[0][0].set_ylabel("estimate [nats]")
    present = {name: look[name] for name in look if name in set(summary["estimator"])}
    key = {
        display(name): Line2D([], [], marker=own.marker, ms=6, **own.marks())
        for name, own in present.items()
    }
    legend(figure, key | KEY)
    return figure


@styled()
def staircase(summary: pd.DataFrame, columns: int = 5) -> Figure:
    """Draws each estimator on the staircase of Poole et al. 2019, one panel an estimator."""
    rows = _known(summary, STAIRCASE)
    names = list(dict.fromkeys(rows["estimator"]))
    lines = -(-len(names) // columns)
    figure, axes = grid(lines, columns, width=2.1, height=1.9, sharey=True)
    flat = [axis for row in axes for axis in row]
    for i, (axis, name) in enumerate(zip(flat, names, strict=False)):
        one = rows[rows["estimator"] == name]
        line(axis, one, STAIRCASE, BLUE, "o")
        truth_steps(axis, one, STAIRCASE)
        ceiling_lines(axis, one)
        axis.set_title(display(name))
        axis.set_xticks(range(len(STAIRCASE)), [task.rpartition("-")[2] for task in STAIRCASE])
        axis.set_xlabel("truth [nats]" if i + columns >= len(names) else "")
        axis.set_ylabel("estimate [nats]" if i % columns == 0 else "")
    for axis in flat[len(names) :]:
        axis.set_visible(False)
    flat[0].set_ylim(-1, 1.4 * rows["truth"].max())
    legend(figure, KEY)
    return figure


@styled()
def bias(summary: pd.DataFrame) -> Figure:
    """Draws the mean estimate of every estimator on every task, coloured by its bias."""
    label = "bias [nats]\nred too low, blue too high"
    return _map(largest(summary), "bias", "mean", label, cmap="RdBu", vmin=-1.0, vmax=1.0)


@styled()
def spread(summary: pd.DataFrame) -> Figure:
    """Draws the standard deviation over seeds of every estimator on every task."""
    label = "standard deviation\nover seeds [nats]"
    return _map(largest(summary), "spread", "spread", label, cmap="Greys", vmin=0.0, vmax=0.5)


@styled()
def sizes(overall: pd.DataFrame) -> Figure:
    """Draws the median bias and the median spread over tasks, by sample size."""
    names, ns = list(dict.fromkeys(overall["estimator"])), sorted(set(overall["n"]))
    figure, axes = grid(1, 2, width=4.2, height=0.9 + row_height(names) * len(names))
    shades = [str(0.75 - 0.75 * i / max(1, len(ns) - 1)) for i in range(len(ns))]
    columns = {"bias": "median size of the bias [nats]", "spread": "median spread [nats]"}
    for axis, column in zip(axes[0], columns, strict=True):
        for place, name in enumerate(names):
            values = overall[overall["estimator"] == name].set_index("n").reindex(ns)[column]
            axis.plot(values, [place] * len(ns), color="#cbd5e1", lw=2, zorder=1)
            axis.scatter(values, [place] * len(ns), color=shades, s=34, zorder=2)
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel(columns[column])
        label_models(axis, names, names=column == "bias")
    dots = [Line2D([], [], color=shade, marker="o", ls="") for shade in shades]
    legend(figure, {f"N = {n:,}": dot for n, dot in zip(ns, dots, strict=True)})
    return figure


@styled()
def pictures(summary: pd.DataFrame, tasks: Sequence[str]) -> Figure:
    """Draws the estimates of information between pictures, one panel a task."""
    rows = _known(summary, tasks)
    names = list(dict.fromkeys(rows["estimator"]))
    height = 0.9 + row_height(names) * len(names)
    figure, axes = grid(1, len(tasks), width=2.7, height=height)
    for axis, task in zip(axes[0], tasks, strict=True):
        interval_panel(axis, rows[rows["task"] == task], names)
        axis.set_title(display(task))
        axis.set_xlabel("estimate [nats]")
        label_models(axis, names, names=axis is axes[0][0])
    legend(figure, {"truth": KEY["truth"], "mean and 95% interval": INTERVAL})
    return figure


@styled()
def ladder(rows: pd.DataFrame) -> Figure:
    """Draws how far each instrument is from the truth of the linear-Gaussian world."""
    panels = {"estimates": ("", "exact"), "lower bounds": ("lower",), "upper bounds": ("upper",)}
    parts = [rows[rows["bound"].isin(bounds)] for bounds in panels.values()]
    longest = max(map(len, parts))
    figure, axes = grid(1, 3, width=4.2, height=0.9 + 0.26 * longest)
    for axis, title, part in zip(axes[0], panels, parts, strict=True):
        away, error = part["value"] - part["truth"], 1.96 * part["stderr"].fillna(0)
        places = np.arange(len(part))
        axis.errorbar(away, places, xerr=error, fmt="D", color=BLUE, ms=5, mec="white", lw=2)
        axis.axvline(0, **TRUTH)
        axis.set_title(title)
        axis.set_xlabel("number − truth [nats]")
        axis.set_ylim(longest - 0.5, -0.5)
        axis.set_yticks(places, [wrapped(name, 40) for name in part["metric"]])
        axis.tick_params(axis="y", length=0)
        axis.locator_params(axis="x", nbins=5)
    legend(figure, {"truth": KEY["truth"], "number with its own 95% interval": INTERVAL})
    return figure


def _known(summary: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """The cells of some tasks at the largest size, of the estimators that gave any number there."""
    rows = largest(summary)
    rows = rows[rows["task"].isin(tasks)]
    has = rows["mean"].notna().groupby(rows["estimator"]).transform("any")
    return rows[has]


def _map(rows: pd.DataFrame, colour: str, text: str, label: str, **look) -> Figure:
    height = max(3.2, 1.6 + 0.235 * rows["task"].nunique())
    size = 3.6 + 0.56 * rows["estimator"].nunique(), height
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    image = map_panel(axis, rows, colour, text, **look)
    beyond, shrink = "both" if look["vmin"] else "max", max(0.35, min(1, 2 / height))
    figure.colorbar(image, ax=axis, label=label, shrink=shrink, aspect=30, pad=0.01, extend=beyond)
    return figure


KEY = {
    "truth": Line2D([], [], **TRUTH),
    "ceiling of a lower bound, ln K": Line2D([], [], **CEILING),
}
INTERVAL = Line2D([], [], color=BLUE, marker="D", ms=5.5, mec="white", lw=2.4)
