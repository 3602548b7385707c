"""Tables of summaries: built once, then written as Markdown, LaTeX, plain text or HTML."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from vmi.report.names import aim, display, family, label, stem

__all__ = [
    "Cell",
    "Table",
    "decimals",
    "families",
    "headline",
    "headline_metrics",
    "spread",
    "table",
    "tabled",
]

DASH = "\N{EN DASH}"
HEADLINE = ("information", "mig", "log-likelihood", "vmi-bound", "accuracy-majority")
# Without factors, what is left to say of a code is what its category holds.
WITHOUT_FACTORS = (
    "information",
    "information-categorical",
    "vmi-bound/categorical",
    "accuracy-majority",
    "log-likelihood",
)
_ELSEWHERE = "single dimensions are in complete.csv and in the figure of dimensions"


@dataclass(frozen=True)
class Cell:
    """The text of one cell, whether it is the best of its column, and the notes it points to."""

    text: str
    best: bool = False
    notes: tuple[int, ...] = ()


@dataclass
class Table:
    """What a table says, before it is written in any language.

    Attributes:
        title: What the table shows.
        head: The headings; the first `labels` columns name the row.
        rows: One list of cells for each row.
        notes: The footnotes, numbered from 1.
        labels: How many columns name the row.
        metrics: The metrics of the columns that hold numbers.
    """

    title: str
    head: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: int = 2
    metrics: list[str] = field(default_factory=list)

    def note(self, text: str) -> tuple[int, ...]:
        """Returns the number of a footnote, which is added if it is new."""
        if not text:
            return ()
        if text not in self.notes:
            self.notes.append(text)
        return (self.notes.index(text) + 1,)


def headline_metrics(metrics: Iterable[str]) -> list[str]:
    """Returns the about five metrics of the headline that are there, or the first five there are.

    The log-likelihood is the importance-weighted bound with most samples, else the ELBO. Where
    there is no MIG, and so no factors, the category takes its place.
    """
    metrics = list(dict.fromkeys(metrics))
    main = HEADLINE if "mig" in map(stem, metrics) else _without_factors(metrics)
    bounds = [m for m in metrics if re.fullmatch(r"iwae(-\d+)?", m)]
    likelihood = max(bounds, key=_samples, default="elbo")
    wanted = [likelihood if m == "log-likelihood" else m for m in main]
    found = [m for w in wanted for m in metrics if m == w or (stem(m) == w != likelihood)]
    return found or [m for m in metrics if "/" not in m][:5]


def _without_factors(metrics: Iterable[str]) -> list[str]:
    """The bound is that of the category, and of the whole code where it has none."""
    has = any(stem(m) == "vmi-bound/categorical" for m in metrics)
    return [m if has else m.removesuffix("/categorical") for m in WITHOUT_FACTORS]


def _samples(bound: str) -> int:
    return int(bound.partition("-")[2] or 100)  # `iwae` takes 100 unless told otherwise


def headline(summary: pd.DataFrame, title: str) -> Table:
    """Creates the table of a suite's main numbers: data set x model, about five columns."""
    numbers = summary[summary["n"] > 0]["metric"]
    chosen = headline_metrics(numbers if len(numbers) else summary["metric"])
    return table(summary, chosen, title)


def families(summary: pd.DataFrame) -> list[Table]:
    """Creates one table for each family of metrics; together they hold every number.

    But for those of single dimensions: a column each would be more than a reader can use.
    """
    groups: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for metric in summary["metric"].unique():
        if tabled(metric):
            groups.setdefault(family(metric), []).append(metric)
        else:
            titles[family(metric)] = f"{family(metric)}; {_ELSEWHERE}"
    return [table(summary, each, titles.get(title, title)) for title, each in groups.items()]


def tabled(metric: str) -> bool:
    """Returns whether a metric is a column of a table: all but the parts of single dimensions."""
    return re.search(r"/dimension-\d+$", metric) is None


def table(summary: pd.DataFrame, metrics: Sequence[str], title: str) -> Table:
    """Creates a table of some metrics, a row for each data set and model, as `mean [low, high]`."""
    units = summary[summary["unit"] != ""].groupby("metric")["unit"].first()
    heads = [label(m, units.get(m, "")) for m in metrics]
    made = Table(title, ["data set", "model", *heads, "n"], metrics=list(metrics))
    for dataset, rows in summary.groupby("dataset", sort=False):
        columns = {m: _Column(m, rows[rows["metric"] == m], made) for m in metrics}
        for model, cells in rows.groupby("model", sort=False):
            values = [columns[m].cell(model) for m in metrics]
            n = cells.loc[cells["metric"].isin(metrics), "n"].max()
            labels = [Cell(str(dataset)), Cell(display(model))]
            made.rows.append([*labels, *values, Cell(str(0 if pd.isna(n) else int(n)))])
    return made


def decimals(rows: pd.DataFrame) -> int:
    """Returns how many decimals a column deserves: two digits of the width of its intervals.

    Never more than four digits of its largest number; where no interval has a width, three.
    """
    sizes = rows["mean"].abs()
    size = _order(sizes[sizes > 0].max())
    widths = rows["high"] - rows["low"]
    width = widths[widths > 0].median()
    wanted = 2 - size if pd.isna(width) else 1 - _order(width)
    return max(0, min(wanted, 3 - size))


def spread(row: Mapping[str, float], places: int) -> str:
    """Returns `mean [low, high]`, or the mean alone where there is no interval.

    Example:
        >>> spread({"mean": 0.25, "low": -0.5, "high": 1.0}, 2)
        '0.25 [-0.50, 1.00]'
    """
    mean, low, high = (_rounded(row[key], places) for key in ("mean", "low", "high"))
    return mean if pd.isna(row["low"]) else f"{mean} [{low}, {high}]"


class _Column:
    """One metric on one data set: its digits, its best model, its cells."""

    def __init__(self, metric: str, rows: pd.DataFrame, table: Table) -> None:
        self.rows = rows.set_index("model")
        self.table = table
        self.decimals = decimals(rows)
        self.best = self._best(aim(metric))

    def cell(self, model: str) -> Cell:
        """Returns what to print for a model: a number, "failed (n of m)" or a dash."""
        if model not in self.rows.index:
            return Cell(DASH)
        row = self.rows.loc[model]
        if row["n"]:
            best = self._text(row["mean"]) == self.best
            return Cell(spread(row, self.decimals), best, self.table.note(_lost(row)))
        if row["inapplicable"]:
            return Cell(DASH, notes=self.table.note(row["exclusion"]))
        text = f"failed ({row['failed']} of {row['failed']})"
        return Cell(text, notes=self.table.note(row["failure"]))

    def _best(self, direction: str) -> str | None:
        means = self.rows["mean"].dropna()
        if not direction or means.map(self._text).nunique() < 2:
            return None
        return self._text(means.max() if direction == "up" else means.min())

    def _text(self, value: float) -> str:
        return _rounded(value, self.decimals)


def _rounded(value: float, places: int) -> str:
    return f"{round(value, places) + 0.0:.{places}f}"


def _lost(row: pd.Series) -> str:
    lost = row["failed"] + row["inapplicable"]
    reasons = "; ".join(filter(None, (row["failure"], row["exclusion"])))
    return f"{lost} of {lost + row['n']} seeds left no number: {reasons}" if lost else ""


def _order(size: float) -> int:
    return math.floor(math.log10(size)) if size > 0 and math.isfinite(size) else 0
