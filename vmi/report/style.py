"""How figures look: one colour and one marker for each method, the same in every figure."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib import rc_context, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

__all__ = [
    *("COLOURS", "GREY", "INK", "Look", "Looks", "columned", "grid", "label_rows", "legend"),
    *("looks", "many", "method_key", "row_height", "save", "styled", "wrapped"),
]

# Okabe and Ito's colours without yellow, which drowns on white, then four of Tol's "muted".
COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D"),
    *("#882255", "#999933", "#332288", "#AA4499", "#117733"),
)
MARKERS = "oDs^vPXd<>ph"
LINES = ("-", "--", ":", "-.")
FILLS = ("full", "open", "half")
GREY, INK = "#6b7280", "#111827"
LINE = 0.21  # inches of a line of a key
PIXELS = 16_000  # that a figure has across or down, at most

# What seaborn's "whitegrid" says, less the seconds of importing it.
_WHITEGRID = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelcolor": ".15",
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": ".15",
    "xtick.bottom": False,
    "xtick.color": ".15",
    "ytick.color": ".15",
    "ytick.left": False,
}
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
    "text.parse_math": False,  # a $ in a name is a $
}


class Look(NamedTuple):
    """How a method looks: its colour, its marker, its line, how its marker is filled, its name."""

    colour: str
    marker: str
    line: str = "-"
    fill: str = "full"
    name: str = ""

    def marks(self) -> dict[str, Any]:
        """Returns the colours of its markers, for `Axes.plot` and `Line2D`."""
        if self.fill == "full":
            return {"color": self.colour, "mec": "white"}
        edge = {"color": self.colour, "mec": self.colour, "mfc": "white"}
        half = {"mfc": self.colour, "markerfacecoloralt": "white", "fillstyle": "left"}
        return edge | half if self.fill == "half" else edge


Looks = dict[str, Look]


def looks(
    names: Mapping[str, str],
    groups: Mapping[str, str] | None = None,
    variants: Mapping[str, str] | None = None,
) -> Looks:
    """Returns the look of each method: its colour, and a marker for those whom ink does not part.

    Methods of one group share a colour, and within a variant each has a marker and a line of its
    own; the variants are told apart by how markers are filled.

    Args:
        names: What a person reads of each.
        groups: The group of each; if left out, each is its own.
        variants: The variant of each; if left out, there is one.
    """
    groups = groups or {m: m for m in names}
    if len(set(groups.values())) == len(names):
        return {
            m: Look(COLOURS[i % 12], MARKERS[i % 12], name=names[m]) for i, m in enumerate(names)
        }
    variants = variants or dict.fromkeys(names, "")
    colours, fills = _places(groups.values()), _places(variants.values())
    found, seen = {}, Counter()
    for method, name in names.items():
        group, variant = groups[method], variants[method]
        place = seen[group, variant]
        seen[group, variant] += 1
        fill = FILLS[fills[variant] % len(FILLS)]
        line = LINES[place % len(LINES)]
        found[method] = Look(COLOURS[colours[group] % 12], MARKERS[place % 12], line, fill, name)
    return found


def many(names: Sized) -> bool:
    """Returns whether names are more than there are colours, so that figures turn around."""
    return len(names) > len(COLOURS)


def _places(names: Iterable[str]) -> dict[str, int]:
    """The place of each name in the order in which they first appear."""
    return {name: i for i, name in enumerate(dict.fromkeys(names))}


@contextmanager
def styled() -> Iterator[None]:
    """Plots in the report's style and leaves the user's own settings alone."""
    with style.context(["default", _WHITEGRID, _STYLE]):
        yield


def wrapped(name: str, width: int = 24) -> str:
    """Returns a name broken into lines that fit beside an axis."""
    breakable = name.replace(".", ".\u200b").replace(":", ":\u200b").replace("_", "_\u200b")
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
        axis.spines[["left", "right", "top"]].set_visible(False)
    return figure, axes.tolist()


def columned(
    rows: int, columns: Mapping[str, Looks], *, width: float, height: float, **mark
) -> tuple[Figure, list[list[Axes]]]:
    """Creates a figure of `rows` panels for each variant, and under them the key of its methods.

    Args:
        rows: How many panels each variant has.
        columns: The looks of the methods of each variant.
        width: Of a panel, in inches.
        height: Of a panel.
        mark: How a method looks in the key, as `Line2D` takes it.
    """
    keys = LINE * (1 + max(map(len, columns.values())))
    mean = (rows * height + keys) / (rows + 1)
    ratios = [*[height] * rows, keys]
    figure, axes = grid(rows + 1, len(columns), width=width, height=mean, height_ratios=ratios)
    for (variant, looks), first, last in zip(columns.items(), axes[0], axes[-1], strict=True):
        first.set_title(variant)
        key = method_key(looks, **mark)
        last.legend(key.values(), key.keys(), loc="upper left", borderaxespad=0)
        last.axis("off")
    return figure, axes[:-1]


def row_height(looks: Looks) -> float:
    """Returns the inches that a method's row needs: more where some name takes two lines."""
    return 0.38 if any("\n" in wrapped(look.name) for look in looks.values()) else 0.3


def label_rows(axis: Axes, looks: Looks, *, names: bool = True) -> None:
    """Puts methods on the vertical axis, the first on top, with a line between two variants.

    Each of many methods has one line for its name: two would take twice the height.
    """
    width = 40 if many(looks) else 24
    axis.set_ylim(len(looks) - 0.5, -0.5)
    shown = [wrapped(look.name, width) if names else "" for look in looks.values()]
    axis.set_yticks(range(len(looks)), shown)
    axis.tick_params(axis="y", length=0)
    axis.set_ylabel("")
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


def method_key(looks: Looks, **kwargs) -> dict[str, Line2D]:
    """Returns the legend of the methods: their markers and lines, unless `kwargs` say otherwise."""
    common = {"ms": 8, "mec": "white"} | kwargs
    return {
        wrapped(look.name, 40): Line2D(
            [], [], **{"color": look.colour, "marker": look.marker, "ls": look.line} | common
        )
        for look in looks.values()
    }


def save(figure: Figure, stem: Path) -> None:
    """Writes the figure as PNG, crisp enough for a dense screen, and as SVG.

    A figure that would have more pixels across than the page's WebP can hold is written coarser.
    """
    dpi = min(160, PIXELS / max(figure.get_size_inches()))
    stem.parent.mkdir(parents=True, exist_ok=True)
    with rc_context(_STYLE):
        figure.savefig(stem.with_suffix(".png"), dpi=dpi, metadata={"Software": None})
        figure.set_layout_engine(None)  # the panels are where they are to be
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
