"""Labels beside points, each at the nearest place where it covers nothing.

adjustText was tried on the information plane: its labels cover marks and each other where models
are near each other, and it takes 50 s where this takes less than one.
"""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D

__all__ = ["place_labels"]

SIZE = 7.5  # points of the font
RADII = (11, 15, 20, 27, 36, 48)  # points from the point to the middle of its label
ANGLES = np.radians((0, 90, 180, 270, 45, 315, 135, 225, 20, 340, 160, 200))
POINT = 4.5  # points from the middle of a mark to its edge
# Nearest first, and of those as near, to the right first; flatter than a circle is high.
OFFSETS = np.array([(1.25 * r * np.cos(a), r * np.sin(a)) for r in RADII for a in ANGLES])


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
        axis: The panel, with its lines plotted.
        points: (x, y) of each name, in the units of the axes.
        texts: What to write of each name.
        colours: Of each name; the text is darker than that.
    """
    scale = 72 / axis.figure.dpi
    places = {name: axis.transData.transform(xy) * scale for name, xy in points.items()}
    room = np.array(axis.bbox.extents) * scale
    taken = [_box(at, (POINT, POINT)) for at in places.values()]
    taken += [box for line in axis.lines for box in _segment(line, scale)]
    for name in sorted(places, key=lambda name: -places[name][1]):
        half = 0.3 * SIZE * len(texts[name]) + 1, 0.6 * SIZE
        boxes = _box(places[name] + OFFSETS, half)
        outside = _overlap(boxes, boxes) - _overlap(boxes, room)
        best = int(np.argmin(_overlap(boxes[:, None], np.array(taken)).sum(1) + 3 * outside))
        taken.append(boxes[best])
        _write(axis, texts[name], points[name], OFFSETS[best], _darker(colours[name]))


def _box(middle: np.ndarray, half: tuple[float, float]) -> np.ndarray:
    """Left, bottom, right, top, in points."""
    return np.concatenate([middle - half, middle + half], axis=-1)


def _overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The area that boxes share."""
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return sides.clip(min=0).prod(-1)


def _segment(line: Line2D, scale: float) -> list[np.ndarray]:
    """The box of a line along an axis, such as an interval; others cover too little of theirs."""
    ends = line.get_transform().transform(line.get_xydata()) * scale
    sides = np.ptp(ends, axis=0)
    upright = sides.min() < 1 < sides.max()
    return [np.concatenate([ends.min(0) - 0.7, ends.max(0) + 0.7])] if upright else []


def _darker(colour: str) -> tuple[float, ...]:
    return tuple(0.6 * part for part in to_rgb(colour))


def _write(
    axis: Axes,
    text: str,
    xy: tuple[float, float],
    offset: np.ndarray,
    colour: tuple[float, ...],
) -> None:
    line = {"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkA": 0, "shrinkB": 3}
    arrow = line if math.hypot(*offset) > 1.3 * RADII[0] else None
    where = {"textcoords": "offset points", "ha": "center", "va": "center", "zorder": 4}
    label = axis.annotate(text, xy, offset, **where, fontsize=SIZE, color=colour, arrowprops=arrow)
    label.set_in_layout(False)
