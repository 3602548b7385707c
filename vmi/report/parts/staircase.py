"""The figure of the staircase of Poole et al. 2019: information that grows in steps."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from vmi.report.blocks import Part, Plot
from vmi.report.numbers import Numbers
from vmi.report.style import grid, legend, styled
from vmi.report.truth import BLUE, KEY, ceiling_lines, known, line, truth_steps

__all__ = ["PART", "STAIRCASE", "staircase"]

STAIRCASE = tuple(f"staircase-{nats}" for nats in (2, 4, 6, 8, 10))
CAPTION = (
    "Twenty correlated Gaussian pairs whose information grows in steps. A lower bound that "
    "touches its dotted line says only “at least that”."
)


def _staircase(numbers: Numbers) -> Iterator[Plot]:
    title = f"The staircase of Poole et al. 2019{numbers.sized}"
    yield numbers.plot("staircase", title, CAPTION, staircase, numbers)


@styled()
def staircase(numbers: Numbers, columns: int = 5) -> Figure:
    """Plots each estimator on the staircase, one panel an estimator."""
    rows = known(numbers.shown, STAIRCASE)
    names = list(dict.fromkeys(rows["method"]))
    lines = -(-len(names) // columns)
    figure, axes = grid(lines, columns, width=2.1, height=1.9, sharey=True)
    flat = [axis for row in axes for axis in row]
    for i, (axis, name) in enumerate(zip(flat, names, strict=False)):
        one = rows[rows["method"] == name]
        line(axis, one, STAIRCASE, BLUE, "o")
        truth_steps(axis, one, STAIRCASE)
        ceiling_lines(axis, one)
        axis.set_title(numbers.name("methods", name))
        axis.set_xticks(range(len(STAIRCASE)), [task.rpartition("-")[2] for task in STAIRCASE])
        axis.set_xlabel("truth [nats]" if i + columns >= len(names) else "")
        axis.set_ylabel("estimate [nats]" if i % columns == 0 else "")
    for axis in flat[len(names) :]:
        axis.set_visible(False)
    flat[0].set_ylim(-1, 1.4 * rows["truth"].max())
    legend(figure, KEY)
    return figure


PART = Part("Figures", _staircase, lambda numbers: len(known(numbers.shown, STAIRCASE)) > 0)
