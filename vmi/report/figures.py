"""Figures: each is a function of tidy frames and gives a matplotlib figure."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.names import IN_NATS, label
from vmi.report.panels import bracket_panel, curve_panel, plane_panel, score_panel
from vmi.report.style import GREY, Looks, grid, label_models, legend, row_height, styled, wrapped

__all__ = ["bracket", "curves", "rate_distortion", "scores"]


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
            score_panel(axes[i][j], rows, seeds, looks)
            axes[i][j].set_xlabel(fill(label(metric, _unit(summary, metric)), 42))
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
        bracket_panel(axes[0][j], parts, looks)
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
        plane_panel(axis, points.reset_index(), looks)
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
            curve_panel(axis, _cell(history, dataset, term, key="term"), looks)
            axis.grid(axis="y")
            axis.set_title(dataset if i == 0 else "")
            axis.set_ylabel(fill(label(term, _unit_of(term)), 22) if j == 0 else "")
            axis.set_xlabel("step" if i == len(terms) - 1 else "")
    legend(figure, _model_key(looks, marker="", ls="-", lw=2))
    return figure


def _cell(frame: pd.DataFrame, dataset: str, name: str, key: str = "metric") -> pd.DataFrame:
    return frame[(frame["dataset"] == dataset) & (frame[key] == name)]


def _unit_of(term: str) -> str:
    return "nats" if term in IN_NATS else ""


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
