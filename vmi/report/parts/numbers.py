"""All numbers: a table a heading, and what to know before comparing one with another."""

from collections.abc import Iterator

from vmi.report import writers
from vmi.report.blocks import Block, Facts, Folded, Part
from vmi.report.numbers import Numbers
from vmi.report.tables import Table, table, tabled, titled

__all__ = ["PART", "by_heading", "conventions"]

FURTHER = "Further metrics"  # of those whose cards say no heading
ELSEWHERE = "single dimensions are in complete.csv and in the figure of dimensions"
CONVENTIONS = "Conventions: what to know before comparing a number with another's"


def by_heading(numbers: Numbers) -> list[Table]:
    """Creates one table for each heading of measures; together they hold every number.

    But for those of single dimensions: a column each would be more than a reader can use.
    """
    groups: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for measure in numbers.summary["measure"].unique():
        heading = numbers.suite.card("measures", measure).heading or FURTHER
        if tabled(measure):
            groups.setdefault(heading, []).append(measure)
        else:
            titles[heading] = f"{heading}; {ELSEWHERE}"
    return [
        table(numbers, numbers.summary, measures, titles.get(heading, heading))
        for heading, measures in groups.items()
    ]


def conventions(numbers: Numbers, side: str, column: str) -> Iterator[Block]:
    """Yields what each of one side of the grid says of its convention, if any does."""
    rows = numbers.summary[numbers.summary["convention"] != ""]
    rows = rows[rows["measure"].map(tabled).astype(bool)].drop_duplicates(column)
    names = (numbers.name(side, name) for name in rows[column])
    if facts := dict(zip(names, rows["convention"], strict=True)):
        yield Folded(CONVENTIONS, [Facts(facts)])


def _numbers(numbers: Numbers) -> Iterator[Block]:
    tables = by_heading(numbers)
    yield from titled(tables)
    yield from conventions(numbers, "measures", "measure")
    yield from writers.files(numbers.where.tables, "complete", tables, numbers.summary)


PART = Part("All numbers", _numbers)
