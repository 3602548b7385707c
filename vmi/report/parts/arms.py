"""What each arm wins, beside the most that any can; and what more proposals are worth."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from vmi.cards import number
from vmi.report.blocks import Block, File, Part, Title
from vmi.report.numbers import Numbers
from vmi.report.panels import absent, cell, nothing
from vmi.report.style import (
    GREY,
    INK,
    MARKERS,
    Look,
    Looks,
    grid,
    label_rows,
    legend,
    method_key,
    styled,
)
from vmi.report.summary import largest
from vmi.report.tables import Cell, Table

__all__ = ["PART", "by_arm", "proposals"]

GAP = "prior-gap"
WON, CEILING = f"{GAP}/won", f"{GAP}/ceiling"
OF_SIZE = {"won": r"^resampling[^/]*/won-\d+$", "effective": r"^resampling[^/]*/effective-\d+$"}
SPREAD = 0.72  # of a row, over which its arms are spread
LINE = 0.17  # inches of an arm
COST = "Seconds that the fit of a prior took, a model"
FLOOR = {"color": GREY, "ls": "--", "lw": 1.2, "zorder": 1}
BESIDE = {"xytext": (2, 0), "textcoords": "offset points", "va": "center", "size": 7}
OVER = {"fc": "white", "ec": "none", "pad": 0.6}  # the interval of what stands at the edge
PANELS = 6  # measures below each other, at most

OF_WON = (
    "By how many nats an image each prior, fitted to the frozen model, raises the evidence lower "
    "bound (means over seeds with their 95% intervals by Student's t), beside the most that any "
    "prior can: KL(q(z) ‖ N(0, I)), the rate less the information. Where the density of a prior "
    "is estimated, what is shown is a lower bound. A loss beyond the scale stands at its edge."
)
OF_ARMS = (
    "Means over seeds with their 95% intervals by Student's t, of which the claims take the "
    "differences seed by seed. Every panel has its own scale; a dashed line is what images of the "
    "data themselves score."
)
OF_SIZES = (
    "Above, what the sampler of M proposals wins, a lower bound by its own density, which can win "
    "no more than ln M of each group of the code (dotted, of one). Below, the share of proposals "
    "that counts, their effective number over M. Means over seeds, the bands their 95% intervals."
)


def _arms(numbers: Numbers) -> Iterator[Block]:
    rows = largest(numbers.summary)
    if numbers.has(WON, CEILING):
        title = "What each prior wins, and the most that one can"
        yield numbers.plot("won", title, OF_WON, by_arm, numbers, rows, [WON], CEILING)
    measures = _of_prior(numbers, rows)
    for i in range(0, len(measures), PANELS):
        stem = f"by-arm{f'-{i // PANELS + 1}' * (i > 0)}"
        what = numbers.names("measures", measures[i : i + PANELS])
        title, some = "Scores by prior", measures[i : i + PANELS]
        yield numbers.plot(stem, title, OF_ARMS, by_arm, numbers, rows, some, what=what)
    for arm in _resampled(numbers):
        title = f"What more proposals win: {numbers.name('arms', arm)}"
        yield numbers.plot(f"proposals-{arm}", title, OF_SIZES, proposals, numbers, rows, arm)
    yield from _costs(numbers)


def _costs(numbers: Numbers) -> Iterator[Block]:
    """The seconds that each prior's fit to a model's codes took, on average."""
    files = [
        (task, cell.refined)
        for task in numbers.suite.tasks
        for method in numbers.suite.methods
        for cell in numbers.where.cells(task, method)
        if cell.refined.exists()
    ]
    if not files:
        return
    frames = [pd.read_csv(path).assign(task=task) for task, path in files]
    mean = pd.concat(frames).groupby(["arm", "task"])["seconds"].mean().unstack()
    tasks = [task for task in numbers.suite.tasks if task in mean]
    head = ["arm", *(f"{numbers.name('tasks', task)} [s]" for task in tasks)]
    table = Table(COST, head, labels=1, file="tables/costs.csv")
    for arm in (arm for arm in numbers.suite.arms if arm in mean.index):
        texts = [numbers.name("arms", arm), *(f"{mean.loc[arm, task]:.1f}" for task in tasks)]
        table.rows.append(list(map(Cell, texts)))
    yield from (Title(COST), table)
    yield File(numbers.where.tables / "costs.csv", mean[tasks].to_csv())


def _of_prior(numbers: Numbers, rows: pd.DataFrame) -> list[str]:
    """The measures, without their parts, that several arms have a number of."""
    wholes = rows[~rows["measure"].str.contains("/") & (rows["n"] > 0)]
    arms = wholes.groupby("measure", sort=False)["arm"].nunique()
    return list(arms.index[arms > 1])


def _resampled(numbers: Numbers) -> list[str]:
    """The arms that draw by resampling, and were measured so."""
    rows = numbers.summary[numbers.summary["measure"].str.match(OF_SIZE["won"])]
    has = set(rows.loc[rows["n"] > 0, "arm"])
    return [arm for arm in numbers.suite.arms if arm in has]


@styled()
def by_arm(
    numbers: Numbers, rows: pd.DataFrame, measures: Sequence[str], ceiling: str = ""
) -> Figure:
    """Plots measures of each arm, a row a method in a panel a measure and task.

    Args:
        numbers: The report's numbers.
        rows: The summary.
        measures: One or several, below each other.
        ceiling: A measure of the method as it is that no arm can pass; that method then has no
            mark of its own.
    """
    tasks, looks = numbers.panels, numbers.looks
    marks = dict(zip(["", *numbers.suite.arms], cycle(MARKERS), strict=False))
    arms = {arm: mark for arm, mark in marks.items() if arm or not ceiling}
    height = 0.75 + max(0.34, LINE * (len(arms) + 1)) * len(looks)
    figure, axes = grid(len(measures), len(tasks), width=3.4, height=height)
    for measure, line in zip(measures, axes, strict=True):
        for axis, task in zip(line, tasks, strict=True):
            _panel(axis, partial(cell, rows, task), measure, arms, looks)
            if ceiling:
                _ceilings(axis, cell(rows, task, ceiling), looks)
                _edge(axis, cell(rows, task, measure), arms, looks)
            floor = cell(rows, task, f"{measure}/floor")["mean"].mean()
            if np.isfinite(floor):
                axis.axvline(floor, **FLOOR)
            axis.set_title(numbers.name("tasks", task) if line is axes[0] else "")
            axis.set_xlabel(numbers.label(measure))
            axis.locator_params(axis="x", nbins=5)
            label_rows(axis, looks, names=axis is line[0])
    key = {
        numbers.name("arms", arm): Line2D([], [], color=GREY, marker=mark, ms=5.5, ls="")
        for arm, mark in arms.items()
    }
    if any(f"{measure}/floor" in numbers.have for measure in measures):
        key["the floor"] = Line2D([], [], **FLOOR)
    legend(figure, key | ({"the ceiling": Line2D([], [], color=INK, lw=1.6)} if ceiling else {}))
    return figure


def _panel(axis: Axes, rows_of: partial, measure: str, arms: dict[str, str], looks: Looks) -> None:
    """The arms of each method below each other, from the top."""
    rows = rows_of(measure).set_index(["method", "arm"])
    rows = rows[rows["n"] > 0]
    for place, (method, look) in enumerate(looks.items()):
        if place:
            axis.axhline(place - 0.5, color="#e5e7eb", lw=0.8, zorder=0.5)
        if method not in rows.index:
            absent(axis, place)
            continue
        for (arm, mark), offset in zip(arms.items(), _offsets(len(arms)), strict=True):
            if (method, arm) in rows.index:
                _mark(axis, rows.loc[(method, arm)], place + offset, mark, look)


def _mark(axis: Axes, row: pd.Series, place: float, mark: str, look: Look) -> None:
    axis.plot([row["low"], row["high"]], [place] * 2, color=look.colour, lw=1.6, alpha=0.6)
    axis.plot(row["mean"], place, mark, ms=5.5, color=look.colour, mec="white", mew=0.6)


def _ceilings(axis: Axes, rows: pd.DataFrame, looks: Looks) -> None:
    """The ceiling of each method, across its arms; and where nothing is won."""
    means = rows[rows["arm"] == ""].set_index("method")["mean"]
    for place, method in enumerate(looks):
        if np.isfinite(means.get(method, np.nan)):
            axis.plot([means[method]] * 2, [place - 0.42, place + 0.42], color=INK, lw=1.6)
    axis.axvline(0, color=GREY, lw=0.8, zorder=1)


def _edge(axis: Axes, rows: pd.DataFrame, arms: dict[str, str], looks: Looks) -> None:
    """What loses more than any prior can win stands at the edge, so that the rest can be seen."""
    most, means = axis.dataLim.x1, rows.set_index(["method", "arm"])["mean"]
    if axis.dataLim.x0 >= -most:
        return
    axis.set_xlim(-most, 1.05 * most)
    for place, (method, look) in enumerate(looks.items()):
        for arm, offset in zip(arms, _offsets(len(arms)), strict=True):
            if (mean := means.get((method, arm), np.nan)) < -most:
                at = {"xy": (0, place + offset), "xycoords": axis.get_yaxis_transform()}
                axis.annotate(f"◂ −{-mean:.1f}", **at, **BESIDE, bbox=OVER, color=look.colour)


def _offsets(n: int) -> np.ndarray:
    return np.linspace(-SPREAD / 2, SPREAD / 2, n) if n > 1 else np.zeros(1)


@styled()
def proposals(numbers: Numbers, rows: pd.DataFrame, arm: str) -> Figure:
    """Plots what M proposals win, and how many of them count, against M: a line a method."""
    tasks, looks = numbers.panels, numbers.looks
    rows = rows[(rows["arm"] == arm) & rows["mean"].notna()]
    figure, axes = grid(2, len(tasks), width=3.4, height=2.3)
    for task, (above, below) in zip(tasks, zip(*axes, strict=True), strict=True):
        here = rows[rows["task"] == task]
        won, effective = (_sized(here, OF_SIZE[name]) for name in ("won", "effective"))
        shares = effective[["mean", "low", "high"]].div(effective["m"], axis="index")
        _curves(above, won, looks, np.log)
        _curves(below, effective.assign(**shares.clip(0, 1)), looks, np.ones_like)
        above.set_title(numbers.name("tasks", task))
        below.set_xlabel("proposals, M")
    axes[0][0].set_ylabel("nats won")
    axes[1][0].set_ylabel("effective share")
    legend(figure, method_key(looks) | {"the most": Line2D([], [], color=GREY, ls=":", lw=1.3)})
    return figure


def _sized(rows: pd.DataFrame, pattern: str) -> pd.DataFrame:
    """The rows of a part that carries a size, with the size, M, in order."""
    rows = rows[rows["measure"].str.match(pattern)]
    return rows.assign(m=[float(number(name)) for name in rows["measure"]]).sort_values("m")


def _curves(
    axis: Axes, rows: pd.DataFrame, looks: Looks, most: Callable[[np.ndarray], np.ndarray]
) -> None:
    """A line a method with the band of its intervals, and the most that there can be."""
    if rows.empty:
        nothing(axis)
        return
    for method, look in looks.items():
        line = rows[rows["method"] == method]
        marks = {"ls": look.line, "marker": look.marker, "ms": 4.5, "mew": 0.6}
        axis.plot(line["m"], line["mean"], lw=1.6, **marks, **look.marks())
        axis.fill_between(line["m"], line["low"], line["high"], color=look.colour, alpha=0.12, lw=0)
    sizes = np.unique(rows["m"])
    low, high = axis.get_ylim()
    high = max(high, 1.1 * rows["mean"].max())
    axis.plot(sizes, most(sizes), color=GREY, ls=":", lw=1.3)
    axis.set_ylim(min(low, 0.0), high)
    axis.set_xscale("log")
    axis.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.grid(axis="y")


PART = Part("Priors", _arms, lambda numbers: bool(numbers.suite.arms))
