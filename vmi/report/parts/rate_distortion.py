"""The figure of the rate against the distortion, where a line is one ELBO."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import nothing
from vmi.report.style import GREY, Looks, columned, styled

__all__ = ["PART", "rate_distortion"]

RATE, DISTORTION = "elbo/rate", "elbo/distortion"
CAPTION = (
    "Small marks are seeds, large ones means. Along a dotted line rate + distortion, and so the "
    "ELBO written on it, is the same: models on one line spend it differently. Every panel has its "
    "own scale."
)


@styled()
def rate_distortion(numbers: Numbers) -> Figure:
    """Plots distortion against rate, seeds as points and means large, with lines of one ELBO.

    A row is a data set, a column a variant of the models.
    """
    tasks = numbers.panels
    figure, axes = columned(len(tasks), numbers.columns, width=3.9, height=3.6, ls="")
    for task, panels in zip(tasks, axes, strict=True):
        points = _points(numbers.seeds, task)
        for axis, looks in zip(panels, numbers.columns.values(), strict=True):
            _elbo_panel(axis, points[points["method"].isin(list(looks))], looks)
            axis.set(xlabel="rate [nats]")
        panels[0].set_ylabel(f"{numbers.name('tasks', task)}\ndistortion [nats]")
    return figure


def _points(seeds: pd.DataFrame, task: str) -> pd.DataFrame:
    points = seeds[seeds["task"] == task].pivot_table(
        index=["method", "seed"], columns="measure", values="value"
    )
    return points.reindex(columns=[RATE, DISTORTION]).dropna().reset_index()


def _elbo_panel(axis: Axes, points: pd.DataFrame, looks: Looks) -> None:
    """Plots seeds and means in the plane of rate and distortion."""
    if points.empty:
        nothing(axis)
        return
    axis.grid(axis="y")
    for model, (colour, marker, *_) in looks.items():
        rows = points[points["method"] == model]
        x, y = rows[RATE], rows[DISTORTION]
        axis.scatter(x, y, color=colour, marker=marker, s=18, alpha=0.5, linewidth=0)
        axis.scatter(x.mean(), y.mean(), color=colour, marker=marker, s=90, ec="white", zorder=3)
    axis.margins(0.12)
    _iso_elbo(axis)


def _iso_elbo(axis: Axes) -> None:
    """Plots lines of equal rate + distortion across the panel, each with its ELBO on it."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    for total in MaxNLocator(6).tick_values(left + low, right + high):
        ends = np.clip(total - np.array([left, right]), low, high)
        start, end = total - ends
        if end - start < 0.15 * (right - left):
            continue
        axis.plot([start, end], ends, color=GREY, ls=":", lw=1.1, zorder=1)
        x = start + 0.06 * (right - left)
        text = f"{-total:g}".replace("-", "\N{MINUS SIGN}")
        look = {"color": GREY, "bbox": {"fc": "white", "ec": "none", "pad": 1.5}, "zorder": 1.1}
        axis.text(x, total - x, text, **look, ha="center", va="center", fontsize=7.5, clip_on=True)
    axis.set(xlim=(left, right), ylim=(low, high))


PART = Part.figure(
    "rate-distortion",
    "Rate against distortion",
    CAPTION,
    rate_distortion,
    lambda numbers: numbers.has(RATE, DISTORTION),
)
