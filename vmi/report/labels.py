"""Labels beside points, each at the nearest place where it covers nothing."""

import math
from collections.abc import Iterator, Mapping

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D

__all__ = ["place_labels"]

SIZE = 7.5  # points of the font
RADII = (11, 15, 20, 27, 36, 48)  # points from the point to the middle of its label
POINT = 4.5  # points from the middle of a mark to its edge

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


def place_labels(
    axis: Axes,
    points: Mapping[str, tuple[float, float]],
    texts: Mapping[str, str],
    colours: Mapping[str, str],
) -> None:
    """Writes each point's text beside it, with a thin line where it had to move away.

    Greedy: labels are placed one by one from the top, each where it covers least of the marks, of
    the lines, of the labels before it and of what is outside the panel. The figure must have been
    laid out.

    Args:
        axis: The panel, with its lines drawn.
        points: (x, y) of each name, in the units of the axes.
        texts: What to write of each name.
        colours: Of each name; the text is darker than that.
    """
    scale = 72 / axis.figure.dpi
    places = {name: axis.transData.transform(xy) * scale for name, xy in points.items()}
    room = tuple(edge * scale for edge in axis.bbox.extents)
    taken = [_box(x, y, POINT, POINT) for x, y in places.values()]
    taken += [box for line in axis.lines for box in _segment(line, scale)]
    for name in sorted(places, key=lambda name: -places[name][1]):
        x, y = places[name]
        half = 0.3 * SIZE * len(texts[name]) + 1, 0.6 * SIZE
        offsets = list(_offsets())
        boxes = [_box(x + dx, y + dy, *half) for dx, dy in offsets]
        best = min(range(len(boxes)), key=lambda i: (_covered(boxes[i], taken, room), i))
        taken.append(boxes[best])
        _write(axis, texts[name], points[name], offsets[best], _darker(colours[name]))


def _offsets() -> Iterator[tuple[float, float]]:
    """Nearest first, and of those as near, to the right first; flatter than a circle is high."""
    for radius in RADII:
        for angle in (0, 90, 180, 270, 45, 315, 135, 225, 20, 340, 160, 200):
            turn = math.radians(angle)
            yield 1.25 * radius * math.cos(turn), radius * math.sin(turn)


def _segment(line: Line2D, scale: float) -> list[Box]:
    """The box of a line along an axis, such as an interval; others cover too little of theirs."""
    ends = line.get_transform().transform(line.get_xydata()) * scale
    (left, bottom), (right, top) = ends.min(0), ends.max(0)
    upright = min(right - left, top - bottom) < 1 < max(right - left, top - bottom)
    return [(left - 0.7, bottom - 0.7, right + 0.7, top + 0.7)] if upright else []


def _darker(colour: str) -> tuple[float, ...]:
    return tuple(0.6 * part for part in to_rgb(colour))


def _write(
    axis: Axes,
    text: str,
    xy: tuple[float, float],
    offset: tuple[float, float],
    colour: tuple[float, ...],
) -> None:
    line = {"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 3}
    made = axis.annotate(
        text,
        xy,
        offset,
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=SIZE,
        color=colour,
        zorder=4,
        arrowprops=line if math.hypot(*offset) > 1.3 * RADII[0] else None,
    )
    made.set_in_layout(False)


def _box(x: float, y: float, half_width: float, half_height: float) -> Box:
    return x - half_width, y - half_height, x + half_width, y + half_height


def _covered(box: Box, taken: list[Box], room: Box) -> float:
    """The area of a box that lies on others or outside."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    return sum(_overlap(box, other) for other in taken) + 3 * (area - _overlap(box, room))


def _overlap(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)
