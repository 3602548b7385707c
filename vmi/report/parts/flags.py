"""How far an estimate's warning and its own error can be trusted, where the truth is known."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report import writers
from vmi.report.blocks import Block, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.panels import INTERVAL, TRUTH
from vmi.report.style import INK, Look, grid, label_rows, legend, row_height, styled
from vmi.report.tables import DASH, Cell, Table
from vmi.statistics import wilson

__all__ = ["ALL", "PART", "flags", "shares"]

RIGHT, WRONG = 0.1, 0.3  # nats off the truth, at most and at least
ALL = "all together"


class Question(NamedTuple):
    """What is asked of estimates: its heading, the share that is asked for, and which way."""

    text: str
    asked: float
    way: str


QUESTIONS = {
    "right": Question(f"flagged, of those right within {RIGHT:g} nats", 0.05, "at most"),
    "wrong": Question(f"flagged, of those wrong by over {WRONG:g} nats", 0.90, "at least"),
    "covers": Question("truth within ± 1.96 stderr", 0.95, "about"),
}
READING = (
    "Of single estimates, a seed and a size each: which share has a warning (is flagged), of those "
    "that are right and of those that are wrong; and which share has the truth within plus or "
    "minus 1.96 of its own standard error, which tells of spread and not of bias. In brackets are "
    "Wilson's 95% intervals, as if estimates were independent; those of one task are alike."
)
CAPTION = (
    "Shares with Wilson's 95% intervals. Dashed is what is asked: at most 5% of the right flagged, "
    "at least 90% of the wrong, and of honest intervals that 95% cover the truth."
)


def shares(records: pd.DataFrame) -> pd.DataFrame:
    """Returns which share of estimates is flagged or covers the truth, by method and of all.

    Columns: method (`ALL` for all of them), question (a key of `QUESTIONS`), count of n, share, low
    and high (Wilson's 95% interval); a share of none is NaN.
    """
    known = records[(records["state"] == "value") & records["truth"].notna()]
    off = (known["value"] - known["truth"]).abs()
    flagged = known["warning"] != ""
    within = known["truth"].between(known["low"], known["high"])
    asked = {
        "right": (flagged, off <= RIGHT),
        "wrong": (flagged, off > WRONG),
        "covers": (within, known["stderr"].notna()),
    }
    rows = []
    for method in [*records["method"].unique(), ALL]:
        own = (known["method"] == method) | (method == ALL)
        for question, (yes, of) in asked.items():
            count, n = int((own & of & yes).sum()), int((own & of).sum())
            low, high = wilson(count, n)
            share = count / n if n else float("nan")
            rows.append((method, question, count, n, share, low, high))
    return pd.DataFrame(rows, columns=["method", "question", "count", "n", "share", "low", "high"])


def _table(numbers: Numbers, found: pd.DataFrame) -> Table:
    heads = [f"{question.text} [95% interval]" for question in QUESTIONS.values()]
    table = Table("Flags and errors", [numbers.suite.kind.method.word, *heads], labels=1)
    for method, rows in found.groupby("method", sort=False):
        cells = [Cell(_text(row)) for row in rows.itertuples()]
        table.rows.append([Cell(_name(numbers, method)), *cells])
    return table


def _text(row) -> str:
    if not row.n:
        return DASH
    low, share, high = (f"{100 * number:.0f}" for number in (row.low, row.share, row.high))
    return f"{share}% [{low}, {high}] of {row.n:,}"


def _name(numbers: Numbers, method: str) -> str:
    return ALL if method == ALL else numbers.name("methods", method)


@styled()
def flags(numbers: Numbers, found: pd.DataFrame) -> Figure:
    """Plots the shares by method, a panel a question, each with what is asked for."""
    looks = {ALL: Look(INK, "D", name=ALL)} | numbers.looks
    height = 0.9 + row_height(looks) * len(looks)
    figure, axes = grid(1, len(QUESTIONS), width=3.2, height=height)
    for axis, (key, question) in zip(axes[0], QUESTIONS.items(), strict=True):
        rows = found[found["question"] == key].set_index("method")
        for place, (method, look) in enumerate(looks.items()):
            low, high, share = 100 * rows.loc[method, ["low", "high", "share"]].astype(float)
            axis.plot([low, high], [place] * 2, color=look.colour, lw=2.4)
            axis.plot(share, place, "D", ms=5.5, mew=0.8, **look.marks())
        axis.axvline(100 * question.asked, **TRUTH)
        label = f"{question.text} [%]".replace(", ", ",\n")
        title = f"{question.way} {100 * question.asked:g}%"
        axis.set(xlim=(-2, 102), title=title, xlabel=label)
        label_rows(axis, looks, names=axis is axes[0][0])
    legend(figure, {"share and 95% interval": INTERVAL, "asked for": Line2D([], [], **TRUTH)})
    return figure


def _flags(numbers: Numbers) -> Iterator[Block]:
    found = shares(numbers.records)
    tables = [_table(numbers, found)]
    yield from (Prose(READING), *tables)
    title = "Which estimates are flagged, and which of their intervals cover the truth"
    most = len(numbers.suite.tasks)
    yield numbers.plot("reliability", title, CAPTION, flags, numbers, found, tasks=most)
    yield from writers.files(numbers.where.tables, "reliability", tables, found)


PART = Part("Reliability", _flags, lambda numbers: bool(numbers.rows["truth"].notna().any()))
