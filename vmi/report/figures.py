"""Figures: each is a function of tidy frames and gives a matplotlib figure."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from vmi.report.names import label
from vmi.report.statistics import interval
from vmi.report.style import GREY, Look, grid, label_models, legend, row_height, styled, wrapped

__all__ = ["bracket", "curves", "rate_distortion", "scores"]

Looks = dict[str, Look]


@styled()
def scores(
    records: pd.DataFrame, summary: pd.DataFrame, looks: Looks, metrics: list[str]
) -> Figure:
    """Draws each model's mean and 95% interval with its seeds as points: metric x data set."""
    datasets = list(summary["dataset"].unique())
    height = 0.75 + row_height(looks) * len(looks)
    figure, axes = grid(len(metrics), len(datasets), width=3.3, height=height)
    for i, metric in enumerate(metrics):
        for j, dataset in enumerate(datasets):
            rows = _cell(summary, dataset, metric)
            seeds = _cell(records, dataset, metric)
            _score_panel(axes[i][j], rows, seeds, looks)
            axes[i][j].set_xlabel(label(metric, _unit(summary, metric)))
            axes[i][j].set_title(dataset if i == 0 else "")
            label_models(axes[i][j], list(looks), names=j == 0)
    legend(figure, _SCORE_KEY)
    return figure


@styled()
def bracket(summary: pd.DataFrame, looks: Looks, metric: str = "information") -> Figure:
    """Draws each model's information between its lower and its upper bound, with the ceilings."""
    datasets = list(summary["dataset"].unique())
    figure, axes = grid(1, len(datasets), width=3.6, height=1.2 + 0.38 * len(looks))
    for j, dataset in enumerate(datasets):
        parts = {p: _cell(summary, dataset, metric + p) for p in ("/infonce", "/rate", "")}
        _bracket_panel(axes[0][j], parts, looks)
        axes[0][j].set_title(dataset)
        axes[0][j].set_xlabel(label(metric, "nats"))
        label_models(axes[0][j], list(looks), names=j == 0)
    legend(figure, _BRACKET_KEY)
    return figure


@styled()
def rate_distortion(records: pd.DataFrame, looks: Looks) -> Figure:
    """Draws distortion against rate, seeds as points and means large, with lines of one ELBO."""
    datasets = list(records["dataset"].unique())
    figure, axes = grid(1, len(datasets), width=3.9, height=3.8)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        planes = records[records["dataset"] == dataset].pivot_table(
            index=["model", "seed"], columns="metric", values="value"
        )
        points = planes.reindex(columns=["elbo/rate", "elbo/distortion"]).dropna()
        _plane(axis, points.reset_index(), looks)
        axis.set(title=dataset, xlabel="rate [nats]", ylabel="distortion [nats]")
    legend(figure, _model_key(looks) | {"equal ELBO [nats]": Line2D([], [], color=GREY, ls=":")})
    return figure


@styled()
def curves(history: pd.DataFrame, looks: Looks) -> Figure:
    """Draws the terms of training, mean and 95% interval over seeds: term x data set."""
    history = history[np.isfinite(history["value"])]
    terms, datasets = list(history["term"].unique()), list(history["dataset"].unique())
    figure, axes = grid(len(terms), len(datasets), width=3.9, height=2.1, sharex="col")
    for i, term in enumerate(terms):
        for j, dataset in enumerate(datasets):
            axis = axes[i][j]
            _curve_panel(axis, _cell(history, dataset, term, key="term"), looks)
            axis.grid(axis="y")
            axis.set_title(dataset if i == 0 else "")
            axis.set_ylabel(label(term, "nats") if j == 0 else "")
            axis.set_xlabel("step" if i == len(terms) - 1 else "")
    legend(figure, _model_key(looks, marker="", ls="-", lw=2))
    return figure


def _score_panel(axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, looks: Looks) -> None:
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


def _bracket_panel(axis: Axes, parts: dict[str, pd.DataFrame], looks: Looks) -> None:
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


def _plane(axis: Axes, points: pd.DataFrame, looks: Looks) -> None:
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


def _curve_panel(axis: Axes, rows: pd.DataFrame, looks: Looks) -> None:
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


def _cell(frame: pd.DataFrame, dataset: str, name: str, key: str = "metric") -> pd.DataFrame:
    return frame[(frame["dataset"] == dataset) & (frame[key] == name)]


def _mean(rows: pd.DataFrame, model: str) -> float:
    return rows["mean"].get(model, np.nan)


def _unit(summary: pd.DataFrame, metric: str) -> str:
    return summary.loc[summary["metric"] == metric, "unit"].max()


def _model_key(looks: Looks, **kwargs) -> dict[str, Line2D]:
    """Returns the legend of the models, as their markers unless told otherwise."""
    return {
        wrapped(model, 40): Line2D(
            [],
            [],
            **{"color": colour, "marker": marker, "ms": 8, "mec": "white", "ls": ""} | kwargs,
        )
        for model, (colour, marker) in looks.items()
    }


_SCORE_KEY = {
    "mean and 95% interval": Line2D([], [], color=GREY, marker="D", ms=5.5, mec="white", lw=2.4),
    "one seed": Line2D([], [], color=GREY, marker="o", ms=4, alpha=0.6, ls=""),
    "ceiling": Line2D([], [], color=GREY, ls="--", lw=1.1),
}
_BRACKET_KEY = {
    "from InfoNCE (lower) to rate (upper)": Line2D(
        [], [], color=GREY, lw=3, alpha=0.5, marker="|", ms=13, mew=2.2
    ),
    "aggregate estimate": Line2D([], [], color=GREY, marker="D", ms=7, mec="white", ls=""),
    "ln K, InfoNCE's ceiling": Line2D([], [], color=GREY, ls="--", lw=1.3),
    "ln N, the estimate's ceiling": Line2D([], [], color=GREY, ls=":", lw=1.3),
}
