"""The figure of information between pictures."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import BLUE, INTERVAL, KEY, TRUTH, known
from vmi.report.style import grid, label_rows, legend, row_height, styled

__all__ = ["PART", "images", "interval_panel"]

OF_PICTURES = ("bumps", "rectangles")
CAPTION = (
    "Known pairs drawn as pictures by smooth injective maps: the information is that of the "
    "few parameters, the dimension that of the pixels. A mean that is off by more than twice "
    "the truth stands as a number at the edge."
)


def _tasks(numbers: Numbers) -> list[str]:
    return [task for task in numbers.shown["task"].unique() if task.startswith(OF_PICTURES)]


@styled()
def images(numbers: Numbers) -> Figure:
    """Plots the estimates of information between pictures, one panel a task."""
    tasks = _tasks(numbers)[: len(numbers.panels)]
    rows = known(numbers.shown, tasks)
    look = {method: numbers.looks[method] for method in dict.fromkeys(rows["method"])}
    height = 0.9 + row_height(look) * len(look)
    figure, axes = grid(1, len(tasks), width=2.7, height=height)
    for axis, task in zip(axes[0], tasks, strict=True):
        interval_panel(axis, rows[rows["task"] == task], list(look))
        axis.set_title(numbers.name("tasks", task))
        axis.set_xlabel("estimate [nats]")
        label_rows(axis, look, names=axis is axes[0][0])
    legend(figure, {"truth": KEY["truth"], "mean and 95% interval": INTERVAL})
    return figure


def interval_panel(axis: Axes, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    """Plots the mean of each method on one task with its 95% interval, and the truth.

    A mean that is further off than twice the truth stands as a number at the edge, as it would
    press all others together.
    """
    truth = rows["truth"].max()
    axis.set_xlim(-truth, 3 * truth)
    for place, method in enumerate(methods):
        for row in rows[(rows["method"] == method) & rows["mean"].notna()].itertuples():
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


PART = Part.figure(
    "pictures",
    "Information between pictures{N}",
    CAPTION,
    images,
    lambda numbers: bool(_tasks(numbers)),
)
