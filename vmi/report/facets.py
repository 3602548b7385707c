"""Figures with a column for each arm, and under it the key of the arm's own models."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vmi.report.style import Looks, grid, model_key

__all__ = ["by_arm", "columned"]

LINE = 0.21  # inches of a line of a key


def by_arm(looks: Looks, arms: Mapping[str, str]) -> dict[str, Looks]:
    """Returns the looks of each arm's models, the arms in the order in which they appear."""
    columns: dict[str, Looks] = {}
    for model, look in looks.items():
        columns.setdefault(arms.get(model, ""), {})[model] = look
    return columns


def columned(
    rows: int, columns: Mapping[str, Looks], *, width: float, height: float, **mark
) -> tuple[Figure, list[list[Axes]]]:
    """Creates a figure of `rows` panels for each arm, of that size in inches, with their keys.

    Args:
        rows: How many panels each arm has.
        columns: The looks of the models of each arm.
        width: Of a panel.
        height: Of a panel.
        mark: How a model is drawn in the key, as `Line2D` takes it.
    """
    keys = LINE * (1 + max(map(len, columns.values())))
    mean = (rows * height + keys) / (rows + 1)
    ratios = [*[height] * rows, keys]
    figure, axes = grid(rows + 1, len(columns), width=width, height=mean, height_ratios=ratios)
    for (arm, looks), first, last in zip(columns.items(), axes[0], axes[-1], strict=True):
        first.set_title(arm)
        key = model_key(looks, **mark)
        last.legend(key.values(), key.keys(), loc="upper left", borderaxespad=0)
        last.axis("off")
    return figure, axes[:-1]
