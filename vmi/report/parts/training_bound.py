"""The figures of training of the category: the bound that Q gives, and what the category costs."""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.panels import cell
from vmi.report.parts.training import ROWS, Row, rows_figure
from vmi.report.style import styled

__all__ = ["PART", "bound", "categorical_bound", "gaussian_bound", "rate_categorical"]

ENTROPY, RATE = "entropy_categorical", "rate_categorical"
MISSING, MISSING_GAUSSIAN = "missing_categorical", "missing_gaussian"
NO_CATEGORY = "no category"
BOUND = (
    "What Q tells of the category from the decoded image, plus the entropy of the category over "
    "the batch: a lower bound on I(c; decoded image) where codes are hard. The cross-entropy of a "
    "soft sample bounds the information of neither the soft nor the hard code. For Gaussian "
    "dimensions the entropy is that of the prior, as training does not know the code's own, so "
    "that those rows are no bound. Dashed: ln K. Models without a Q are left out; the Q of a VAE "
    "that is here only watches, so that its curve is the one without the MI term."
)
CATEGORY = (
    "KL(q(c|x) ‖ p(c)) over training: 0 where the category is ignored, at most ln K (dashed)."
)


def _bounds(numbers: Numbers) -> Iterator[Plot]:
    if {ENTROPY, MISSING, MISSING_GAUSSIAN} & set(numbers.history["term"]):
        title = "The bound on I(c; decoded image) over training"
        yield numbers.plot("bound", title, BOUND + ROWS, bound, numbers)
    if RATE in set(numbers.history["term"]) and _categorical(numbers):
        title = "The rate of the category over training"
        yield numbers.plot("rate-categorical", title, CATEGORY + ROWS, rate_categorical, numbers)


@styled()
def rate_categorical(numbers: Numbers) -> Figure:
    """Plots the rate of the category over training, of the models that have one."""
    rows = []
    for task in numbers.history["task"].unique():
        curves = cell(numbers.history, task, RATE, "term")
        curves = curves[curves["method"].isin(list(_with(numbers, task, "categorical")))]
        label = f"{numbers.name('tasks', task)}\n{numbers.term(RATE)}"
        rows.append(Row(label, curves, _ceiling(numbers, task), NO_CATEGORY))
    return rows_figure(rows, numbers.columns)


@styled()
def bound(numbers: Numbers) -> Figure:
    """Plots the bound on I(c; decoded image) over training: block and data set x variant."""
    rows, history = [], numbers.history
    names = {task: numbers.name("tasks", task) for task in history["task"].unique()}
    for task, name in names.items():
        curves = categorical_bound(history, task, _with(numbers, task, "categorical"))
        label = f"{name}, category\nH(c) + E log Q [nats]"
        rows.append(Row(label, curves, _ceiling(numbers, task), NO_CATEGORY))
    for task, name in names.items():
        curves = gaussian_bound(history, task, _with(numbers, task, "informed"))
        label = f"{name}, Gaussian\nH(prior) + E log Q [nats]"
        rows.append(Row(label, curves, absent="no chosen Gaussian dimension"))
    return rows_figure(rows, numbers.columns)


def categorical_bound(history: pd.DataFrame, task: str, models: Collection[str]) -> pd.DataFrame:
    r"""Returns :math:`H(c) + E \log Q(c | x')` by model, seed and step, in nats.

    Models without a Q have none.
    """
    wide = _wide(history, task, models, [ENTROPY, MISSING])
    return _tidy(wide[ENTROPY] - wide[MISSING])


def gaussian_bound(history: pd.DataFrame, task: str, informed: Mapping[str, int]) -> pd.DataFrame:
    r"""Returns :math:`\frac m2 \ln 2 \pi e + E \log Q(z_{1..m} | x')`, in nats.

    The entropy is that of the prior: training does not know the aggregate code's. Models without a
    Q have none.

    Args:
        history: The terms of training.
        task: The data set.
        informed: m of each model that has any chosen Gaussian dimension.
    """
    wide = _wide(history, task, informed, [MISSING_GAUSSIAN])
    chosen = wide.index.get_level_values("method").map(informed).to_numpy(dtype=float)
    return _tidy(chosen / 2 * math.log(2 * math.pi * math.e) - wide[MISSING_GAUSSIAN])


def _with(numbers: Numbers, task: str, key: str) -> dict[str, Any]:
    """Of each model whose code on a data set has that, how much of it."""
    codes = {model: numbers.suite.cell(task, model)["latents"] for model in numbers.suite.methods}
    return {model: code[key] for model, code in codes.items() if code.get(key)}


def _categorical(numbers: Numbers) -> set[str]:
    """The models that trained a code with a category on some data set."""
    coded = {m for task in numbers.suite.tasks for m in _with(numbers, task, "categorical")}
    return coded & set(numbers.history["method"])


def _ceiling(numbers: Numbers, task: str) -> float:
    """ln K, the entropy of the category under its prior."""
    sizes = _with(numbers, task, "categorical").values()
    return max((sum(map(math.log, blocks)) for blocks in sizes), default=math.nan)


def _wide(
    history: pd.DataFrame, task: str, models: Collection[str], terms: list[str]
) -> pd.DataFrame:
    rows = history[(history["task"] == task) & history["method"].isin(list(models))]
    wide = rows.pivot_table(index=["method", "seed", "step"], columns="term", values="value")
    return wide.reindex(columns=terms)


def _tidy(values: pd.Series) -> pd.DataFrame:
    return values.dropna().rename("value").reset_index()


PART = Part("Figures", _bounds, lambda numbers: numbers.grouped and len(numbers.history) > 0)
