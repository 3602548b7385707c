"""What each arm wins, beside the most that any can; and what more proposals are worth."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import absent, cell, nothing
from vmi.report.style import (
    GREY,
    INK,
    MARKERS,
    Looks,
    grid,
    label_rows,
    legend,
    method_key,
    styled,
)
from vmi.report.summary import largest

__all__ = ["PART", "proposals", "won"]

GAP = "prior-gap"
WON, CEILING = f"{GAP}/won", f"{GAP}/ceiling"
BY_SIZE = re.compile(r"^resampling[^/]*/won-(\d+)$")
SPREAD = 0.7  # of a row, over which its arms are spread

OF_WON = (
    "By how many nats an image each prior, fitted to the frozen model, raises the evidence lower "
    "bound (means over seeds with their 95% intervals by Student's t), beside the most that any "
    "prior can: KL(q(z) ‖ N(0, I)), the rate less the information. Where the density of a prior "
    "is estimated, what is shown is a lower bound."
)
OF_SIZES = (
    "What the sampler of M proposals wins, a lower bound by its own density, which can win no more "
    "than ln M (dotted); means over seeds, the bands their 95% intervals."
)


def _arms(numbers: Numbers) -> Iterator[Plot]:
    rows = largest(numbers.summary)
    if numbers.has(WON, CEILING):
        title = "What each prior wins, and the most that one can"
        yield numbers.plot("won", title, OF_WON, won, numbers, rows)
    for arm in _resampled(numbers):
        title = f"What more proposals win: {numbers.name('arms', arm)}"
        yield numbers.plot(f"proposals-{arm}", title, OF_SIZES, proposals, numbers, rows, arm)


def _resampled(numbers: Numbers) -> list[str]:
    """The arms that draw by resampling, and were measured so."""
    rows = numbers.summary[numbers.summary["measure"].map(lambda m: bool(BY_SIZE.match(m)))]
    has = set(rows.loc[rows["n"] > 0, "arm"])
    return [arm for arm in numbers.suite.arms if arm in has]


@styled()
def won(numbers: Numbers, rows: pd.DataFrame) -> Figure:
    """Plots the nats that each arm wins, a row a method, and its ceiling."""
    tasks, looks, arms = numbers.panels, numbers.looks, list(numbers.suite.arms)
    row = max(0.4, 0.16 * len(arms))
    figure, axes = grid(1, len(tasks), width=3.6, height=1.2 + row * len(looks))
    for axis, task in zip(axes[0], tasks, strict=True):
        for place, method in enumerate(looks):
            of = rows[rows["method"] == method]
            _row(axis, place, cell(of, task, WON), cell(of, task, CEILING), arms, looks)
        axis.axvline(0, color=GREY, lw=0.8, zorder=1)
        axis.set(title=numbers.name("tasks", task), xlabel=numbers.label(WON))
        label_rows(axis, looks, names=axis is axes[0][0])
    marks = dict(zip(arms, MARKERS * len(arms), strict=False))
    key = {
        numbers.name("arms", arm): Line2D([], [], color=GREY, marker=mark, ms=5.5, ls="")
        for arm, mark in marks.items()
    }
    legend(figure, key | {"the ceiling": Line2D([], [], color=INK, lw=1.6)})
    return figure


def _row(
    axis: Axes, place: int, rows: pd.DataFrame, most: pd.DataFrame, arms: list[str], looks: Looks
) -> None:
    """The arms of one method below each other, from the top, and its ceiling across them."""
    means, look = rows.set_index("arm"), list(looks.values())[place]
    if not np.isfinite(means.reindex(arms)["mean"].to_numpy(dtype=float)).any():
        absent(axis, place)
    for arm, mark, offset in zip(arms, MARKERS * len(arms), _offsets(len(arms)), strict=False):
        if arm in means.index and np.isfinite(means.loc[arm, "mean"]):
            low, mean, high = means.loc[arm, ["low", "mean", "high"]]
            axis.plot([low, high], [place + offset] * 2, color=look.colour, lw=1.8)
            axis.plot(mean, place + offset, mark, ms=5.5, color=look.colour, mec="white", mew=0.6)
    ceiling = most.loc[most["arm"] == "", "mean"].mean()
    axis.plot([ceiling] * 2, [place - SPREAD / 1.8, place + SPREAD / 1.8], color=INK, lw=1.6)


def _offsets(n: int) -> np.ndarray:
    return np.linspace(-SPREAD / 2, SPREAD / 2, n) if n > 1 else np.zeros(1)


@styled()
def proposals(numbers: Numbers, rows: pd.DataFrame, arm: str) -> Figure:
    """Plots what M proposals win against M, a line a method, beside ln M."""
    tasks, looks = numbers.panels, numbers.looks
    sizes = rows["measure"].str.extract(BY_SIZE)[0].astype(float)
    rows = rows.assign(m=sizes)[sizes.notna() & (rows["arm"] == arm)].sort_values("m")
    figure, axes = grid(1, len(tasks), width=3.6, height=2.8)
    for axis, task in zip(axes[0], tasks, strict=True):
        here = rows[(rows["task"] == task) & rows["mean"].notna()]
        if here.empty:
            nothing(axis)
            continue
        for method, look in looks.items():
            line = here[here["method"] == method]
            axis.plot(line["m"], line["mean"], color=look.colour, ls=look.line, lw=1.6)
            axis.fill_between(line["m"], line["low"], line["high"], color=look.colour, alpha=0.15)
        top, m = axis.get_ylim()[1], np.unique(here["m"])
        axis.plot(m, np.log(m), color=GREY, ls=":", lw=1.3)
        axis.set_ylim(min(0.0, axis.get_ylim()[0]), 1.05 * top)
        axis.set(xscale="log", xlabel="proposals, M", title=numbers.name("tasks", task))
        axis.set_ylabel("nats won" if axis is axes[0][0] else "")
    legend(figure, method_key(looks) | {"ln M": Line2D([], [], color=GREY, ls=":", lw=1.3)})
    return figure


PART = Part("Priors", _arms, lambda numbers: bool(numbers.suite.arms))
