"""Figures of where estimators fail: with dimension, at their ceiling, off the Gaussian."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import BLUE, CEILING, KEY, TRUTH, known
from vmi.report.style import grid, legend, looks, method_key, styled, wrapped

__all__ = ["DIMENSIONS", "PART", "STAIRCASE", "TRANSFORMS", "change", "failures", "staircase"]


# The same information in ever more dimensions and in other forms, and ever more information.
DIMENSIONS = ("two-pair-2", "two-pair-3", "two-pair-5", "two-pair-25")
STAIRCASE = tuple(f"staircase-{nats}" for nats in (2, 4, 6, 8, 10))
TRANSFORMS = (
    "two-pair-3",
    "normal-cdf-two-pair-3",
    "half-cube-two-pair-3",
    "spiral-two-pair-3",
    "spiral-normal-cdf-two-pair-3",
)
# Of each panel its title, its tasks, the estimators whose failure it is about and some that do
# better, and what names a task in it.
PANELS = (
    (
        "more dimensions, the same information",
        DIMENSIONS,
        ("ksg-3", "ksg-10", "mixed-ksg-3", "cca", "infonce", "doe"),
        lambda task: "{0} + {0}".format(task.removeprefix("two-pair-")),
    ),
    (
        "20 dimensions, more information",
        STAIRCASE,
        ("infonce", "interpolated", "nwj", "ksg-3", "doe", "minde"),
        lambda task: f"{task.removeprefix('staircase-')} nats",
    ),
    (
        "off the Gaussian, the same information",
        TRANSFORMS,
        ("cca", "ksg-3", "infonce", "nwj", "doe", "minde"),
        lambda task: task.removesuffix("two-pair-3").rstrip("-").replace("-", " ") or "Gaussian",
    ),
)
STEPS = (
    "Twenty correlated Gaussian pairs whose information grows in steps. A lower bound that "
    "touches its dotted line says only “at least that”."
)


def _failures(numbers: Numbers) -> Iterator[Plot]:
    sentences = [
        change(numbers, "ksg-3", DIMENSIONS),
        change(numbers, "infonce", STAIRCASE),
        change(numbers, "cca", TRANSFORMS),
        "Bands are one standard deviation over seeds.",
    ]
    title = f"Where instruments fail{numbers.sized}"
    yield numbers.plot("failures", title, " ".join(filter(None, sentences)), failures, numbers)
    if len(known(numbers.cells, STAIRCASE)):
        title = f"The staircase of Poole et al. 2019{numbers.sized}"
        yield numbers.plot("staircase", title, STEPS, staircase, numbers)


@styled()
def failures(numbers: Numbers) -> Figure:
    """Plots the estimates of some estimators over tasks, a panel a way to fail."""
    figure, axes = grid(1, len(PANELS), width=4.1, height=4.1)
    names = dict.fromkeys(name for _, _, estimators, _ in PANELS for name in estimators)
    look = looks({name: numbers.name("methods", name) for name in names})
    for axis, (title, tasks, estimators, short) in zip(axes[0], PANELS, strict=True):
        rows = known(numbers.cells, tasks)
        for name in estimators:
            marks = look[name].colour, look[name].marker
            _line(axis, rows[rows["method"] == name], tasks, *marks)
        _truth_steps(axis, rows, tasks)
        if tasks == STAIRCASE:
            _ceiling_lines(axis, rows[rows["method"].isin(estimators)])
        axis.set_title(title)
        axis.set_xticks(range(len(tasks)), [wrapped(short(task), 14) for task in tasks])
    axes[0][0].set_ylabel("estimate [nats]")
    present = {name: one for name, one in look.items() if name in numbers.suite.methods}
    legend(figure, method_key(present, ms=6) | KEY)
    return figure


def change(numbers: Numbers, estimator: str, tasks: Sequence[str]) -> str:
    """Says how an estimate changes from the first of some tasks to the one with most bias."""
    rows = numbers.cells
    rows = rows[(rows["method"] == estimator) & rows["mean"].notna()].set_index("task")
    rows = rows.reindex([task for task in tasks if task in rows.index])
    if len(rows) < 2:
        return ""
    worst = rows["bias"].abs().idxmax()
    ends = [
        f"{row['mean']:.2f} of {row['truth']:.2f} nats on {numbers.name('tasks', task)}"
        for task, row in (next(rows.iterrows()), (worst, rows.loc[worst]))
    ]
    ceiling = rows.loc[worst, "ceiling"]
    limit = f", under its ceiling of {ceiling:.2f}" if ceiling > 0 else ""
    return f"{numbers.name('methods', estimator)} says {' and '.join(ends)}{limit}."


@styled()
def staircase(numbers: Numbers, columns: int = 5) -> Figure:
    """Plots each estimator on the staircase, one panel an estimator."""
    rows = known(numbers.cells, STAIRCASE)
    names = [method for method in numbers.looks if method in set(rows["method"])]
    lines = -(-len(names) // columns)
    figure, axes = grid(lines, columns, width=2.1, height=1.9, sharey=True)
    flat = [axis for row in axes for axis in row]
    for i, (axis, name) in enumerate(zip(flat, names, strict=False)):
        one = rows[rows["method"] == name]
        _line(axis, one, STAIRCASE, BLUE, "o")
        _truth_steps(axis, one, STAIRCASE)
        _ceiling_lines(axis, one)
        axis.set_title(numbers.name("methods", name))
        axis.set_xticks(range(len(STAIRCASE)), [task.rpartition("-")[2] for task in STAIRCASE])
        axis.set_xlabel("truth [nats]" if i + columns >= len(names) else "")
        axis.set_ylabel("estimate [nats]" if i % columns == 0 else "")
    for axis in flat[len(names) :]:
        axis.set_visible(False)
    flat[0].set_ylim(-1, 1.4 * rows["truth"].max())
    legend(figure, KEY)
    return figure


def _line(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str], colour: str, marker: str) -> None:
    """Plots one method's means over tasks, with a band of one standard deviation."""
    rows = rows.set_index("task").reindex(tasks)
    mean, spread, places = rows["mean"], rows["spread"], np.arange(len(tasks))
    axis.plot(places, mean, color=colour, marker=marker, ms=6, mec="white", lw=1.6)
    axis.fill_between(places, mean - spread, mean + spread, color=colour, alpha=0.18, linewidth=0)


def _truth_steps(axis: Axes, rows: pd.DataFrame, tasks: Sequence[str]) -> None:
    """Plots the truth of each task as a step."""
    truths = rows.groupby("task")["truth"].first().reindex(tasks)
    for place, truth in enumerate(truths):
        axis.plot([place - 0.5, place + 0.5], [truth, truth], **TRUTH)
    axis.set_xlim(-0.5, len(tasks) - 0.5)
    axis.grid(axis="y")


def _ceiling_lines(axis: Axes, rows: pd.DataFrame) -> None:
    """Plots each ceiling that some method cannot pass."""
    for value in sorted(set(rows["ceiling"].dropna().round(9))):
        axis.axhline(value, **CEILING)


TASKS = {*DIMENSIONS, *STAIRCASE, *TRANSFORMS}
PART = Part("Figures", _failures, lambda numbers: bool(TASKS & set(numbers.suite.tasks)))
