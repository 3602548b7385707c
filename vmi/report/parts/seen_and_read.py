"""The figure of what the category says of the image, beside what the decoded image says of it."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import absent, cell, mean_of
from vmi.report.style import GREY, INK, Look, grid, label_rows, legend, styled

__all__ = ["PART", "seen_and_read"]

CATEGORY, BOUND = "information-categorical", re.compile(r"(vmi-bound.*)/categorical")
CAPTION = (
    "The two are not ordered: a model that draws its category at random and decodes it clearly is "
    "far to the right in the second and at 0 in the first. Means over seeds with 95% intervals; "
    "the bar is the entropy of the aggregate code, which neither can pass."
)


@styled()
def seen_and_read(numbers: Numbers) -> Figure:
    """Plots what the category says of the image beside what the decoded image says of it.

    The entropy of the category is the ceiling of both. Models without a number are left out.
    """
    summary, bound = numbers.shown, numbers.whole(BOUND)
    pair = CATEGORY, f"{bound}/categorical"
    has = set(summary.loc[summary["measure"].isin(pair) & (summary["n"] > 0), "method"])
    looks = {model: look for model, look in numbers.looks.items() if model in has}
    tasks = numbers.panels
    figure, axes = grid(1, len(tasks), width=4.4, height=1.0 + 0.28 * len(looks))
    for axis, task in zip(axes[0], tasks, strict=True):
        measures = (*pair, f"{bound}/entropy-categorical")
        sides = [cell(summary, task, measure).set_index("method") for measure in measures]
        for place, model in enumerate(looks):
            _row(axis, place, model, sides)
        axis.axvline(sides[0]["ceiling"].max(), color=GREY, ls="--", lw=1.1, zorder=1)
        axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))
        title = numbers.name("tasks", task)
        axis.set(title=title, xlabel="information of the category [nats]")
        label_rows(axis, looks, names=axis is axes[0][0])
    legend(figure, KEY)
    return figure


def _row(axis: Axes, place: int, model: str, sides: Sequence[pd.DataFrame]) -> None:
    seen, read, entropy = sides
    for rows, nudge, look in ((seen, -0.15, SEEN), (read, 0.15, READ)):
        if np.isfinite(mean_of(rows, model)):
            row = rows.loc[model]
            axis.plot([row["low"], row["high"]], [place + nudge] * 2, color=look.colour, lw=2.2)
            axis.plot(row["mean"], place + nudge, look.marker, ms=6, mew=0.8, **look.marks())
    axis.plot(mean_of(entropy, model), place, color=INK, marker="|", ms=14, mew=1.6, ls="")
    if not np.isfinite([mean_of(rows, model) for rows in (seen, read)]).any():
        absent(axis, place)


SEEN, READ = Look("#0072B2", "o"), Look("#D55E00", "D")
KEY = {
    "I(x; c): code and image, exact": Line2D([], [], marker="o", ms=6, **SEEN.marks()),
    "I(c; x̂) ≥: code and decoded image, VMI bound": Line2D(
        [], [], marker="D", ms=6, **READ.marks()
    ),
    "H(q(c)), which neither can pass": Line2D([], [], color=INK, marker="|", ms=14, mew=1.6, ls=""),
    "ln K": Line2D([], [], color=GREY, ls="--", lw=1.1),
}
PART = Part.figure(
    "seen-and-told",
    "What the category says of the image, and the decoded image of the category",
    CAPTION,
    seen_and_read,
    lambda numbers: numbers.grouped and numbers.has(CATEGORY) and bool(numbers.whole(BOUND)),
)
