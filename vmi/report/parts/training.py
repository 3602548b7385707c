"""The figures of training: its terms by step."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import cell, curve_lines, nothing, zoom
from vmi.report.style import GREY, Looks, columned, grid, legend, method_key, styled

__all__ = ["PART", "ROWS", "Row", "curves", "rows_figure", "terms"]

SHOWN = ("loss", "distortion", "rate")  # of many models
CAPTION = (
    "Means over the seeds that trained to the end, with 95% intervals. The fall of the first steps "
    "leaves the panel at the top or the bottom."
)
ROWS = " All panels of a row have one scale."


@dataclass(frozen=True)
class Row:
    """A row of panels: its label, its curves, what they cannot pass, and what to say of none."""

    label: str
    curves: pd.DataFrame
    ceiling: float = math.nan
    absent: str = "no numbers"


def _training(numbers: Numbers) -> Iterator[Plot]:
    if not numbers.grouped:
        yield numbers.plot("training", "Training", CAPTION, curves, numbers)
    elif names := [term for term in SHOWN if term in set(numbers.history["term"])]:
        yield numbers.plot("training", "Training", CAPTION + ROWS, terms, numbers, names)


@styled()
def curves(numbers: Numbers) -> Figure:
    """Plots the terms of training, mean and 95% interval over seeds: term x task."""
    history, looks = numbers.history, numbers.looks
    names, tasks = list(history["term"].unique()), list(history["task"].unique())
    figure, axes = grid(len(names), len(tasks), width=3.9, height=2.1, sharex="col")
    for i, term in enumerate(names):
        for j, task in enumerate(tasks):
            axis = axes[i][j]
            zoom(axis, curve_lines(axis, cell(history, task, term, "term"), looks))
            axis.grid(axis="y")
            axis.set_title(numbers.name("tasks", task) if i == 0 else "")
            axis.set_ylabel(fill(numbers.term(term), 22) if j == 0 else "")
            axis.set_xlabel("step" if i == len(names) - 1 else "")
    legend(figure, method_key(looks, marker="", ls="-", lw=2))
    return figure


@styled()
def terms(numbers: Numbers, names: Sequence[str]) -> Figure:
    """Plots some terms of training: task and term x variant."""
    rows = [
        Row(
            f"{numbers.name('tasks', task)}\n{numbers.term(name)}",
            cell(numbers.history, task, name, "term"),
        )
        for task in numbers.history["task"].unique()
        for name in names
    ]
    return rows_figure(rows, numbers.columns)


def rows_figure(rows: Sequence[Row], columns: Mapping[str, Looks]) -> Figure:
    """Plots rows of curves, a column a variant; one scale a row, so that they can be compared."""
    columns = _present(columns, {method for row in rows for method in row.curves["method"]})
    mark = {"marker": "", "lw": 2}
    figure, axes = columned(len(rows), columns, width=3.9, height=2.2, **mark)
    for row, panels in zip(rows, axes, strict=True):
        plotted = [
            (axis, curve_lines(axis, row.curves, looks))
            for axis, looks in zip(panels, columns.values(), strict=True)
        ]
        values = [each for _, late in plotted for each in late]
        for axis, late in plotted:
            _finish(axis, row, values if late else [])
        panels[0].set_ylabel(row.label)
    for column in zip(*axes, strict=True):
        plotted = [axis for axis in column if axis.lines]
        (plotted or column)[-1].set_xlabel("step")
    return figure


def _finish(axis: Axes, row: Row, values: list[np.ndarray]) -> None:
    if not values:
        nothing(axis, row.absent)
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        return
    axis.grid(axis="y")
    zoom(axis, values)
    if math.isfinite(row.ceiling):
        low, high = axis.get_ylim()
        axis.axhline(row.ceiling, color=GREY, ls="--", lw=1.1, zorder=1)
        axis.set_ylim(low, max(high, row.ceiling + 0.05 * (row.ceiling - low)))


def _present(columns: Mapping[str, Looks], methods: set[str]) -> dict[str, Looks]:
    present = {v: {m: look for m, look in x.items() if m in methods} for v, x in columns.items()}
    return {variant: looks for variant, looks in present.items() if looks}


PART = Part("Figures", _training, lambda numbers: len(numbers.history) > 0)
