"""Tables of summaries: built once, then written as Markdown, LaTeX, plain text or HTML."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from vmi.cards import NUMBER
from vmi.report.blocks import Block, Folded, Title

if TYPE_CHECKING:
    from vmi.report.numbers import Numbers

__all__ = [
    *("DASH", "Cell", "Table", "absent", "decimals", "excluded", "lost", "spread"),
    *("table", "tabled", "titled"),
]

DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Cell:
    """The text of one cell, whether it is the best of its column, and the notes it points to."""

    text: str
    best: bool = False
    notes: tuple[int, ...] = ()


@dataclass
class Table(Block):
    """What a table says, before it is written in any language.

    Attributes:
        title: What the table shows.
        head: The headings; the first `labels` columns name the row.
        rows: One list of cells for each row.
        notes: The footnotes, numbered from 1.
        labels: How many columns name the row.
        measures: The measures of the columns that hold numbers.
        words: Whether its cells hold sentences rather than numbers.
        file: Where all of it is, from the page's folder, if the page has no room for all rows.
    """

    most: ClassVar[int] = 500  # rows that the page shows, folded away where there are more

    title: str
    head: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: int = 2
    measures: list[str] = field(default_factory=list)
    words: bool = False
    file: str = "tables/complete.csv"

    @property
    def folded(self) -> bool:
        """Whether the page has no room for all rows."""
        return len(self.rows) > self.most

    def note(self, text: str) -> tuple[int, ...]:
        """Returns the number of a footnote, which is added if it is new."""
        if not text:
            return ()
        if text not in self.notes:
            self.notes.append(text)
        return (self.notes.index(text) + 1,)

    def without_first(self) -> "Table":
        """Returns the table without its first column."""
        rows = [row[1:] for row in self.rows]
        return replace(self, head=self.head[1:], rows=rows, labels=self.labels - 1)


def table(numbers: "Numbers", summary: pd.DataFrame, measures: Sequence[str], title: str) -> Table:
    """Creates a table of some measures as `mean [low, high]`: a row a task, method, arm and size.

    The arm and the size are columns where there are several.
    """
    kind, several = numbers.suite.kind, [c for c in ("arm", "size") if summary[c].nunique() > 1]
    names = {"arm": "arm", "size": "samples"}
    labels = [kind.task.word, kind.method.word, *(names[column] for column in several)]
    head = [*labels, *map(numbers.label, measures), "n"]
    result = Table(title, head, labels=len(labels), measures=list(measures))
    for (task, _), rows in summary.groupby(["task", "size"], sort=False):
        columns = [
            _Column(rows[rows["measure"] == m], numbers.suite.card("measures", m).better, result)
            for m in measures
        ]
        for (method, arm), cells in rows.groupby(["method", "arm"], sort=False):
            n = cells.loc[cells["measure"].isin(measures), "n"].max()
            names = numbers.name("tasks", task), numbers.name("methods", method)
            size = f"{cells['size'].iloc[0]:,}"
            own = {"arm": numbers.name("arms", arm) if "arm" in several else "", "size": size}
            texts = [*names, *(own[column] for column in several)]
            values = [column.cell((method, arm)) for column in columns]
            result.rows.append([*map(Cell, texts), *values, Cell(str(0 if pd.isna(n) else int(n)))])
    return result


def titled(tables: Sequence[Table], most: int = 12) -> Iterator[Block]:
    """Yields tables under their titles, and folds away what is more than a page has room for."""
    blocks = [(Title(each.title), each) for each in tables]
    yield from chain.from_iterable(blocks[:most])
    if rest := list(chain.from_iterable(blocks[most:])):
        yield Folded(f"{len(blocks) - most} more tables", rest)


def tabled(measure: str) -> bool:
    """Returns whether a measure is a column of a table: all but the parts that carry a number.

    Those are of single dimensions: a column each would be more than a reader can use.
    """
    return NUMBER.search(measure.partition("/")[2]) is None


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
    """One measure on one task: its digits, its best method, its cells."""

    def __init__(self, rows: pd.DataFrame, better: str, table: Table) -> None:
        self.rows = rows.set_index(["method", "arm"])
        self.table = table
        self.decimals = decimals(rows)
        self.best = self._best(better)

    def cell(self, answer: tuple[str, str]) -> Cell:
        """Returns what to print for a method: a number, "failed (n of m)" or a dash."""
        if answer not in self.rows.index:
            return Cell(DASH)
        row = self.rows.loc[answer]
        if row["n"]:
            best = self._text(row["mean"]) == self.best
            return Cell(spread(row, self.decimals), best, self.table.note(lost(row)))
        return absent(row, self.table)

    def _best(self, direction: str) -> str | None:
        means = self.rows["mean"].dropna()
        if not direction or means.map(self._text).nunique() < 2:
            return None
        return self._text(means.max() if direction == "up" else means.min())

    def _text(self, value: float) -> str:
        return _rounded(value, self.decimals)


def absent(row: pd.Series, table: Table) -> Cell:
    """Returns what to print for a cell without a number: "failed (n of n)" or a dash, and why."""
    if row["inapplicable"]:
        return Cell(DASH, notes=table.note(excluded(row["exclusion"])))
    return Cell(f"failed ({row['failed']} of {row['failed']})", notes=table.note(row["failure"]))


def lost(row: pd.Series) -> str:
    """Returns how many seeds of a cell left no number, and why; "" if none."""
    number = row["failed"] + row["inapplicable"]
    reasons = "; ".join(filter(None, (row["failure"], excluded(row["exclusion"]))))
    return f"{number} of {number + row['n']} seeds left no number: {reasons}" if number else ""


def excluded(reason: str) -> str:
    """Returns why a number has no meaning as the notes say it."""
    return f"not applicable: {reason}" if reason else ""


def _rounded(value: float, places: int) -> str:
    return f"{round(value, places) + 0.0:.{places}f}"


def _order(size: float) -> int:
    return math.floor(math.log10(size)) if size > 0 and math.isfinite(size) else 0
