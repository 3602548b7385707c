"""The maps of all estimators on all tasks: their bias, and their spread."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.parts.overall import near_truth
from vmi.report.style import INK, styled
from vmi.report.tables import DASH

__all__ = ["PART", "bias", "spread"]


def _maps(numbers: Numbers) -> Iterator[Plot]:
    title = f"Every estimator on every task{numbers.sized}"
    caption = "The mean over seeds; the truth stands beside the name of the task. "
    yield numbers.plot("bias", title, caption + near_truth(numbers), bias, numbers)
    title = f"How far an estimate varies with the sample{numbers.sized}"
    yield numbers.plot("spread", title, "The standard deviation over seeds.", spread, numbers)


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


PART = Part("Figures", _maps)
