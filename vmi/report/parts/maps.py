"""Bias and spread of all methods on all tasks: as maps, and by sample size."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import ROWS, Numbers
from vmi.report.parts.overall import near_truth, overall
from vmi.report.style import INK, grid, label_rows, legend, row_height, styled
from vmi.report.tables import DASH

__all__ = ["PART", "bias", "sizes", "spread"]

COLUMNS = {"bias": "median size of the bias [nats]", "spread": "median spread [nats]"}


def _maps(numbers: Numbers) -> Iterator[Plot]:
    title = f"Every estimator on every task{numbers.sized}"
    caption = "The mean over seeds; the truth stands beside the name of the task. "
    caption += near_truth(numbers)
    yield numbers.plot("bias", title, caption, bias, numbers, tasks=ROWS)
    title = f"How far an estimate varies with the sample{numbers.sized}"
    caption = "The standard deviation over seeds."
    yield numbers.plot("spread", title, caption, spread, numbers, tasks=ROWS)
    if len(numbers.suite.sizes) > 1:
        caption = "Medians over all tasks; the darkest point has most samples."
        title, tasks = "Bias and spread by sample size", len(numbers.suite.tasks)
        yield numbers.plot("sizes", title, caption, sizes, numbers, tasks=tasks)


@styled()
def bias(numbers: Numbers) -> Figure:
    """Plots the mean estimate of every estimator on every task, coloured by its bias."""
    label = "bias [nats]\nred too low, blue too high"
    return _map(numbers, "bias", "mean", label, cmap="RdBu", vmin=-1.0, vmax=1.0)


@styled()
def spread(numbers: Numbers) -> Figure:
    """Plots the standard deviation over seeds of every estimator on every task."""
    label = "standard deviation\nover seeds [nats]"
    return _map(numbers, "spread", "spread", label, cmap="Greys", vmin=0.0, vmax=0.5)


def _map(numbers: Numbers, colour: str, text: str, label: str, **look) -> Figure:
    rows = numbers.shown
    height = max(3.2, 1.6 + 0.235 * rows["task"].nunique())
    size = 3.6 + 0.56 * rows["method"].nunique(), height
    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    image = _panel(axis, numbers, colour, text, **look)
    beyond, shrink = "both" if look["vmin"] else "max", max(0.35, min(1, 2 / height))
    figure.colorbar(image, ax=axis, label=label, shrink=shrink, aspect=30, pad=0.01, extend=beyond)
    return figure


def _panel(axis: Axes, numbers: Numbers, colour: str, text: str, **look) -> AxesImage:
    """Plots a table of the column `text`, tasks by estimators, on the colour of another column."""
    rows = numbers.shown
    tasks, methods = list(dict.fromkeys(rows["task"])), list(dict.fromkeys(rows["method"]))
    shades, texts = (
        rows.pivot(index="task", columns="method", values=column).reindex(tasks)[methods]
        for column in (colour, text)
    )
    image = axis.imshow(shades.to_numpy(float), aspect="auto", **look)
    for i, j in np.ndindex(texts.shape):
        dark = abs(shades.iat[i, j]) > 0.6 * look["vmax"]
        _number(axis, j, i, texts.iat[i, j], "white" if dark else INK)
    names = [numbers.name("methods", method) for method in methods]
    truths = rows.groupby("task")["truth"].first()
    axis.set_xticks(range(len(names)), names, rotation=45, ha="left")
    labels = [f"{numbers.name('tasks', task)}   {truths[task]:.2f}" for task in tasks]
    axis.set_yticks(range(len(tasks)), labels)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(False)
    _separate_groups(axis, numbers, tasks)
    return image


def _number(axis: Axes, x: int, y: int, number: float, ink: str) -> None:
    text = f"{number:.2f}" if np.isfinite(number) else DASH
    axis.text(x, y, text, ha="center", va="center", fontsize=7.5, color=ink)


def _separate_groups(axis: Axes, numbers: Numbers, tasks: Sequence[str]) -> None:
    group = {t: name for name, members in numbers.suite.task_groups.items() for t in members}
    groups = pd.Series(tasks).map(group).to_numpy()
    for i in np.flatnonzero(groups[1:] != groups[:-1]):
        axis.axhline(i + 0.5, color=INK, lw=0.9)


@styled()
def sizes(numbers: Numbers) -> Figure:
    """Plots the median bias and the median spread over tasks, by sample size."""
    look, ns, rows = numbers.looks, sorted(numbers.suite.sizes), overall(numbers.summary)
    figure, axes = grid(1, 2, width=4.2, height=0.9 + row_height(look) * len(look))
    shades = [str(0.75 - 0.75 * i / max(1, len(ns) - 1)) for i in range(len(ns))]
    for axis, (column, label) in zip(axes[0], COLUMNS.items(), strict=True):
        for place, method in enumerate(look):
            values = rows[rows["method"] == method].set_index("size").reindex(ns)[column]
            axis.plot(values, [place] * len(ns), color="#cbd5e1", lw=2, zorder=1)
            axis.scatter(values, [place] * len(ns), color=shades, s=34, zorder=2)
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel(label)
        label_rows(axis, look, names=axis is axes[0][0])
    dots = [Line2D([], [], color=shade, marker="o", ls="") for shade in shades]
    legend(figure, {f"N = {n:,}": dot for n, dot in zip(ns, dots, strict=True)})
    return figure


PART = Part("Figures", _maps)
