"""The figure of components: what each dimension of each model's code says of the image."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from vmi.report.style import INK, Looks, grid, label_rows, styled

__all__ = ["dimensions", "table_of_dimensions"]

PRINTED = 0.1  # nats; below it a cell is told by its colour alone


@styled()
def dimensions(
    summary: pd.DataFrame, looks: Looks, metric: str, informed: Mapping[tuple[str, str], int]
) -> Figure:
    """Draws the mean I(x; z_d) of each Gaussian dimension, the chosen ones framed.

    Args:
        summary: As `summarise` makes it.
        looks: The models, a row each.
        metric: The metric that has a part `dimension-d` for each dimension.
        informed: How many dimensions are chosen, the first ones, of each (data set, model).
    """
    tables = {
        dataset: table_of_dimensions(rows, metric).reindex(list(looks))
        for dataset, rows in summary.groupby("dataset", sort=False)
    }
    most = max(np.nan_to_num(table.to_numpy()).max(initial=PRINTED) for table in tables.values())
    columns = max(table.shape[1] for table in tables.values())
    height = 0.9 + 0.25 * len(looks)
    figure, axes = grid(len(tables), 1, width=2.0 + 0.3 * columns, height=height)
    for (dataset, table), (axis,) in zip(tables.items(), axes, strict=True):
        image = _map(axis, table, most)
        for place, model in enumerate(looks):
            _frame(axis, place, informed.get((dataset, model), 0))
        axis.set_title(dataset)
        label_rows(axis, looks)
    axis.set_xlabel("dimension")
    figure.colorbar(
        image, ax=[row[0] for row in axes], label="I(x; z_d) [nats]", shrink=0.4, aspect=30
    )
    return figure


def table_of_dimensions(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Returns the means of one data set, model x dimension; NaN where a code has no such one."""
    found = rows["metric"].str.extract(rf"^{re.escape(metric)}/dimension-(\d+)$", expand=False)
    rows = rows.assign(dimension=found.astype(float))[found.notna()]
    table = rows.pivot(index="model", columns="dimension", values="mean")
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
