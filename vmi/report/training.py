"""Figures of training: each is a function of the history, a tidy frame of terms by step."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vmi.report.facets import columned
from vmi.report.names import IN_NATS, label
from vmi.report.panels import curve_lines, nothing, zoom
from vmi.report.style import GREY, Looks, grid, legend, model_key, styled

__all__ = ["bound", "categorical_bound", "curves", "gaussian_bound", "rate_categorical", "terms"]

CATEGORY = "no category"
Latents = Mapping[tuple[str, str], Mapping[str, Any]]  # of each data set and model, its code


@dataclass(frozen=True)
class _Row:
    """A row of panels: its label, its curves, what they cannot pass, and what to say of none."""

    label: str
    curves: pd.DataFrame
    ceiling: float = math.nan
    absent: str = "no numbers"


@styled()
def curves(history: pd.DataFrame, looks: Looks) -> Figure:
    """Draws the terms of training, mean and 95% interval over seeds: term x data set."""
    history = history[np.isfinite(history["value"])]
    terms, datasets = list(history["term"].unique()), list(history["dataset"].unique())
    figure, axes = grid(len(terms), len(datasets), width=3.9, height=2.1, sharex="col")
    for i, term in enumerate(terms):
        for j, dataset in enumerate(datasets):
            axis = axes[i][j]
            zoom(axis, curve_lines(axis, _cell(history, dataset, term), looks))
            axis.grid(axis="y")
            axis.set_title(dataset if i == 0 else "")
            axis.set_ylabel(fill(_label(term), 22) if j == 0 else "")
            axis.set_xlabel("step" if i == len(terms) - 1 else "")
    legend(figure, model_key(looks, marker="", ls="-", lw=2))
    return figure


@styled()
def terms(history: pd.DataFrame, columns: Mapping[str, Looks], names: Sequence[str]) -> Figure:
    """Draws some terms of training: data set and term x arm."""
    rows = [
        _Row(f"{dataset}\n{_label(name)}", _cell(history, dataset, name))
        for dataset in history["dataset"].unique()
        for name in names
    ]
    return _figure(rows, columns)


@styled()
def rate_categorical(
    history: pd.DataFrame, columns: Mapping[str, Looks], latents: Latents
) -> Figure:
    """Draws the rate of the category over training, of the models that have one."""
    rows = []
    for dataset in history["dataset"].unique():
        curves = _cell(history, dataset, "rate_categorical")
        curves = curves[curves["model"].isin(_with(latents, dataset, "categorical"))]
        ceiling = _ceiling(latents, dataset)
        rows.append(_Row(f"{dataset}\n{_label('rate_categorical')}", curves, ceiling, CATEGORY))
    return _figure(rows, columns)


@styled()
def bound(history: pd.DataFrame, columns: Mapping[str, Looks], latents: Latents) -> Figure:
    """Draws the bound on I(c; decoded image) over training: block and data set x arm.

    Args:
        history: The terms of training.
        columns: The looks of the models of each arm.
        latents: What the code of each (data set, model) is made of.
    """
    datasets = list(history["dataset"].unique())
    rows = [
        _Row(
            f"{dataset}, category\nH(c) + E log Q [nats]",
            categorical_bound(history, dataset, _with(latents, dataset, "categorical")),
            _ceiling(latents, dataset),
            CATEGORY,
        )
        for dataset in datasets
    ]
    rows += [
        _Row(
            f"{dataset}, Gaussian\nH(prior) + E log Q [nats]",
            gaussian_bound(history, dataset, _with(latents, dataset, "informed")),
            absent="no chosen Gaussian dimension",
        )
        for dataset in datasets
    ]
    return _figure(rows, columns)


def categorical_bound(
    history: pd.DataFrame, dataset: str, models: Mapping[str, object]
) -> pd.DataFrame:
    r"""Returns :math:`H(c) + E \log Q(c | x')` by model, seed and step, in nats.

    Models without a Q have none.
    """
    wide = _wide(history, dataset, models, ["entropy_categorical", "missing_categorical"])
    return _tidy(wide["entropy_categorical"] - wide["missing_categorical"])


def gaussian_bound(
    history: pd.DataFrame, dataset: str, informed: Mapping[str, int]
) -> pd.DataFrame:
    r"""Returns :math:`\frac m2 \ln 2 \pi e + E \log Q(z_{1..m} | x')`, in nats.

    The entropy is that of the prior: training does not know the aggregate code's. Models without a
    Q have none.

    Args:
        history: The terms of training.
        dataset: The data set.
        informed: m of each model that has any chosen Gaussian dimension.
    """
    wide = _wide(history, dataset, informed, ["missing_gaussian"])
    chosen = wide.index.get_level_values("model").map(informed).to_numpy(dtype=float)
    return _tidy(chosen / 2 * math.log(2 * math.pi * math.e) - wide["missing_gaussian"])


def _figure(rows: Sequence[_Row], columns: Mapping[str, Looks]) -> Figure:
    """One scale a row, so that the arms can be compared."""
    columns = _present(columns, {model for row in rows for model in row.curves["model"]})
    mark = {"marker": "", "lw": 2}
    figure, axes = columned(len(rows), columns, width=3.9, height=2.2, **mark)
    for row, panels in zip(rows, axes, strict=True):
        drawn = [
            (axis, curve_lines(axis, row.curves, looks))
            for axis, looks in zip(panels, columns.values(), strict=True)
        ]
        values = [each for _, late in drawn for each in late]
        for axis, late in drawn:
            _finish(axis, row, values if late else [])
        panels[0].set_ylabel(row.label)
    for column in zip(*axes, strict=True):
        drawn = [axis for axis in column if axis.lines]
        (drawn or column)[-1].set_xlabel("step")
    return figure


def _finish(axis: Axes, row: _Row, values: list[np.ndarray]) -> None:
    if not values:
        nothing(axis, row.absent)
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        return
    axis.grid(axis="y")
    zoom(axis, values)
    if math.isfinite(row.ceiling):
        low, high = axis.get_ylim()
        axis.axhline(row.ceiling, color=GREY, ls="--", lw=1.1, zorder=1)
        axis.set_ylim(low, max(high, row.ceiling + 0.05 * (row.ceiling - low)))


def _present(columns: Mapping[str, Looks], models: set[str]) -> dict[str, Looks]:
    own = {arm: {m: look for m, look in x.items() if m in models} for arm, x in columns.items()}
    return {arm: looks for arm, looks in own.items() if looks}


def _with(latents: Latents, dataset: str, key: str) -> dict[str, Any]:
    """Of each model whose code on a data set has that, how much of it."""
    sizes = {model: own.get(key) for (where, model), own in latents.items() if where == dataset}
    return {model: size for model, size in sizes.items() if size}


def _ceiling(latents: Latents, dataset: str) -> float:
    """ln K, the entropy of the category under its prior."""
    sizes = _with(latents, dataset, "categorical").values()
    return max((sum(map(math.log, blocks)) for blocks in sizes), default=math.nan)


def _wide(
    history: pd.DataFrame, dataset: str, models: Collection[str], terms: list[str]
) -> pd.DataFrame:
    rows = history[(history["dataset"] == dataset) & history["model"].isin(list(models))]
    wide = rows.pivot_table(index=["model", "seed", "step"], columns="term", values="value")
    return wide.reindex(columns=terms)


def _tidy(values: pd.Series) -> pd.DataFrame:
    return values.dropna().rename("value").reset_index()


def _cell(history: pd.DataFrame, dataset: str, term: str) -> pd.DataFrame:
    return history[(history["dataset"] == dataset) & (history["term"] == term)]


def _label(term: str) -> str:
    return label(term, "nats" if term in IN_NATS else "")
