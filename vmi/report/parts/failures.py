"""The figure of where estimators fail: with dimension, at their ceiling, off the Gaussian."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.parts.staircase import STAIRCASE
from vmi.report.style import grid, legend, looks, styled, wrapped
from vmi.report.truth import KEY, ceiling_lines, known, line, truth_steps

__all__ = ["DIMENSIONS", "PART", "TRANSFORMS", "ceiling", "dimension", "failures", "gaussian"]


@dataclass(frozen=True)
class Panel:
    """Tasks side by side, the estimators that show how they are told, and what names a task."""

    title: str
    tasks: tuple[str, ...]
    estimators: tuple[str, ...]  # those whose failure it is about, and some that do better
    short: Callable[[str], str]


# The same information in ever more dimensions and in other forms, and ever more information.
DIMENSIONS = ("two-pair-2", "two-pair-3", "two-pair-5", "two-pair-25")
TRANSFORMS = (
    "two-pair-3",
    "normal-cdf-two-pair-3",
    "half-cube-two-pair-3",
    "spiral-two-pair-3",
    "spiral-normal-cdf-two-pair-3",
)
PANELS = (
    Panel(
        "more dimensions, the same information",
        DIMENSIONS,
        ("ksg-3", "ksg-10", "mixed-ksg-3", "cca", "infonce", "doe"),
        lambda task: "{0} + {0}".format(task.removeprefix("two-pair-")),
    ),
    Panel(
        "20 dimensions, more information",
        STAIRCASE,
        ("infonce", "interpolated", "nwj", "ksg-3", "doe", "minde"),
        lambda task: f"{task.removeprefix('staircase-')} nats",
    ),
    Panel(
        "off the Gaussian, the same information",
        TRANSFORMS,
        ("cca", "ksg-3", "infonce", "nwj", "doe", "minde"),
        lambda task: task.removesuffix("two-pair-3").rstrip("-").replace("-", " ") or "Gaussian",
    ),
)


def _failures(numbers: Numbers) -> Iterator[Plot]:
    sentences = [
        dimension(numbers, "ksg-3"),
        ceiling(numbers, "infonce"),
        gaussian(numbers, "cca"),
        "Bands are one standard deviation over seeds.",
    ]
    title = f"Where instruments fail{numbers.sized}"
    yield numbers.plot("failures", title, " ".join(filter(None, sentences)), failures, numbers)


@styled()
def failures(numbers: Numbers) -> Figure:
    """Plots the estimates of some estimators over tasks, a panel a way to fail."""
    figure, axes = grid(1, len(PANELS), width=4.1, height=4.1)
    names = dict.fromkeys(name for panel in PANELS for name in panel.estimators)
    look = looks({name: numbers.name("methods", name) for name in names})
    for axis, panel in zip(axes[0], PANELS, strict=True):
        tasks, rows = panel.tasks, known(numbers.shown, panel.tasks)
        for name in panel.estimators:
            marks = look[name].colour, look[name].marker
            line(axis, rows[rows["method"] == name], tasks, *marks)
        truth_steps(axis, rows, tasks)
        if tasks == STAIRCASE:
            ceiling_lines(axis, rows[rows["method"].isin(panel.estimators)])
        axis.set_title(panel.title)
        axis.set_xticks(range(len(tasks)), [wrapped(panel.short(task), 14) for task in tasks])
    axes[0][0].set_ylabel("estimate [nats]")
    present = set(numbers.suite.methods)
    key = {
        own.name: Line2D([], [], marker=own.marker, ms=6, **own.marks())
        for name, own in look.items()
        if name in present
    }
    legend(figure, key | KEY)
    return figure


def dimension(numbers: Numbers, estimator: str) -> str:
    """Says how an estimate changes from the fewest to the most dimensions."""
    rows = _rows(numbers, estimator, DIMENSIONS)
    if len(rows) < 2:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"{numbers.name('methods', estimator)} says {first['mean']:.2f} of {first['truth']:.2f} "
        f"nats on {numbers.name('tasks', first['task'])} and {last['mean']:.2f} on "
        f"{numbers.name('tasks', last['task'])}."
    )


def ceiling(numbers: Numbers, estimator: str) -> str:
    """Says how an estimate stops at its ceiling."""
    rows = _rows(numbers, estimator, STAIRCASE)
    if rows.empty:
        return ""
    last, name = rows.iloc[-1], numbers.name("methods", estimator)
    limit = f", under its ceiling of {last['ceiling']:.2f}" if last["ceiling"] > 0 else ""
    return f"{name} says {last['mean']:.2f} of {last['truth']:.0f} nats{limit}."


def gaussian(numbers: Numbers, estimator: str) -> str:
    """Says how an estimate fares on one Gaussian task and its one-to-one images."""
    rows = _rows(numbers, estimator, TRANSFORMS)
    if len(rows) < 2:
        return ""
    first, worst = rows.iloc[0], rows.loc[rows["bias"].abs().idxmax()]
    return (
        f"{numbers.name('methods', estimator)} says {first['mean']:.2f} of {first['truth']:.2f} "
        f"nats on the Gaussian and {worst['mean']:.2f} on {numbers.name('tasks', worst['task'])}."
    )


def _rows(numbers: Numbers, estimator: str, tasks: Sequence[str]) -> pd.DataFrame:
    """The cells of an estimator at the largest size that have a number, in the order of tasks."""
    rows = numbers.shown
    rows = rows[(rows["method"] == estimator) & rows["mean"].notna()].set_index("task")
    return rows.reindex([task for task in tasks if task in rows.index]).reset_index()


TASKS = {task for panel in PANELS for task in panel.tasks}
PART = Part("Figures", _failures, lambda numbers: bool(TASKS & set(numbers.suite.tasks)))
