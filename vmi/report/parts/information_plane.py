"""The information plane: what each code costs, what it tells, and of what use it is."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from vmi.cards import number
from vmi.report.blocks import Part
from vmi.report.labels import place_labels
from vmi.report.numbers import Numbers
from vmi.report.panels import nothing
from vmi.report.style import GREY, INK, Look, Looks, grid, legend, styled

__all__ = ["CATEGORY", "INFORMATION", "PART", "RATE", "plane", "short"]

RATE, INFORMATION = "information/rate", "information"
CATEGORY, ACCURACY = "information-categorical", "accuracy-majority"
CAPTION = (
    "Left: what the code tells of the image against what it costs. But for noise the information "
    "cannot pass the rate, so no model lies in the shaded half; what it falls short of the line is "
    "KL(q(z) ‖ p(z)), rate that buys no information. No estimate passes ln N (dashed): a model "
    "that touches it tells at least that, and its distance from the line means nothing. Middle: "
    "what the frame on the left holds. Right: "
    "what the category tells of the image, exactly, against how good a classifier it is. A label "
    "is the number in a model's name, or its group."
)

Points = dict[str, tuple[float, float]]  # where the mean of each model is


@styled()
def plane(numbers: Numbers) -> Figure:
    """Plots every model where the code's information is paid for, and where it is of use.

    A row is a data set: information against its bound, the rate; the same of the models that are
    near each other, larger; and the accuracy of the category against its exact information. Means
    are labelled, each in one panel of the first two, by the number in the model's name.
    """
    looks, tasks = numbers.looks, numbers.panels
    figure, axes = grid(len(tasks), 3, width=3.6, height=4.0)
    texts = {model: short(model, numbers) for model in looks}
    colours = {model: look.colour for model, look in looks.items()}
    labelled = []
    for task, (whole, close, use) in zip(tasks, axes, strict=True):
        rows, seeds = (f[f["task"] == task] for f in (numbers.shown, numbers.seeds))
        points = _pair_panel(whole, rows, seeds, (RATE, INFORMATION), looks)
        crowd = _crowd(points)
        _pair_panel(close, rows, seeds, (RATE, INFORMATION), {m: looks[m] for m in crowd})
        labelled += [(whole, {m: at for m, at in points.items() if m not in crowd}), (close, crowd)]
        labelled.append((use, _pair_panel(use, rows, seeds, (CATEGORY, ACCURACY), looks)))
        for axis, title in ((whole, ""), (close, ", close up"), (use, ", the category")):
            axis.set_title(numbers.name("tasks", task) + title)
        for axis in (whole, close):
            axis.set(xlabel="rate: what the code costs [nats]")
        whole.set(ylabel="I(x; z): what it tells [nats]")
        accuracy = numbers.name("measures", ACCURACY)
        use.set(xlabel="exact I(x; c) of the category [nats]", ylabel=accuracy)
        _diagonal(whole)
        _ceilings(whole, use, rows)
        _frame(whole, close)
    legend(figure, _plane_key(numbers))
    figure.draw_without_rendering()  # labels need to know where the points came to lie
    for axis, points in labelled:
        place_labels(axis, points, texts, colours)
    return figure


def short(model: str, numbers: Numbers) -> str:
    """Returns what tells a model from the others of its colour and fill, in a few characters."""
    groups, variants = numbers.suite.groups, numbers.suite.variants
    place = groups[model], variants[model]
    alike = [m for m in groups if (groups[m], variants[m]) == place]
    return number(model) or (groups[model] if len(alike) == 1 else numbers.looks[model].name)


def _pair_panel(
    axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, pair: tuple[str, str], looks: Looks
) -> Points:
    """Plots seeds, intervals and means of two measures; returns where the means are."""
    means = {m: r.set_index("measure").reindex(pair) for m, r in rows.groupby("method", sort=False)}
    means = {m: r for m, r in means.items() if m in looks and r["mean"].notna().all()}
    if not means:
        nothing(axis)
        return {}
    axis.grid(axis="both")
    dots = seeds.pivot_table(index=["method", "seed"], columns="measure", values="value")
    for model, row in means.items():
        _cross(axis, row, dots.loc[model].reindex(columns=pair).to_numpy(), looks[model])
    axis.margins(0.08)
    return {model: tuple(row["mean"]) for model, row in means.items()}


def _crowd(points: Points) -> Points:
    """The points that lie near the median: nearer than 15% of the range, both across and up."""
    if not points:
        return {}
    xy = np.array(list(points.values()))
    near = (np.abs(xy - np.median(xy, axis=0)) <= 0.15 * np.ptp(xy, axis=0)).all(axis=1)
    return {model: at for (model, at), inside in zip(points.items(), near, strict=True) if inside}


def _frame(whole: Axes, close: Axes) -> None:
    """Marks in one panel what another shows larger."""
    (left, right), (low, high) = close.get_xlim(), close.get_ylim()
    if close.lines:
        whole.add_patch(
            Rectangle((left, low), right - left, high - low, fill=False, ec=GREY, lw=1, zorder=1)
        )


def _cross(axis: Axes, row: pd.DataFrame, dots: np.ndarray, look: Look) -> None:
    x, y = row["mean"]
    (x_low, y_low), (x_high, y_high) = row["low"], row["high"]
    axis.scatter(*dots.T, color=look.colour, s=7, alpha=0.4, linewidth=0, zorder=2)
    bars = {"color": look.colour, "lw": 1.2, "zorder": 2.5}
    axis.plot([x_low, x_high], [y, y], **bars)
    axis.plot([x, x], [y_low, y_high], **bars)
    axis.plot(x, y, look.marker, ms=7.5, mew=1.1, zorder=3, **look.marks())


def _diagonal(axis: Axes) -> None:
    """Plots I = rate through the panel, and shades where no code can be."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    start = min(left, low)
    ends = np.array([start, max(right, high)])
    axis.plot(ends, ends, color=INK, lw=1.2, zorder=1)
    axis.fill_between(ends, ends, ends[1], color=GREY, alpha=0.1, linewidth=0, zorder=0)
    axis.set(xlim=(start, right), ylim=(start, high))


def _ceilings(left: Axes, right: Axes, rows: pd.DataFrame) -> None:
    """Plots ln N and ln K where they lie within the panel, or just outside of it."""
    ceilings = rows.groupby("measure")["ceiling"].max()
    for metric, line, limits in (
        (INFORMATION, left.axhline, left.get_ylim()),
        (CATEGORY, right.axvline, right.get_xlim()),
    ):
        ceiling = ceilings.get(metric, np.nan)
        if ceiling < limits[1] + 0.15 * (limits[1] - limits[0]):
            line(ceiling, color=GREY, ls="--", lw=1.1, zorder=1)


def _plane_key(numbers: Numbers) -> dict[str, Line2D]:
    groups, variants = numbers.suite.groups, numbers.suite.variants
    colours = {groups[model]: look.colour for model, look in numbers.looks.items()}
    key = {g: Line2D([], [], color=c, marker="o", ms=8, ls="") for g, c in colours.items()}
    fills = {variants[model]: look.fill for model, look in numbers.looks.items()}
    for variant, kind in fills.items() if len(fills) > 1 else ():
        mark = Look(GREY, "o", fill=kind).marks()
        key[variant or "the rest"] = Line2D([], [], marker="o", ms=8, ls="", **mark)
    return key | _PLANE_KEY


_PLANE_KEY = {
    "one seed": Line2D([], [], color=GREY, marker="o", ms=3, alpha=0.6, ls=""),
    "mean and 95% intervals": Line2D([], [], color=GREY, marker="P", ms=7, mec="white", lw=1.2),
    "information = rate, which it cannot pass": Line2D([], [], color=INK, lw=1.2),
    "ceiling: ln N, ln K": Line2D([], [], color=GREY, ls="--", lw=1.1),
}
PART = Part.figure(
    "plane",
    "The information plane: every model and its control",
    CAPTION,
    plane,
    lambda numbers: numbers.grouped and numbers.has(RATE, INFORMATION),
)
