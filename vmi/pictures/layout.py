"""Images laid out beside and above each other, on white."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import pad

__all__ = ["beside", "enlarged", "rendered", "stacked", "tiled"]

LINE = 1  # pixels between the tiles of one table
SPACE = 6  # pixels between what is set apart
WIDTH = 240  # pixels that a picture is wide at least


def tiled(tiles: Tensor) -> Tensor:
    """Lays out rows of tiles, (R, Q, C, H, W), with white lines between, as one (C, H', W')."""
    channels = tiles.shape[2]
    framed = _padded(tiles.clamp(0, 1), LINE, LINE)
    rows = framed.permute(2, 0, 3, 1, 4).flatten(3, 4)
    return rows.reshape(channels, -1, rows.shape[-1])[:, :-LINE, :-LINE]


def beside(left: Tensor, right: Tensor) -> Tensor:
    """Sets two images of one height apart, (C, H, W) each."""
    return torch.cat([_padded(left, 0, SPACE), right], -1)


def stacked(images: Sequence[Tensor]) -> Tensor:
    """Sets images above each other, (C, H, W) each, the narrower ones flush with the left."""
    widest = max(image.shape[-1] for image in images)
    rows = [_padded(image, SPACE, widest - image.shape[-1]) for image in images]
    return torch.cat(rows, -2)[:, :-SPACE]


def enlarged(image: Tensor, width: int = WIDTH) -> Tensor:
    """Repeats the pixels of an image until it is large enough to be looked at, in whole times."""
    times = -(-width // image.shape[-1])
    return image.repeat_interleave(times, -1).repeat_interleave(times, -2)


def rendered(figure: Figure) -> Tensor:
    """Returns the pixels of a figure, (3, H, W)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = torch.from_numpy(np.array(canvas.buffer_rgba()))[..., :3]
    return pixels.permute(2, 0, 1).float() / 255


def _padded(image: Tensor, below: int, right: int) -> Tensor:
    return pad(image, (0, right, 0, below), value=1.0)
