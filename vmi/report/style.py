"""How figures look: one colour and one marker for each model, the same in every figure."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vmi.report.names import display

__all__ = [
    "GREY",
    "INK",
    "Look",
    "Looks",
    "grid",
    "label_models",
    "label_rows",
    "legend",
    "looks",
    "many",
    "model_key",
    "row_height",
    "save",
    "styled",
    "wrapped",
]

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
LINES = ("-", "--", ":", "-.")
FILLS = ("full", "open", "half")
GREY, INK = "#6b7280", "#111827"

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


class Look(NamedTuple):
    """How a model is drawn: its colour, its marker, its line, and how its marker is filled."""

    colour: str
    marker: str
    line: str = "-"
    fill: str = "full"

    def marks(self) -> dict[str, Any]:
        """Returns the colours of its markers, for `Axes.plot` and `Line2D`."""
        if self.fill == "full":
            return {"color": self.colour, "mec": "white"}
        edge = {"color": self.colour, "mec": self.colour, "mfc": "white"}
        half = {"mfc": self.colour, "markerfacecoloralt": "white", "fillstyle": "left"}
        return edge | half if self.fill == "half" else edge


Looks = dict[str, Look]


def looks(
    models: Iterable[str],
    groups: Mapping[str, str] | None = None,
    arms: Mapping[str, str] | None = None,
) -> Looks:
    """Returns the look of each model: its colour, and a marker for those whom ink does not part.

    Models of one group share a colour, and within an arm each has a marker and a line of its own;
    the arms are told apart by how markers are filled.

    Args:
        models: Their names.
        groups: The group of each model; if left out, each model is its own.
        arms: The arm of each model; if left out, there is one.
    """
    models = list(dict.fromkeys(models))
    groups = groups or {m: m for m in models}
    if len(set(groups.values())) == len(models):
        return {m: Look(COLOURS[i % 12], MARKERS[i % 12]) for i, m in enumerate(models)}
    arms = arms or dict.fromkeys(models, "")
    colours, fills = _places(groups.values()), _places(arms.values())
    found, seen = {}, Counter()
    for model in models:
        group, arm = groups[model], arms[model]
        place = seen[group, arm]
        seen[group, arm] += 1
        fill = FILLS[fills[arm] % len(FILLS)]
        line = LINES[place % len(LINES)]
        found[model] = Look(COLOURS[colours[group] % 12], MARKERS[place % 12], line, fill)
    return found


def many(models: Sized) -> bool:
    """Returns whether the models are more than there are colours, so that figures turn around."""
    return len(models) > len(COLOURS)


def _places(names: Iterable[str]) -> dict[str, int]:
    """The place of each name in the order in which they first appear."""
    return {name: i for i, name in enumerate(dict.fromkeys(names))}


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


def label_models(axis: Axes, models: Sequence[str], *, names: bool = True, width: int = 24) -> None:
    """Puts the models on the vertical axis, the first on top."""
    axis.set_ylim(len(models) - 0.5, -0.5)
    axis.set_yticks(range(len(models)), [wrapped(m, width) if names else "" for m in models])
    axis.tick_params(axis="y", length=0)
    axis.set_ylabel("")


def label_rows(axis: Axes, looks: Looks, *, names: bool = True) -> None:
    """Puts models on the vertical axis, with a line between two arms.

    Each of many models has one line for its name: two would take twice the height.
    """
    label_models(axis, list(looks), names=names, width=40 if many(looks) else 24)
    fills = [look.fill for look in looks.values()]
    for place, (above, below) in enumerate(pairwise(fills)):
        if above != below:
            axis.axhline(place + 0.5, color="#9ca3af", lw=0.7, zorder=0.5)


def legend(figure: Figure, handles: Mapping[str, Line2D]) -> None:
    """Puts a legend under the panels, in as many columns as its longest entry leaves room for."""
    if not handles:
        return
    longest = max(len(line) for name in handles for line in name.split("\n"))
    fit = int(figure.get_figwidth() / (0.075 * longest + 0.5))
    columns = max(1, min(len(handles), fit))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)


def model_key(looks: Looks, **kwargs) -> dict[str, Line2D]:
    """Returns the legend of the models, as their markers and lines unless told otherwise."""
    common = {"ms": 8, "mec": "white"} | kwargs
    return {
        wrapped(model, 40): Line2D(
            [], [], **{"color": look.colour, "marker": look.marker, "ls": look.line} | common
        )
        for model, look in looks.items()
    }


def save(figure: Figure, stem: Path) -> None:
    """Writes the figure as PNG, crisp enough for a dense screen, and as SVG."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    with rc_context(_STYLE):
        figure.savefig(stem.with_suffix(".png"), dpi=160, metadata={"Software": None})
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
