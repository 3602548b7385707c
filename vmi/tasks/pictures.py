r"""Tasks of pictures: a few numbers of known information, rendered as hundreds of pixels.

Both renderings are smooth and one-to-one, so the pictures have the mutual information of the
numbers; each docstring gives the inverse map, from a picture back to its numbers.

References:
    Butakov et al. (2024), https://arxiv.org/abs/2403.02187
"""

import torch
from torch import Tensor

from vmi.tasks.maps import normal_cdf
from vmi.tasks.normal import correlated, correlation_of
from vmi.tasks.task import Map, Task, through

__all__ = ["bumps", "draw_bumps", "draw_rectangles", "rectangles", "segments"]


def bumps(*, side: int = 16, information: float = 2.0, spread: float = 0.2) -> Task:
    r"""Creates pictures of a Gaussian bump, whose two coordinates are known of to some degree.

    x and y are drawn from uniform positions in the unit square, Phi of normal pairs with the same
    correlation in both coordinates. 2 nats are far from nothing, and far below the ceiling ln K of
    any estimate from a batch of K > 50: a wrong number is then the instrument's error.

    Args:
        side: Pixels along each axis; x and y have its square.
        information: I(x; y) in nats.
        spread: s of `draw_bumps`.

    References:
        Butakov et al. (2024), https://arxiv.org/abs/2403.02187
    """
    return _pictures(2, information, lambda p: draw_bumps(p, side, spread))


def rectangles(*, side: int = 16, information: float = 2.0, softness: float = 0.05) -> Task:
    r"""Creates pictures of a soft-edged rectangle, whose four edges are known of to some degree.

    x and y are drawn from four uniform numbers, Phi of normal pairs with the same correlation in
    all four: two of them become the left and right edge, and two the lower and upper (`segments`).

    Args:
        side: Pixels along each axis; x and y have its square.
        information: I(x; y) in nats.
        softness: w of `draw_rectangles`.

    References:
        Butakov et al. (2024), https://arxiv.org/abs/2403.02187
    """

    def draw(numbers: Tensor) -> Tensor:
        edges = torch.cat([segments(numbers[:, :2]), segments(numbers[:, 2:])], 1)
        return draw_rectangles(edges, side, softness)

    return _pictures(4, information, draw)


def draw_bumps(positions: Tensor, side: int, spread: float = 0.2) -> Tensor:
    r"""Draws bumps :math:`\exp(-|g - p|^2 / 2 s^2)` at the pixels g of a grid on [0, 1]^2.

    The logarithms of two neighbouring pixels differ by a linear function of p, which is how p is
    read off. With one pixel along an axis there is no neighbour, and no such map.

    Args:
        positions: p, (n, 2).
        side: Pixels along each axis, 2 or more.
        spread: s, in sides of the picture.

    Returns:
        (n, side * side), each picture row by row.
    """
    lines = torch.exp(-((_grid(side) - positions[:, :, None]) ** 2) / (2 * spread**2))
    return _product(lines[:, 0], lines[:, 1])


def segments(numbers: Tensor, shortest: float = 0.2) -> Tensor:
    r"""Returns the ends of segments in [0, 1], spread evenly over those that are long enough.

    .. math:: l = (1 - m)(1 - \sqrt{1 - u_1}), \qquad r = l + m + u_2 (1 - m - l)

    Args:
        numbers: u in [0, 1), (n, 2).
        shortest: m, the least length.
    """
    first, second = numbers.split(1, 1)
    low = (1 - shortest) * (1 - (1 - first).sqrt())
    return torch.cat([low, low + shortest + second * (1 - shortest - low)], 1)


def draw_rectangles(edges: Tensor, side: int, softness: float = 0.05) -> Tensor:
    r"""Draws rectangles with soft edges, the product of a line along each axis.

    A line of ends l < r is, with the logistic function \sigma,

    .. math:: a(t) = \sigma\left(\tfrac{t - l}{w}\right) \sigma\left(\tfrac{r - t}{w}\right),
        \qquad \frac{1}{a(t)} = 1 + L R + \frac{L}{s} + R s

    where s = exp(t/w), L = exp(l/w) and R = exp(-r/w). A row of the picture is c a(t), c unknown,
    and three of its pixels give (1 + L R)/c, L/c and R/c: three numbers for three unknowns, where
    1/c is the greater of the two solutions, as L R < 1.

    Args:
        edges: l and r along the rows, and l and r along the columns, (n, 4).
        side: Pixels along each axis, 3 or more.
        softness: w, in sides of the picture.

    Returns:
        (n, side * side), each picture row by row.
    """
    low, high = edges[:, 0::2, None], edges[:, 1::2, None]
    grid = _grid(side)
    lines = torch.sigmoid((grid - low) / softness) * torch.sigmoid((high - grid) / softness)
    return _product(lines[:, 0], lines[:, 1])


def _pictures(numbers: int, information: float, draw: Map) -> Task:
    """Normal pairs as uniform numbers as pictures."""
    base = correlated(numbers, correlation_of(information, numbers))
    return through(through(base, normal_cdf, normal_cdf), draw, draw)


def _grid(side: int) -> Tensor:
    return torch.linspace(0, 1, side, dtype=torch.float64)


def _product(along: Tensor, down: Tensor) -> Tensor:
    """Pictures (n, side * side) of lines (n, side) along the rows and down the columns."""
    return (down[:, :, None] * along[:, None, :]).flatten(1)
