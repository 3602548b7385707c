"""The figure of bias and spread by sample size."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.parts.overall import overall
from vmi.report.style import grid, label_rows, legend, row_height, styled

__all__ = ["PART", "sizes"]

COLUMNS = {"bias": "median size of the bias [nats]", "spread": "median spread [nats]"}


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


PART = Part.figure(
    "sizes",
    "Bias and spread by sample size",
    "Medians over all tasks; the darkest point has most samples.",
    sizes,
    lambda numbers: len(numbers.suite.sizes) > 1,
)
