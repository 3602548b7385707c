"""The figure of the closed-form ladder: every instrument on a world that is known."""

import numpy as np
from matplotlib.figure import Figure

from vmi.records import read
from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.panels import BLUE, INTERVAL, KEY, TRUTH
from vmi.report.parts.known import name_of
from vmi.report.style import grid, legend, styled, wrapped

__all__ = ["PART", "ladder"]

PANELS = {"estimates": ("", "exact"), "lower bounds": ("lower",), "upper bounds": ("upper",)}
CAPTION = (
    "Every instrument on a linear-Gaussian world, where the information, its parts and the "
    "likelihood are known: a number less its truth, plus or minus 1.96 stderr: spread, not bias."
)


@styled()
def ladder(numbers: Numbers) -> Figure:
    """Plots how far each instrument is from the truth of the linear-Gaussian world."""
    rows = read(numbers.where.ladder)
    parts = [rows[rows["bound"].isin(bounds)] for bounds in PANELS.values()]
    longest = max(map(len, parts))
    figure, axes = grid(1, 3, width=4.2, height=0.9 + 0.26 * longest)
    for axis, title, part in zip(axes[0], PANELS, parts, strict=True):
        away, error = part["value"] - part["truth"], 1.96 * part["stderr"].fillna(0)
        places = np.arange(len(part))
        axis.errorbar(away, places, xerr=error, fmt="D", color=BLUE, ms=5, mec="white", lw=2)
        axis.axvline(0, **TRUTH)
        axis.set_title(title)
        axis.set_xlabel("number − truth [nats]")
        axis.set_ylim(longest - 0.5, -0.5)
        axis.set_yticks(places, [wrapped(name_of(measure), 40) for measure in part["measure"]])
        axis.tick_params(axis="y", length=0)
        axis.locator_params(axis="x", nbins=5)
    legend(figure, {"truth": KEY["truth"], "number ± 1.96 stderr": INTERVAL})
    return figure


PART = Part.figure(
    "ladder",
    "The closed-form ladder",
    CAPTION,
    ladder,
    lambda numbers: numbers.where.ladder.exists(),
)
