"""Pictures of a model: reconstructions, samples and traversals, as torchvision grids."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.utils import make_grid, save_image

from vmi.data.dataset import Split
from vmi.random import generator

__all__ = ["draw_pictures", "reconstructions", "samples", "traversals"]

COLUMNS = 10
SIDE = 480  # pixels that a grid is drawn across at least, by repeating pixels


def draw_pictures(model: nn.Module, split: Split, folder: Path) -> None:
    """Writes reconstructions.png, samples.png and traversals.png."""
    images = split.images[:: max(1, len(split) // (2 * COLUMNS))][: 2 * COLUMNS]
    pictures = {
        "reconstructions": reconstructions(model, images),
        "samples": samples(model, images, 4 * COLUMNS),
        "traversals": traversals(model, images),
    }
    for name, tiles in pictures.items():
        save_image(_grid(tiles), folder / f"{name}.png")


@torch.no_grad()
def reconstructions(model: nn.Module, images: Tensor) -> Tensor:
    """Returns rows of images, each above the row of their reconstructions, (4 COLUMNS, C, H, W).

    An image is decoded from the mean of its code, and the most probable of each category.
    """
    decoded = model.decoder(_mode(model, images)).mean
    rows = zip(images.split(COLUMNS), decoded.split(COLUMNS), strict=True)
    return torch.cat([row for pair in rows for row in pair])


@torch.no_grad()
def samples(model: nn.Module, like: Tensor, n: int) -> Tensor:
    """Returns n images decoded from draws of the prior, the same draws for every model."""
    noise = model.latents.draw_noise((n,), generator("pictures", "samples"))
    prior = model.latents.prior(noise.to(like))
    return model.decoder(prior.sample_from(noise.to(like))).mean


@torch.no_grad()
def traversals(model: nn.Module, images: Tensor) -> Tensor:
    """Returns one row a dimension: the first image's code with that dimension moved.

    Gaussian dimensions go from -3 to 3, the most informed of the image first; a category goes
    through its values, over and over where it has fewer than there are columns.
    """
    q = model.encoder(images)
    code = _mode(model, images)[0]
    order = q.gaussian.stddev.mean(0).argsort()[:COLUMNS].tolist()
    rows = [_moved(code, d) for d in order]
    start = model.latents.gaussian
    for values in model.latents.categorical:
        rows.append(_turned(code, start, values))
        start += values
    return model.decoder(torch.cat(rows)).mean


def _mode(model: nn.Module, images: Tensor) -> Tensor:
    """The code at the posterior's mean, with the most probable value of each category."""
    q = model.encoder(images)
    return q.sample_from(torch.zeros_like(q.mean))


def _moved(code: Tensor, dimension: int) -> Tensor:
    rows = code.repeat(COLUMNS, 1)
    rows[:, dimension] = torch.linspace(-3, 3, COLUMNS)
    return rows


def _turned(code: Tensor, start: int, values: int) -> Tensor:
    rows = code.repeat(COLUMNS, 1)
    rows[:, start : start + values] = torch.eye(values)[torch.arange(COLUMNS) % values]
    return rows


def _grid(tiles: Tensor) -> Tensor:
    """A grid of tiles with white lines between, each pixel repeated until it is large enough."""
    grid = make_grid(tiles.clamp(0, 1), nrow=COLUMNS, padding=1, pad_value=1.0)
    times = -(-SIDE // grid.shape[-1])
    return grid.repeat_interleave(times, -1).repeat_interleave(times, -2)
