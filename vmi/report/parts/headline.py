"""The headline: the few measures that are shown first."""

from collections.abc import Iterator

from vmi.report import writers
from vmi.report.blocks import Block, File, Part, Prose
from vmi.report.numbers import Numbers
from vmi.report.tables import table, titled

__all__ = ["PART"]

INTERVALS = (
    "Mean over seeds with its [95% interval by Student's t]; n is the number of seeds. The best "
    "mean of a column is bold where more, or less, is better; where intervals overlap, so few "
    "seeds do not settle which is."
)


def _headline(numbers: Numbers) -> Iterator[Block]:
    summary, measures = numbers.summary, numbers.headline
    yield Prose(INTERVALS)
    tables = []
    for task, rows in summary.groupby("task", sort=False):
        tables.append(table(numbers, rows, measures, numbers.name("tasks", task)).without_first())
    yield from titled(tables)
    folder, main = numbers.where.tables, table(numbers, summary, measures, numbers.suite.title)
    rows = summary[summary["measure"].isin(measures)]
    yield from writers.files(folder, "headline", [main], rows)
    yield File(folder / "headline.txt", writers.plain(main))


PART = Part("Headline", _headline)
