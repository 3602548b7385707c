"""The figures of an information between its lower and its upper bound."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import absent, cell, mean_of
from vmi.report.style import GREY, grid, label_rows, legend, many, styled

__all__ = ["PART", "bracket"]

LOWER, UPPER = "/infonce", "/rate"
CAPTION = (
    "The information between image and code lies between its lower and its upper bound (bars, "
    "means over seeds); the diamond is the estimate from the aggregate posterior. No lower bound "
    "passes ln K and no estimate ln N: a mark that touches its line says only “at least that”."
)


def _bracketed(numbers: Numbers) -> list[str]:
    return [m for m in numbers.have if numbers.has(m + LOWER, m + UPPER)]


def _brackets(numbers: Numbers) -> Iterator[Plot]:
    for measure in _bracketed(numbers):
        title = f"How much the code knows: {numbers.name('measures', measure)} between its bounds"
        yield numbers.plot(f"bracket-{measure}", title, CAPTION, bracket, numbers, measure)


@styled()
def bracket(numbers: Numbers, measure: str) -> Figure:
    """Plots each method's information between its lower and its upper bound, and the ceilings."""
    tasks, looks = numbers.panels, numbers.looks
    row = 0.25 if many(looks) else 0.38
    figure, axes = grid(1, len(tasks), width=3.6, height=1.2 + row * len(looks))
    for axis, task in zip(axes[0], tasks, strict=True):
        sides = {
            part: cell(numbers.shown, task, measure + part).set_index("method")
            for part in (LOWER, UPPER, "")
        }
        for place, (method, look) in enumerate(looks.items()):
            low, high, estimate = (mean_of(rows, method) for rows in sides.values())
            ends = {"color": look.colour, "lw": 3, "alpha": 0.45, "marker": "|", "ms": 13}
            axis.plot([low, high], [place] * 2, mew=2.2, **ends)
            axis.plot(estimate, place, "D", ms=7, mew=0.8, **look.marks())
            if not np.isfinite([low, high, estimate]).any():
                absent(axis, place)
        for part, style in ((LOWER, "--"), ("", ":")):
            axis.axvline(sides[part]["ceiling"].max(), color=GREY, ls=style, lw=1.3, zorder=1)
        axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))
        axis.set(title=numbers.name("tasks", task), xlabel=numbers.label(measure))
        label_rows(axis, looks, names=axis is axes[0][0])
    legend(figure, KEY)
    return figure


KEY = {
    "from InfoNCE (lower) to rate (upper)": Line2D(
        [], [], color=GREY, lw=3, alpha=0.5, marker="|", ms=13, mew=2.2
    ),
    "aggregate estimate": Line2D([], [], color=GREY, marker="D", ms=7, mec="white", ls=""),
    "ln K, InfoNCE's ceiling": Line2D([], [], color=GREY, ls="--", lw=1.3),
    "ln N, the estimate's ceiling": Line2D([], [], color=GREY, ls=":", lw=1.3),
}
PART = Part("Figures", _brackets, lambda numbers: bool(_bracketed(numbers)))
