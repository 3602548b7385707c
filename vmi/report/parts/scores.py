"""Figures of scores: a panel a measure, a row a method."""

from collections.abc import Iterator
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.registry import row_name
from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import absent, cell, mean_of, nothing
from vmi.report.style import GREY, Look, Looks, grid, label_rows, legend, many, row_height, styled

__all__ = ["PART", "scores"]

CAPTION = (
    "Diamonds are means over seeds, bars their 95% intervals by Student's t, dots single seeds. "
    "Every panel has its own scale; a dashed line is the most that a metric "
    "can show, or its value stands at the edge where it is far away."
)
MOST, ROWS = 5, 20  # measures that stand side by side, or below each other
FIGURES = 6  # besides the headline's
CEILING = {"color": GREY, "ls": "--", "lw": 1.1, "zorder": 1}


def _scores(numbers: Numbers) -> Iterator[Plot]:
    word, main = numbers.suite.kind.method.word, _plain(numbers, numbers.headline)[:ROWS]
    rest = [m for m in _plain(numbers, numbers.have) if "/" not in m and m not in main]
    figures = {"scores": main}
    parts = _parts(rest, MOST if many(numbers.looks) else ROWS)
    left = sum(map(len, parts[FIGURES:]))
    caption = CAPTION + f" {left} further measures are in the tables alone." * bool(left)
    for i, part in enumerate(parts[:FIGURES], start=1):
        figures["scores-further" + f"-{i}" * (i > 1)] = part
    for stem, measures in figures.items():
        title = f"{'Headline' if measures is main else 'Further'} scores by {word}{numbers.sized}"
        what = numbers.names("measures", measures)
        if measures:
            yield numbers.plot(stem, title, caption, scores, numbers, measures, what=what)


def _plain(numbers: Numbers, measures: list[str]) -> list[str]:
    """The measures that no arm has a number of its own of: those have a figure by arm."""
    by_arm = set(map(row_name, numbers.suite.of_prior))
    return [measure for measure in measures if measure.partition("/")[0] not in by_arm]


def _parts(measures: list[str], most: int) -> list[list[str]]:
    """Parts of about one size, each of no more panels than a page holds."""
    size = -(-len(measures) // max(1, -(-len(measures) // most)))
    return [measures[i : i + size] for i in range(0, len(measures), size or 1)]


@styled()
def scores(numbers: Numbers, measures: list[str]) -> Figure:
    """Plots each method's mean and 95% interval with its seeds as points: measure x task.

    Many methods are rows of a tall panel, and the measures stand side by side: task x measure.
    """
    tasks, look = numbers.panels, numbers.looks
    across, row = many(look), 0.25 if many(look) else row_height(look)
    if across:
        figure, axes = grid(len(tasks), len(measures), width=2.4, height=1.0 + row * len(look))
    else:
        figure, axes = grid(len(measures), len(tasks), width=3.3, height=0.75 + row * len(look))
    bounded = False
    for i, measure in enumerate(measures):
        for j, task in enumerate(tasks):
            axis, side = (axes[j][i], i) if across else (axes[i][j], j)
            seeds = cell(numbers.seeds, task, measure)
            bounded |= score_panel(axis, cell(numbers.shown, task, measure), seeds, look)
            axis.set_xlabel(fill(numbers.label(measure), 28 if across else 42))
            title = numbers.name("tasks", task) if i == 0 else ""
            axis.set_title(title, loc="left" if across else "center")
            label_rows(axis, look, names=side == 0)
            if across:
                axis.locator_params(axis="x", nbins=3)
    legend(figure, KEY | ({"ceiling": Line2D([], [], **CEILING)} if bounded else {}))
    return figure


def score_panel(axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, looks: Looks) -> bool:
    """Plots means, intervals and seeds of a measure on a task; says if its ceiling is a line."""
    seeds = seeds[np.isfinite(seeds["value"])]
    if seeds.empty:
        nothing(axis, "not applicable" if rows["inapplicable"].any() else "no numbers")
        return False
    means = rows.set_index("method")
    for place, (method, look) in enumerate(looks.items()):
        dots = seeds.loc[seeds["method"] == method, "value"]
        axis.scatter(dots, [place + 0.2] * len(dots), 16, look.colour, alpha=0.55, lw=0)
        _interval(axis, means, method, place - 0.1, look)
    axis.locator_params(axis="x", nbins=5)
    return _ceiling(axis, rows["ceiling"].max())


def _interval(axis: Axes, means: pd.DataFrame, method: str, place: float, look: Look) -> None:
    if not np.isfinite(mean_of(means, method)):
        known = method in means.index and means.loc[method, "inapplicable"]
        absent(axis, place, "not applicable" if known else "no number")
        return
    row, ends = means.loc[method], {"color": look.colour, "lw": 2.4, "solid_capstyle": "butt"}
    axis.plot([row["low"], row["high"]], [place] * 2, **ends)
    axis.plot(row["mean"], place, "D", ms=5.5, mew=0.8, **look.marks())


def _ceiling(axis: Axes, ceiling: float) -> bool:
    """Plots the ceiling if that leaves the numbers half of the panel, else names it at the edge."""
    if not np.isfinite(ceiling):
        return False
    low, high = axis.get_xlim()
    if ceiling - low > 2 * (high - low):
        text, place = f"ceiling {ceiling:.3g} →", {"ha": "right", "va": "bottom"}
        axis.annotate(text, (1, 1), xycoords="axes fraction", color=GREY, fontsize=8, **place)
        return False
    axis.axvline(ceiling, **CEILING)
    axis.set_xlim(low, max(high, ceiling + 0.04 * (ceiling - low)))
    return True


KEY = {
    "mean and 95% interval": Line2D([], [], color=GREY, marker="D", ms=5.5, mec="white", lw=2.4),
    "one seed": Line2D([], [], color=GREY, marker="o", ms=4, alpha=0.6, ls=""),
}
PART = Part("Figures", _scores, lambda numbers: bool(numbers.have))
