"""The figures of a suite of estimators, with captions whose numbers are those of the records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from vmi.report.estimation import claims, figures
from vmi.report.gallery import Plan

__all__ = ["plans"]


@dataclass(frozen=True)
class Numbers:
    """What the figures are drawn from: the frames of statistics.py and the closed-form ladder."""

    summary: pd.DataFrame
    overall: pd.DataFrame
    ladder: pd.DataFrame

    @property
    def size(self) -> str:
        """The largest sample size, which most figures show."""
        return f"N = {self.summary['n'].max():,}"

    def known(self, tasks: Sequence[str]) -> list[str]:
        """Returns which of some tasks the suite has."""
        return [task for task in tasks if task in set(self.summary["task"])]


def plans(summary: pd.DataFrame, overall: pd.DataFrame, ladder: pd.DataFrame) -> list[Plan]:
    """Returns the figures for which there are numbers, in the order of the page."""
    numbers = Numbers(summary, overall, ladder)
    makers = (_failures, _staircase, _bias, _spread, _sizes, _pictures, _ladder)
    return [plan for maker in makers if (plan := maker(numbers))]


def _failures(numbers: Numbers) -> Plan | None:
    tasks = (*claims.DIMENSIONS, *claims.STAIRCASE, *claims.TRANSFORMS)
    said = [
        claims.dimension(numbers.summary, "ksg-3"),
        claims.ceiling(numbers.summary, "infonce"),
        claims.gaussian(numbers.summary, "cca"),
        "Bands are one standard deviation over seeds.",
    ]
    return numbers.known(tasks) and _plan(
        "failures",
        f"Where instruments fail, {numbers.size}",
        " ".join(filter(None, said)),
        lambda: figures.failures(numbers.summary),
    )


def _staircase(numbers: Numbers) -> Plan | None:
    return numbers.known(claims.STAIRCASE) and _plan(
        "staircase",
        f"The staircase of Poole et al. 2019, {numbers.size}",
        "Twenty correlated Gaussian pairs whose information grows in steps. A lower bound that "
        "touches its dotted line says only “at least that”.",
        lambda: figures.staircase(numbers.summary),
    )


def _bias(numbers: Numbers) -> Plan:
    return _plan(
        "bias",
        f"Every estimator on every task, {numbers.size}",
        "The mean over seeds; the truth stands beside the name of the task. "
        + claims.near_truth(numbers.overall),
        lambda: figures.bias(numbers.summary),
    )


def _spread(numbers: Numbers) -> Plan:
    return _plan(
        "spread",
        f"How far an estimate varies with the sample, {numbers.size}",
        "The standard deviation over seeds.",
        lambda: figures.spread(numbers.summary),
    )


def _sizes(numbers: Numbers) -> Plan | None:
    return numbers.overall["n"].nunique() > 1 and _plan(
        "sizes",
        "Bias and spread by sample size",
        "Medians over all tasks; the darkest point has most samples.",
        lambda: figures.sizes(numbers.overall),
    )


def _pictures(numbers: Numbers) -> Plan | None:
    names = dict.fromkeys(numbers.summary["task"])
    tasks = [name for name in names if name.startswith(("bumps", "rectangles"))]
    return tasks and _plan(
        "pictures",
        f"Information between pictures, {numbers.size}",
        "Known pairs drawn as pictures by smooth injective maps: the information is that of the "
        "few parameters, the dimension that of the pixels. A mean that is off by more than twice "
        "the truth stands as a number at the edge.",
        lambda: figures.pictures(numbers.summary, tasks),
    )


def _ladder(numbers: Numbers) -> Plan | None:
    return len(numbers.ladder) and _plan(
        "ladder",
        "The closed-form ladder",
        "Every instrument on a linear-Gaussian world, where the information, its parts and the "
        "likelihood are known: a number less its truth, with its own 95% interval.",
        lambda: figures.ladder(numbers.ladder),
    )


def _plan(stem: str, title: str, caption: str, draw: Callable[[], Figure]) -> Plan:
    return Plan(stem, title, caption, f"{title}; the tables hold the numbers", draw)
