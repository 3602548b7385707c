"""True graphs beside the learned ones: what was found, missed and invented."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import nothing
from vmi.report.style import GREY, INK, grid, legend, styled, wrapped

__all__ = ["PART", "networks", "shares"]

EDGE = "edges/"
FOUND, MISSED, FALSE = "#0072B2", "#E69F00", "#B91C1C"
LEAST = 0.02  # a share of seeds
GRAPHS, LEARNERS = 8, 10  # at most
CAPTION = (
    "The true graph, and what each learner joins: the thicker a line, the more of the seeds. Of a "
    "true edge, blue is the share of seeds that find it and dashed orange what most of them miss; "
    "red is an edge that is not there. Of larger graphs than these, single pairs are not kept."
)
KEY = {
    "true": Line2D([], [], color=INK, lw=2),
    "found": Line2D([], [], color=FOUND, lw=2.5),
    "missed": Line2D([], [], color=MISSED, lw=2, ls=(0, (2, 1.5))),
    "false": Line2D([], [], color=FALSE, lw=2.5),
}


def shares(rows: pd.DataFrame) -> dict[tuple[int, int], tuple[float, bool]]:
    """Returns the share of seeds that join each pair of nodes, and whether it is truly joined.

    Args:
        rows: The cells of one graph and one learner, in the columns of a summary.
    """
    rows = rows[rows["measure"].str.startswith(EDGE) & rows["mean"].notna()]
    pairs = rows["measure"].str.removeprefix(EDGE).str.split("-")
    return {
        (int(i), int(j)): (float(mean), truth == 1)
        for (i, j), mean, truth in zip(pairs, rows["mean"], rows["truth"], strict=True)
    }


@styled()
def networks(numbers: Numbers) -> Figure:
    """Plots a row a graph: the true one, and what each learner makes of it."""
    cells = numbers.shown
    known = set(cells.loc[cells["measure"].str.startswith(EDGE) & cells["mean"].notna(), "task"])
    tasks = [task for task in numbers.suite.tasks if task in known][:GRAPHS]
    methods = list(numbers.looks)[:LEARNERS]
    figure, axes = grid(len(tasks), 1 + len(methods), width=1.55, height=1.75)
    for row, task in zip(axes, tasks, strict=True):
        of_task = cells[cells["task"] == task]
        found = {m: shares(of_task[of_task["method"] == m]) for m in methods}
        truth = next((pairs for pairs in found.values() if pairs), {})
        _graph(row[0], truth, _true_edge)
        for axis, method in zip(row[1:], methods, strict=True):
            _graph(axis, found[method], _learned_edge)
        row[0].set_ylabel(wrapped(numbers.name("tasks", task), 16))
        if row is axes[0]:
            names = ["truth", *(numbers.name("methods", m) for m in methods)]
            for axis, name in zip(row, names, strict=True):
                axis.set_title(wrapped(name, 16), fontsize=9)
    legend(figure, KEY)
    return figure


def _graph(axis: Axes, pairs: dict, edge) -> None:
    """Plots nodes on a circle, the first on top, and a line for each pair."""
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_aspect("equal")
    axis.spines[:].set_visible(False)
    if not pairs:
        nothing(axis, "no graph")
        return
    nodes = 1 + max(j for _, j in pairs)
    angle = math.pi / 2 - 2 * math.pi * np.arange(nodes) / nodes
    place = np.stack([np.cos(angle), np.sin(angle)], 1)
    for (i, j), (share, true) in pairs.items():
        for style in edge(share, true):
            axis.plot(*place[[i, j]].T, solid_capstyle="butt", **style)
    axis.scatter(*place.T, 70, "white", edgecolors=GREY, linewidths=1, zorder=3)
    for node, at in enumerate(place):
        axis.text(*at, str(node + 1), fontsize=6.5, ha="center", va="center", zorder=4, color=INK)
    axis.set_xlim(-1.25, 1.25)
    axis.set_ylim(-1.25, 1.25)


def _true_edge(share: float, true: bool):
    if true:
        yield {"color": INK, "lw": 1.8}


def _learned_edge(share: float, true: bool):
    if true and share < 0.5:
        yield {"color": MISSED, "lw": 0.8 + 1.6 * (1 - share), "ls": (0, (2, 1.5))}
    if share >= LEAST:
        yield {"color": FOUND if true else FALSE, "lw": 0.3 + 2.7 * share}


def _has_edges(numbers: Numbers) -> bool:
    return any(measure.startswith(EDGE) for measure in numbers.have)


PART = Part.figure("networks", "True and learned graphs{N}", CAPTION, networks, _has_edges)
