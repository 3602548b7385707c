"""Panels: what one axis of a figure holds."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vmi.report.statistics import interval
from vmi.report.style import GREY, Looks

__all__ = ["bracket_panel", "curve_panel", "plane_panel", "score_panel"]


def score_panel(axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, looks: Looks) -> None:
    """Draws means, intervals and seeds of one metric on one data set."""
    seeds = seeds[np.isfinite(seeds["value"])]
    if seeds.empty:
        _nothing(axis, "not applicable" if rows["inapplicable"].any() else "no numbers")
        return
    places = {model: i for i, model in enumerate(looks)}
    colours = {model: colour for model, (colour, _) in looks.items()}
    sns.scatterplot(
        x=seeds["value"],
        y=seeds["model"].map(places) + 0.2,
        hue=seeds["model"],
        palette=colours,
        ax=axis,
        s=16,
        alpha=0.55,
        linewidth=0,
        legend=False,
    )
    means = rows.set_index("model")
    for model, place in places.items():
        _interval(axis, means, model, place - 0.1, colours[model])
    axis.locator_params(axis="x", nbins=5)
    _ceiling(axis, rows["ceiling"].max(), seeds["value"])


def _interval(axis: Axes, means: pd.DataFrame, model: str, place: float, colour: str) -> None:
    if not np.isfinite(_mean(means, model)):
        _absent(axis, place)
        return
    row = means.loc[model]
    axis.plot([row["low"], row["high"]], [place] * 2, color=colour, lw=2.4, solid_capstyle="butt")
    axis.plot(row["mean"], place, "D", color=colour, ms=5.5, mec="white", mew=0.8)


def _ceiling(axis: Axes, ceiling: float, values: pd.Series) -> None:
    """Draws the ceiling if that leaves the numbers half of the panel, else names it at the edge."""
    if not np.isfinite(ceiling):
        return
    low, high = axis.get_xlim()
    if ceiling - low <= 2 * (high - low):
        axis.axvline(ceiling, color=GREY, ls="--", lw=1.1, zorder=1)
        axis.set_xlim(low, max(high, ceiling + 0.04 * (ceiling - low)))
    else:
        axis.annotate(
            f"ceiling {ceiling:.3g} →",
            (1, 1),
            xycoords="axes fraction",
            ha="right",
            va="bottom",
            color=GREY,
            fontsize=8,
        )


def bracket_panel(axis: Axes, parts: dict[str, pd.DataFrame], looks: Looks) -> None:
    """Draws each model's lower bound, upper bound and estimate, and the ceilings."""
    sides = {part: rows.set_index("model") for part, rows in parts.items()}
    for place, (model, (colour, _)) in enumerate(looks.items()):
        low, high, estimate = (_mean(sides[p], model) for p in ("/infonce", "/rate", ""))
        axis.plot(
            [low, high], [place] * 2, color=colour, lw=3, alpha=0.45, marker="|", ms=13, mew=2.2
        )
        axis.plot(estimate, place, "D", color=colour, ms=7, mec="white", mew=0.8)
        if not np.isfinite([low, high, estimate]).any():
            _absent(axis, place)
    for part, style in (("/infonce", "--"), ("", ":")):
        axis.axvline(sides[part]["ceiling"].max(), color=GREY, ls=style, lw=1.3, zorder=1)
    axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))


def plane_panel(axis: Axes, points: pd.DataFrame, looks: Looks) -> None:
    """Draws seeds and means in the plane of rate and distortion."""
    if points.empty:
        _nothing(axis)
        return
    axis.grid(axis="y")
    for model, (colour, marker) in looks.items():
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


def curve_panel(axis: Axes, rows: pd.DataFrame, looks: Looks) -> None:
    """Draws one term of training by model."""
    late = []
    for model, (colour, _) in looks.items():
        wide = rows[rows["model"] == model].pivot_table(
            index="step", columns="seed", values="value"
        )
        wide = wide.dropna(axis="columns")  # the seeds that went all the way
        if wide.empty:
            continue
        wide = wide.iloc[:: -(-len(wide) // 200)]
        low, high = interval(wide.to_numpy())
        axis.plot(wide.index, wide.mean(axis="columns"), color=colour, lw=1.6)
        axis.fill_between(wide.index, low, high, color=colour, alpha=0.2, linewidth=0)
        late.append(wide.iloc[len(wide) // 10 :].to_numpy().ravel())
    _zoom(axis, late)


def _zoom(axis: Axes, values: list[np.ndarray]) -> None:
    """Shows all but the first steps, whose fall would flatten everything after it."""
    if not values:
        _nothing(axis)
        return
    low, high = np.quantile(np.concatenate(values), [0.0, 0.995])
    room = 0.08 * (high - low) or 0.5
    axis.set_ylim(low - room, high + room)
    axis.locator_params(nbins=5)


def _nothing(axis: Axes, text: str = "no numbers") -> None:
    where = {"transform": axis.transAxes, "ha": "center", "va": "center"}
    axis.text(0.5, 0.5, text, color=GREY, **where)
    axis.set_xticks([])
    axis.grid(False)


def _absent(axis: Axes, place: float) -> None:
    where = {"transform": axis.get_yaxis_transform(), "va": "center"}
    axis.text(0.02, place, "no number", color=GREY, fontsize=8, style="italic", **where)


def _mean(rows: pd.DataFrame, model: str) -> float:
    return rows["mean"].get(model, np.nan)
