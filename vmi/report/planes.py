"""Figures in a plane of two numbers, where every model is a point."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from vmi.report.facets import columned
from vmi.report.labels import place_labels
from vmi.report.names import display, number
from vmi.report.panels import nothing
from vmi.report.style import GREY, INK, Look, Looks, grid, legend, model_key, styled

__all__ = ["plane", "rate_distortion", "rate_distortion_by_arm"]

RATE, INFORMATION = "information/rate", "information"
CATEGORY, ACCURACY = "information-categorical", "accuracy-majority"

Points = dict[str, tuple[float, float]]  # where the mean of each model is


@styled()
def plane(
    records: pd.DataFrame,
    summary: pd.DataFrame,
    looks: Looks,
    groups: Mapping[str, str],
    arms: Mapping[str, str],
) -> Figure:
    """Draws every model where the code's information is paid for, and where it is of use.

    A row is a data set: information against its bound, the rate; the same of the models that are
    near each other, larger; and the accuracy of the category against its exact information. Means
    are labelled, each in one panel of the first two, by the number in the model's name.
    """
    datasets = list(summary["dataset"].unique())
    figure, axes = grid(len(datasets), 3, width=3.6, height=4.0)
    texts = {model: short(model, groups, arms) for model in looks}
    colours = {model: look.colour for model, look in looks.items()}
    labelled = []
    for dataset, (whole, close, use) in zip(datasets, axes, strict=True):
        rows, seeds = (f[f["dataset"] == dataset] for f in (summary, records))
        points = _pair_panel(whole, rows, seeds, (RATE, INFORMATION), looks)
        crowd = _crowd(points)
        _pair_panel(close, rows, seeds, (RATE, INFORMATION), {m: looks[m] for m in crowd})
        labelled += [(whole, {m: at for m, at in points.items() if m not in crowd}), (close, crowd)]
        labelled.append((use, _pair_panel(use, rows, seeds, (CATEGORY, ACCURACY), looks)))
        for axis, title in ((whole, ""), (close, ", close up"), (use, ", the category")):
            axis.set_title(dataset + title)
        for axis in (whole, close):
            axis.set(xlabel="rate: what the code costs [nats]")
        whole.set(ylabel="I(x; z): what it tells [nats]")
        use.set(xlabel="exact I(x; c) of the category [nats]", ylabel=display(ACCURACY))
        _diagonal(whole)
        _ceilings(whole, use, rows)
        _frame(whole, close)
    legend(figure, _plane_key(looks, groups, arms))
    figure.draw_without_rendering()  # labels need to know where the points came to lie
    for axis, points in labelled:
        place_labels(axis, points, texts, colours)
    return figure


def short(model: str, groups: Mapping[str, str], arms: Mapping[str, str]) -> str:
    """Returns what tells a model from the others of its colour and fill, in a few characters."""
    group, arm = groups[model], arms.get(model, "")
    alike = [m for m in groups if (groups[m], arms.get(m, "")) == (group, arm)]
    return number(model) or (group if len(alike) == 1 else display(model))


@styled()
def rate_distortion(records: pd.DataFrame, looks: Looks) -> Figure:
    """Draws distortion against rate, seeds as points and means large, with lines of one ELBO."""
    datasets = list(records["dataset"].unique())
    figure, axes = grid(1, len(datasets), width=3.9, height=3.8)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        _elbo_panel(axis, _points(records, dataset), looks)
        axis.set(title=dataset, xlabel="rate [nats]", ylabel="distortion [nats]")
    key = model_key(looks, ls="") | {"equal ELBO [nats]": Line2D([], [], color=GREY, ls=":")}
    legend(figure, key)
    return figure


@styled()
def rate_distortion_by_arm(records: pd.DataFrame, columns: Mapping[str, Looks]) -> Figure:
    """Draws the same of many models: data set x arm."""
    datasets = list(records["dataset"].unique())
    figure, axes = columned(len(datasets), columns, width=3.9, height=3.6, ls="")
    for dataset, panels in zip(datasets, axes, strict=True):
        points = _points(records, dataset)
        for axis, looks in zip(panels, columns.values(), strict=True):
            _elbo_panel(axis, points[points["model"].isin(list(looks))], looks)
            axis.set(xlabel="rate [nats]")
        panels[0].set_ylabel(f"{dataset}\ndistortion [nats]")
    return figure


def _pair_panel(
    axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, pair: tuple[str, str], looks: Looks
) -> Points:
    """Draws seeds, intervals and means in the plane of two metrics; returns where the means are."""
    means = {m: r.set_index("metric").reindex(pair) for m, r in rows.groupby("model", sort=False)}
    means = {m: r for m, r in means.items() if m in looks and r["mean"].notna().all()}
    if not means:
        nothing(axis)
        return {}
    axis.grid(axis="both")
    dots = seeds.pivot_table(index=["model", "seed"], columns="metric", values="value")
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
    """Draws I = rate through the panel, and shades where no code can be."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    start = min(left, low)
    ends = np.array([start, max(right, high)])
    axis.plot(ends, ends, color=INK, lw=1.2, zorder=1)
    axis.fill_between(ends, ends, ends[1], color=GREY, alpha=0.1, linewidth=0, zorder=0)
    axis.set(xlim=(start, right), ylim=(start, high))


def _ceilings(left: Axes, right: Axes, rows: pd.DataFrame) -> None:
    """Draws ln N and ln K where they lie within the panel, or just outside of it."""
    ceilings = rows.groupby("metric")["ceiling"].max()
    for metric, line, limits in (
        (INFORMATION, left.axhline, left.get_ylim()),
        (CATEGORY, right.axvline, right.get_xlim()),
    ):
        ceiling = ceilings.get(metric, np.nan)
        if ceiling < limits[1] + 0.15 * (limits[1] - limits[0]):
            line(ceiling, color=GREY, ls="--", lw=1.1, zorder=1)


def _plane_key(
    looks: Looks, groups: Mapping[str, str], arms: Mapping[str, str]
) -> dict[str, Line2D]:
    colours = {groups[model]: look.colour for model, look in looks.items()}
    key = {g: Line2D([], [], color=c, marker="o", ms=8, ls="") for g, c in colours.items()}
    fills = {arms.get(model, ""): look.fill for model, look in looks.items()}
    if len(fills) > 1:
        for arm, kind in fills.items():
            mark = Look(GREY, "o", fill=kind).marks()
            key[arm or "the rest"] = Line2D([], [], marker="o", ms=8, ls="", **mark)
    return key | _PLANE_KEY


def _points(records: pd.DataFrame, dataset: str) -> pd.DataFrame:
    planes = records[records["dataset"] == dataset].pivot_table(
        index=["model", "seed"], columns="metric", values="value"
    )
    return planes.reindex(columns=["elbo/rate", "elbo/distortion"]).dropna().reset_index()


def _elbo_panel(axis: Axes, points: pd.DataFrame, looks: Looks) -> None:
    """Draws seeds and means in the plane of rate and distortion."""
    if points.empty:
        nothing(axis)
        return
    axis.grid(axis="y")
    for model, (colour, marker, *_) in looks.items():
        rows = points[points["model"] == model]
        x, y = rows["elbo/rate"], rows["elbo/distortion"]
        axis.scatter(x, y, color=colour, marker=marker, s=18, alpha=0.5, linewidth=0)
        axis.scatter(x.mean(), y.mean(), color=colour, marker=marker, s=90, ec="white", zorder=3)
    axis.margins(0.12)
    _iso_elbo(axis)


def _iso_elbo(axis: Axes) -> None:
    """Draws lines of equal rate + distortion across the panel, each with its ELBO on it."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    for total in MaxNLocator(6).tick_values(left + low, right + high):
        ends = np.clip(total - np.array([left, right]), low, high)
        start, end = total - ends
        if end - start < 0.15 * (right - left):
            continue
        axis.plot([start, end], ends, color=GREY, ls=":", lw=1.1, zorder=1)
        x = start + 0.06 * (right - left)
        text = f"{-total:g}".replace("-", "\N{MINUS SIGN}")
        axis.text(
            x,
            total - x,
            text,
            ha="center",
            va="center",
            fontsize=7.5,
            color=GREY,
            bbox={"fc": "white", "ec": "none", "pad": 1.5},
            zorder=1.1,
            clip_on=True,
        )
    axis.set(xlim=(left, right), ylim=(low, high))


_PLANE_KEY = {
    "one seed": Line2D([], [], color=GREY, marker="o", ms=3, alpha=0.6, ls=""),
    "mean and 95% intervals": Line2D([], [], color=GREY, marker="P", ms=7, mec="white", lw=1.2),
    "information = rate, which it cannot pass": Line2D([], [], color=INK, lw=1.2),
    "ceiling: ln N, ln K": Line2D([], [], color=GREY, ls="--", lw=1.1),
}
