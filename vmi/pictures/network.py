"""The Markov network of a code and the factors of variation, as a picture."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from vmi.data.dataset import Dataset, Split
from vmi.errors import NotApplicable
from vmi.learners.bridge import Ties, ties
from vmi.nets.codes import encode
from vmi.pictures.layout import rendered
from vmi.random import generator

__all__ = ["network", "plotted"]

OWN, SHARED, WITHIN = "#0072B2", "#D55E00", "#9CA3AF"


def network(model: nn.Module, split: Split, dataset: Dataset) -> Tensor:
    """The dimensions of the code at the left, the factors at the right, and what joins them.

    As `vmi.learners.bridge.network` learns it. Blue edges are a one-to-one pairing, orange ones are
    what is beyond it; grey are those of two dimensions, or of two factors.

    Raises:
        NotApplicable: The images have no factors, or none that varies.
    """
    if split.factors is None:
        raise NotApplicable(f"{dataset.name} has no factors")
    found = ties(encode(model, split), split.factors, generator("pictures", "network"))
    factors = split.factors.T
    varying = [
        name for name, v in zip(dataset.factor_names, factors, strict=True) if (v != v[0]).any()
    ]
    gaussian = [f"z{d}" for d in range(model.latents.gaussian)]
    names = [*gaussian, *(f"c{i}" for i in range(len(model.latents.categorical)))]
    return rendered(plotted(found, names, varying))


def plotted(found: Ties, dimensions: list[str], factors: list[str]) -> Figure:
    """Plots ties with the names of both sides."""
    rows = max(len(dimensions), len(factors))
    figure = Figure(figsize=(3.2, 0.32 * rows + 0.5), dpi=130, layout="constrained")
    axis = figure.subplots()
    heights = [_spread(len(names), rows) for names in (dimensions, factors)]
    places = [(0.0, y) for y in heights[0]] + [(1.0, y) for y in heights[1]]
    own = {(d, len(dimensions) + f) for d, f in found.partners}
    for i, j in zip(*found.edges.nonzero(), strict=True):
        if i < j:
            _edge(axis, places[i], places[j], (int(i), int(j)) in own)
    for (x, y), name in zip(places, [*dimensions, *factors], strict=True):
        axis.plot(x, y, "o", ms=5, color="#374151", zorder=3)
        side = {"ha": "right"} if x == 0 else {"ha": "left"}
        axis.text(x - 0.05 if x == 0 else x + 0.05, y, name, size=8, va="center", **side)
    axis.set_xlim(-0.55, 1.75)
    axis.set_axis_off()
    return figure


def _spread(count: int, rows: int) -> list[float]:
    """Heights from the top down, in the middle of so many rows."""
    first = (rows - 1 + count - 1) / 2
    return [first - i for i in range(count)]


def _edge(axis: Axes, start: tuple[float, float], end: tuple[float, float], own: bool) -> None:
    """A line from side to side, or a bow outwards within one side."""
    if start[0] != end[0]:
        style = {"color": OWN, "lw": 2.2} if own else {"color": SHARED, "lw": 1.4}
        axis.plot(*zip(start, end, strict=True), **style)
        return
    bend = 0.25 if start[0] == 0 else -0.25
    line = {"arrowstyle": "-", "color": WITHIN, "lw": 1.2, "connectionstyle": f"arc3,rad={bend}"}
    axis.annotate("", start, end, arrowprops=line)
