"""Figures whose rows are models: each is a function of tidy frames."""

from textwrap import fill

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.names import label
from vmi.report.panels import PAIR_KEY, bracket_panel, pair_panel, score_panel
from vmi.report.style import GREY, Looks, grid, label_rows, legend, many, row_height, styled

__all__ = ["bracket", "scores", "seen_and_told"]


@styled()
def scores(
    records: pd.DataFrame, summary: pd.DataFrame, looks: Looks, metrics: list[str]
) -> Figure:
    """Draws each model's mean and 95% interval with its seeds as points: metric x data set.

    Many models are rows of a tall panel, and the metrics stand side by side: data set x metric.
    """
    datasets, across = list(summary["dataset"].unique()), many(looks)
    figure, axes = _score_grid(metrics, datasets, looks, across)
    for i, metric in enumerate(metrics):
        for j, dataset in enumerate(datasets):
            axis, side = (axes[j][i], i) if across else (axes[i][j], j)
            rows = _cell(summary, dataset, metric)
            score_panel(axis, rows, _cell(records, dataset, metric), looks)
            axis.set_xlabel(fill(label(metric, _unit(summary, metric)), 28 if across else 42))
            axis.set_title(dataset if i == 0 else "", loc="left" if across else "center")
            label_rows(axis, looks, names=side == 0)
            if across:
                axis.locator_params(axis="x", nbins=3)
    legend(figure, _SCORE_KEY)
    return figure


@styled()
def bracket(summary: pd.DataFrame, looks: Looks, metric: str = "information") -> Figure:
    """Draws each model's information between its lower and its upper bound, with the ceilings."""
    datasets = list(summary["dataset"].unique())
    row = _row(looks) if many(looks) else 0.38
    figure, axes = grid(1, len(datasets), width=3.6, height=1.2 + row * len(looks))
    for j, dataset in enumerate(datasets):
        parts = {p: _cell(summary, dataset, metric + p) for p in ("/infonce", "/rate", "")}
        bracket_panel(axes[0][j], parts, looks)
        axes[0][j].set_title(dataset)
        axes[0][j].set_xlabel(label(metric, "nats"))
        label_rows(axes[0][j], looks, names=j == 0)
    legend(figure, _BRACKET_KEY)
    return figure


@styled()
def seen_and_told(summary: pd.DataFrame, looks: Looks, seen: str, told: str) -> Figure:
    """Draws what the category says of the image beside what the decoded image says of it.

    The entropy of the category is the ceiling of both. Models without a number are left out.

    Args:
        summary: As `summarise` makes it.
        looks: The models.
        seen: The metric that is the exact I(x; c).
        told: The metric whose parts are the bound on I(c; decoded image) and the entropy.
    """
    names = (seen, f"{told}/categorical", f"{told}/entropy-categorical")
    metrics = dict(zip(("seen", "told", "entropy"), names, strict=True))
    numbers = summary[summary["metric"].isin(names[:2]) & (summary["n"] > 0)]
    looks = {model: look for model, look in looks.items() if model in set(numbers["model"])}
    datasets = list(summary["dataset"].unique())
    figure, axes = grid(1, len(datasets), width=4.4, height=1.0 + 0.28 * len(looks))
    for axis, dataset in zip(axes[0], datasets, strict=True):
        parts = {name: _cell(summary, dataset, metric) for name, metric in metrics.items()}
        pair_panel(axis, parts, list(looks))
        axis.set(title=dataset, xlabel="information of the category [nats]")
        label_rows(axis, looks, names=axis is axes[0][0])
    legend(figure, PAIR_KEY)
    return figure


def _score_grid(metrics: list[str], datasets: list[str], looks: Looks, across: bool):
    if across:
        return grid(len(datasets), len(metrics), width=2.4, height=1.0 + _row(looks) * len(looks))
    return grid(len(metrics), len(datasets), width=3.3, height=0.75 + _row(looks) * len(looks))


def _row(looks: Looks) -> float:
    return 0.25 if many(looks) else row_height(looks)


def _cell(summary: pd.DataFrame, dataset: str, metric: str) -> pd.DataFrame:
    return summary[(summary["dataset"] == dataset) & (summary["metric"] == metric)]


def _unit(summary: pd.DataFrame, metric: str) -> str:
    return summary.loc[summary["metric"] == metric, "unit"].max()


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
