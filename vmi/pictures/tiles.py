"""Reconstructions, samples and traversals, and the decoding of codes with one part moved."""

import torch
from torch import Tensor, nn

from vmi.data.dataset import Split, evenly_spread
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard
from vmi.random import generator

__all__ = [
    "decoded",
    "drawn",
    "mode",
    "placed",
    "reconstructions",
    "samples",
    "traversals",
]

COLUMNS = 10


def reconstructions(model: nn.Module, split: Split) -> Tensor:
    """Two rows of images, each above the row of their reconstructions.

    An image is decoded from the mean of its code, and the most probable of each category.
    """
    images = split.images[evenly_spread(len(split), 2 * COLUMNS)]
    rows = [x.unflatten(0, (2, COLUMNS)) for x in (images, model.decoder(mode(model, images)).mean)]
    return torch.stack(rows, 1).flatten(0, 1)


def samples(model: nn.Module, split: Split, prior: Prior | None = None) -> Tensor:
    """Images decoded from draws of the prior, the same draws for every model with such a code."""
    codes = drawn(model, 4 * COLUMNS, split.images, "samples", prior)
    return decoded(model, codes.unflatten(0, (4, COLUMNS)))


def traversals(model: nn.Module, split: Split) -> Tensor:
    """One row a dimension: an image's code with that dimension moved.

    Gaussian dimensions go from -3 to 3, the most informed of the image first; a category goes
    through its values, over and over where it has fewer than there are columns.
    """
    images = split.images[evenly_spread(len(split), 2 * COLUMNS)]
    code = mode(model, images)[:1]
    order = model.encoder(images).gaussian.stddev.mean(0).argsort()[:COLUMNS].tolist()
    rows = [placed(code, d, torch.linspace(-3, 3, COLUMNS)[:, None]) for d in order]
    start = model.latents.gaussian
    for values in model.latents.categorical:
        rows.append(placed(code, start, torch.eye(values)[torch.arange(COLUMNS) % values]))
        start += values
    return decoded(model, torch.cat(rows))


def mode(model: nn.Module, images: Tensor) -> Tensor:
    """Returns the codes at the posterior's mean, with the most probable value of each category."""
    q = model.encoder(images)
    return q.sample_from(torch.zeros_like(q.mean))


def drawn(
    model: nn.Module, n: int, like: Tensor, stream: str, prior: Prior | None = None
) -> Tensor:
    """Returns n draws of the prior, (n, size), of the type of `like`; the name fixes them.

    It is that of the training if it is None.
    """
    return (prior or Standard(model.latents)).sample(n, generator("pictures", stream)).to(like)


def placed(codes: Tensor, start: int, values: Tensor) -> Tensor:
    """Returns each code, (N, size), with values, (S, k), in its k places from `start` on.

    The result is (N, S, size).
    """
    moved = codes[:, None].repeat(1, len(values), 1)
    moved[..., start : start + values.shape[1]] = values
    return moved


def decoded(model: nn.Module, codes: Tensor) -> Tensor:
    """Returns the mean images, (R, Q, C, H, W), of codes (R, Q, size)."""
    return model.decoder(codes.flatten(0, 1)).mean.unflatten(0, codes.shape[:2])
