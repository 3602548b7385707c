"""The headline: the few measures that are shown first."""

from collections.abc import Iterator

from vmi.report import writers
from vmi.report.blocks import Block, File, Part, Prose, Title
from vmi.report.numbers import Numbers
from vmi.report.tables import table

__all__ = ["PART"]

INTERVALS = (
    "Mean over seeds with its [95% interval by Student's t]; n is the number of seeds. The best "
    "mean of a column is bold where more, or less, is better; where intervals overlap, so few "
    "seeds do not settle which is."
)


def _headline(numbers: Numbers) -> Iterator[Block]:
    summary, measures = numbers.summary, numbers.headline
    yield Prose(INTERVALS)
    for task, rows in summary.groupby("task", sort=False):
        name = numbers.name("tasks", task)
        yield Title(name)
        yield table(numbers, rows, measures, f"Headline of {name}").without_first()
    folder, main = numbers.where.tables, table(numbers, summary, measures, numbers.suite.title)
    rows = summary[summary["measure"].isin(measures)]
    yield from writers.files(folder, "headline", [main], rows)
    yield File(folder / "headline.txt", writers.plain(main))


PART = Part("Headline", _headline)
