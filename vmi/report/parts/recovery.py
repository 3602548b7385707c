"""How the Hamming distance of learned graphs falls as samples grow."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, StrMethodFormatter

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import by_task, nothing
from vmi.report.style import Looks, legend, method_key, styled

__all__ = ["PART", "recovery"]

MEASURE, MOST = "hamming", 16
PAIRS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
CAPTION = (
    "The mean over seeds of how many pairs each learner joins wrongly or wrongly leaves apart, "
    "with its 95% interval by Student's t; 0 is the true graph. The scale is a logarithm above 1."
)


@styled()
def recovery(numbers: Numbers) -> Figure:
    """Plots the Hamming distance of each learner against the size of the sample, by graph."""
    rows = numbers.summary[numbers.summary["measure"] == MEASURE]
    tasks = list(numbers.suite.tasks)[:MOST]
    titles = [numbers.name("tasks", task) for task in tasks]
    figure, axes = by_task(titles, "Hamming distance", width=2.7, height=2.4)
    for axis, task in zip(axes, tasks, strict=True):
        _panel(axis, rows[rows["task"] == task], numbers.looks)
    seen = set(rows.loc[rows["n"] > 0, "method"])
    legend(figure, method_key({m: look for m, look in numbers.looks.items() if m in seen}, ms=6))
    return figure


def _panel(axis: Axes, rows: pd.DataFrame, looks: Looks) -> None:
    rows = rows[rows["n"] > 0]
    if rows.empty:
        nothing(axis)
        return
    shift = np.geomspace(0.94, 1.06, max(2, len(looks)))  # or intervals hide each other
    for place, (method, look) in zip(shift, looks.items(), strict=False):
        one = rows[rows["method"] == method].sort_values("size")
        ends = np.nan_to_num(np.abs(one[["low", "high"]].to_numpy().T - one["mean"].to_numpy()))
        style = {"color": look.colour, "marker": look.marker, "ls": look.line, "lw": 1.4}
        style |= {"ms": 5, "mec": "white", "elinewidth": 1.2}
        if len(one):
            axis.errorbar(place * one["size"], one["mean"], ends, **style)
    sizes = sorted(set(rows["size"]))
    axis.set_yscale("symlog", linthresh=1, subs=None)  # a learner may be off by 0 pairs or by 50
    axis.yaxis.set_major_locator(FixedLocator(PAIRS))
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_xscale("log")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.grid(axis="y")
    axis.set_ylim(-0.3, max(2, 1.2 * axis.get_ylim()[1]))  # so that a marker at 0 is whole


PART = Part.figure(
    "recovery",
    "Hamming distance against the size of the sample",
    CAPTION,
    recovery,
    lambda numbers: MEASURE in numbers.have,
)
