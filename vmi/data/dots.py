"""Dots: one blurred dot an image, in the plane, at clustered places with holes between them."""

import math

import torch

from vmi.data.dataset import Dataset, from_arrays
from vmi.errors import UserError
from vmi.random import generator

__all__ = ["dots"]

RADIUS, JITTER, WIDTH = 0.3, 0.035, 0.1  # of the ring, around its places, of a dot; in sides


def dots(*, size: int = 12, places: int = 7, n: int = 3000) -> Dataset:
    r"""Creates images of one dot at one of some places on a ring, each with room around it.

    .. math:: x_{ij} = \exp(-\|(i, j) - c\|^2 / 2 w^2), \quad
        c = m + r (\cos t, \sin t) + s\,\epsilon, \quad t = 2 \pi k / K

    All that varies are the two numbers of c, whose density has a hole in the middle and gaps
    between the places: a code of two dimensions can hold it, and can be looked at. Pixels are real;
    the label is the place k, the factors are c, in sides of the image.

    Args:
        size: Side of the image in pixels.
        places: K.
        n: Images; a fifth of them is for evaluation.

    Raises:
        UserError: The size or the number of places is below 2, or there are fewer than 10 images.
    """
    for name, value, least in (("size", size, 2), ("places", places, 2), ("n", n, 10)):
        if value < least:
            raise UserError(f"dots: {name} is at least {least}, not {value}")
    noise = generator("dots", size, places, n)
    label = torch.randint(places, (n,), generator=noise)
    angle = 2 * math.pi * label / places
    ring = torch.stack([angle.cos(), angle.sin()], 1)
    centre = 0.5 + RADIUS * ring + JITTER * torch.randn(n, 2, generator=noise)
    at = (torch.arange(size) + 0.5) / size
    x, y = (-((at - c[:, None]) ** 2) / (2 * WIDTH**2) for c in centre.T)
    images = (y[:, :, None] + x[:, None, :]).exp()[:, None]
    names = {"factor_names": ("x", "y"), "label_names": tuple(map(str, range(places)))}
    return from_arrays("dots", images, label, centre, binary=False, source="drawn here", **names)
