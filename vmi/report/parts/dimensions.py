"""The figure of components: what each dimension of each model's code says of the image."""

import re

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from vmi.report.blocks import Part
from vmi.report.numbers import Numbers
from vmi.report.style import INK, grid, label_rows, styled

__all__ = ["PART", "dimensions", "table_of_dimensions"]

OWNER = re.compile(r"(information-dimensions.*)/dimension-\d+")
PRINTED = 0.1  # nats; below it a cell has its colour alone
CAPTION = (
    "Means over seeds of I(x; z_d), each dimension on its own, estimated from the aggregate "
    "posterior; numbers where it is at least 0.1 nats. A frame holds the chosen dimensions, which "
    "Q is to tell or whose rate is weighed apart. Grey: the code has no such dimension."
)


@styled()
def dimensions(numbers: Numbers) -> Figure:
    """Plots the mean I(x; z_d) of each Gaussian dimension, the chosen ones framed."""
    measure = numbers.whole(OWNER)
    tables = {
        task: table_of_dimensions(rows, measure).reindex(list(numbers.looks))
        for task, rows in numbers.shown.groupby("task", sort=False)
        if task in numbers.panels
    }
    most = max(np.nan_to_num(table.to_numpy()).max(initial=PRINTED) for table in tables.values())
    columns = max(table.shape[1] for table in tables.values())
    height = 0.9 + 0.25 * len(numbers.looks)
    figure, axes = grid(len(tables), 1, width=2.0 + 0.3 * columns, height=height)
    for (task, table), (axis,) in zip(tables.items(), axes, strict=True):
        image = _map(axis, table, most)
        for place, model in enumerate(numbers.looks):
            _frame(axis, place, numbers.suite.cell(task, model)["latents"].get("informed", 0))
        axis.set_title(numbers.name("tasks", task))
        label_rows(axis, numbers.looks)
    axis.set_xlabel("dimension")
    figure.colorbar(
        image, ax=[row[0] for row in axes], label="I(x; z_d) [nats]", shrink=0.4, aspect=30
    )
    return figure


def table_of_dimensions(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Returns the means of one data set, model x dimension; NaN where a code has no such one."""
    found = rows["measure"].str.extract(rf"^{re.escape(measure)}/dimension-(\d+)$", expand=False)
    rows = rows.assign(dimension=found.astype(float))[found.notna()]
    table = rows.pivot(index="method", columns="dimension", values="mean")
    return table.reindex(columns=np.arange(rows["dimension"].max() + 1))


def _map(axis: Axes, table: pd.DataFrame, most: float) -> AxesImage:
    values = table.to_numpy()
    image = axis.imshow(values, cmap="Blues", vmin=0, vmax=most, aspect="auto")
    for row, column in zip(*np.nonzero(values >= PRINTED), strict=True):
        ink = "white" if values[row, column] > 0.6 * most else INK
        text = f"{values[row, column]:.1f}"
        axis.text(column, row, text, ha="center", va="center", fontsize=6.5, color=ink)
    for row, column in zip(*np.nonzero(np.isnan(values)), strict=True):
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fc="#f3f4f6", lw=0, zorder=0.4))
    axis.set_xticks(range(0, values.shape[1], 2))
    axis.grid(False)
    return image


def _frame(axis: Axes, place: int, chosen: int) -> None:
    if chosen:
        box = Rectangle((-0.5, place - 0.46), chosen, 0.92, fill=False, ec="#D55E00", lw=1.6)
        axis.add_patch(box)


PART = Part.figure(
    "dimensions",
    "What each Gaussian dimension says of the image",
    CAPTION,
    dimensions,
    lambda numbers: numbers.grouped and bool(numbers.whole(OWNER)),
)
