"""How figures look: one colour and one marker for each model, the same in every figure."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.names import display

__all__ = [
    "GREY",
    "Looks",
    "grid",
    "label_models",
    "legend",
    "looks",
    "row_height",
    "save",
    "styled",
    "wrapped",
]

Looks = dict[str, tuple[str, str]]  # of each model, its colour and marker

# Okabe and Ito's colours without yellow, which drowns on white, then four of Tol's "muted".
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#4D4D4D",
    "#882255",
    "#999933",
    "#332288",
    "#AA4499",
    "#117733",
)
MARKERS = "oDs^vPXd<>ph"
GREY = "#6b7280"

_STYLE = {
    "axes.titlesize": 11,
    "axes.labelsize": 9.5,
    "axes.edgecolor": "#9ca3af",
    "axes.titleweight": "bold",
    "axes.grid.axis": "x",
    "grid.color": "#e5e7eb",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "font.family": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "vmi",
    "axes.unicode_minus": True,
}


def looks(models: Sequence[str]) -> Looks:
    """Returns the colour and marker of each model; the markers carry those that ink cannot."""
    return {m: (COLOURS[i % 12], MARKERS[i % 12]) for i, m in enumerate(dict.fromkeys(models))}


@contextmanager
def styled() -> Iterator[None]:
    """Draws in the report's style and leaves the user's own settings alone."""
    with sns.axes_style("whitegrid"), rc_context(_STYLE):
        yield


def wrapped(name: str, width: int = 24) -> str:
    """Returns the display name broken into lines that fit beside an axis."""
    breakable = (
        display(name).replace(".", ".\u200b").replace(":", ":\u200b").replace("_", "_\u200b")
    )
    lines = textwrap.wrap(breakable.replace("\u200b", " \u200b"), width)
    return "\n".join(line.replace(" \u200b", "").replace("\u200b", "") for line in lines)


def grid(
    rows: int, columns: int, *, width: float, height: float, **kwargs
) -> tuple[Figure, list[list[Axes]]]:
    """Creates a figure of `rows x columns` panels of that size in inches."""
    figure = Figure(figsize=(width * columns + 1.6, height * rows + 0.6), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    axes = figure.subplots(rows, columns, squeeze=False, **kwargs)
    for axis in axes.flat:
        sns.despine(ax=axis, left=True)
    return figure, axes.tolist()


def row_height(models: Iterable[str]) -> float:
    """Returns the inches that a model's row needs: more where some name takes two lines."""
    return 0.38 if any("\n" in wrapped(m) for m in models) else 0.3


def label_models(axis: Axes, models: Sequence[str], *, names: bool = True) -> None:
    """Puts the models on the vertical axis, the first on top."""
    axis.set_ylim(len(models) - 0.5, -0.5)
    axis.set_yticks(range(len(models)), [wrapped(m) if names else "" for m in models])
    axis.tick_params(axis="y", length=0)
    axis.set_ylabel("")


def legend(figure: Figure, handles: Mapping[str, Line2D]) -> None:
    """Puts a legend under the panels, in as many columns as its longest entry leaves room for."""
    if not handles:
        return
    longest = max(len(line) for name in handles for line in name.split("\n"))
    fit = int(figure.get_figwidth() / (0.075 * longest + 0.5))
    columns = max(1, min(len(handles), fit))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)


def save(figure: Figure, stem: Path) -> None:
    """Writes the figure as PNG, crisp enough for a dense screen, and as SVG."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    with rc_context(_STYLE):
        figure.savefig(stem.with_suffix(".png"), dpi=160, metadata={"Software": None})
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
