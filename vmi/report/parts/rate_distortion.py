"""The figure of the rate against the distortion, where a line is one ELBO."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import nothing
from vmi.report.style import GREY, Looks, columned, grid, legend, method_key, styled

__all__ = ["PART", "rate_distortion", "rate_distortion_by_variant"]

RATE, DISTORTION = "elbo/rate", "elbo/distortion"
CAPTION = (
    "Small marks are seeds, large ones means. Along a dotted line rate + distortion, and so the "
    "ELBO written on it, is the same: models on one line spend it differently."
)


def _rate_distortion(numbers: Numbers) -> Iterator[Plot]:
    make, more = rate_distortion, ""
    if numbers.grouped:
        make, more = rate_distortion_by_variant, " Every panel has its own scale."
    yield numbers.plot("rate-distortion", "Rate against distortion", CAPTION + more, make, numbers)


@styled()
def rate_distortion(numbers: Numbers) -> Figure:
    """Plots distortion against rate, seeds as points and means large, with lines of one ELBO."""
    tasks = list(numbers.seeds["task"].unique())
    figure, axes = grid(1, len(tasks), width=3.9, height=3.8)
    for axis, task in zip(axes[0], tasks, strict=True):
        _elbo_panel(axis, _points(numbers.seeds, task), numbers.looks)
        title = numbers.name("tasks", task)
        axis.set(title=title, xlabel="rate [nats]", ylabel="distortion [nats]")
    key = method_key(numbers.looks, ls="")
    legend(figure, key | {"equal ELBO [nats]": Line2D([], [], color=GREY, ls=":")})
    return figure


@styled()
def rate_distortion_by_variant(numbers: Numbers) -> Figure:
    """Plots the same of many models: data set x variant."""
    tasks = list(numbers.seeds["task"].unique())
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
        axis.text(
            x,
            total - x,
            text,
            ha="center",
            va="center",
            fontsize=7.5,
            color=GREY,
            bbox={"fc": "white", "ec": "none", "pad": 1.5},
            zorder=1.1,
            clip_on=True,
        )
    axis.set(xlim=(left, right), ylim=(low, high))


PART = Part("Figures", _rate_distortion, lambda numbers: numbers.has(RATE, DISTORTION))
