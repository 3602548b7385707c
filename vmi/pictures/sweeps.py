"""Images decoded over the first two Gaussian dimensions and the category, as the authors show them.

References:
    | Variational Mutual Information Maximization Framework for VAE Latent Codes with Continuous and
      Discrete Priors (Serdega & Kim, 2020)
    | https://arxiv.org/abs/2005.13953
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from vmi.data.dataset import Split, evenly_spread
from vmi.errors import NotApplicable
from vmi.nets.latents import Latents
from vmi.pictures.layout import beside, stacked, tiled
from vmi.pictures.tiles import decoded, drawn, mode, placed
from vmi.priors.prior import Prior

__all__ = ["grid", "paths", "sweeps", "sweeps_prior"]

IMAGES = 5
STEPS = 11
SIDE = 10


def sweeps(model: nn.Module, split: Split, *, reach: float = 5.0) -> Tensor:
    """Images, and beside each its code decoded with one part of it moved.

    There is a block of rows for each of the first two Gaussian dimensions, moved from -reach to
    reach in 11 steps, and one for each category, which goes through its values. The rest of a code
    stays at the posterior's mean and at the most probable value of each category.

    Args:
        model: The frozen model.
        split: Of the images; the same five, evenly spread over it, in every block.
        reach: The authors' is 5.
    """
    images = split.images[evenly_spread(len(split), IMAGES)]
    return _swept(model, images, mode(model, images), reach)


def sweeps_prior(
    model: nn.Module, split: Split, prior: Prior | None = None, *, reach: float = 5.0
) -> Tensor:
    """Decoded draws of the prior, and beside each the draw with one part of it moved.

    As `sweeps`, on five draws that are the same for every model with such a code.
    """
    codes = drawn(model, IMAGES, split.images, "sweeps-prior", prior)
    return _swept(model, model.decoder(codes).mean, codes, reach)


def grid(model: nn.Module, split: Split, *, reach: float = 5.0) -> Tensor:
    """10 x 10 images decoded over the first two Gaussian dimensions.

    Dimension 0 goes from -reach to reach from left to right, dimension 1 from top to bottom; the
    other dimensions are at the prior's mean, 0, and each category has its first value.

    Args:
        model: The frozen model.
        split: Of images, of whose type the codes are.
        reach: The authors' range is not known; 5 is that of their sweeps, of which this is the
            plane.

    Raises:
        NotApplicable: The code has fewer than two Gaussian dimensions.
    """
    latents = model.latents
    if latents.gaussian < 2:
        raise NotApplicable("the code has fewer than two Gaussian dimensions")
    first = [torch.eye(values)[0] for values in latents.categorical]
    code = torch.cat([torch.zeros(latents.gaussian), *first]).to(split.images)
    steps = torch.linspace(-reach, reach, SIDE)
    plane = torch.cartesian_prod(steps, steps).flip(1)
    return decoded(model, placed(code[None], 0, plane)[0].unflatten(0, (SIDE, SIDE)))


def paths(latents: Latents, codes: Tensor, reach: float) -> Iterator[Tensor]:
    """Yields what the codes, (N, size), become along each sweep, (N, steps, size)."""
    for dimension in range(min(2, latents.gaussian)):
        yield placed(codes, dimension, torch.linspace(-reach, reach, STEPS)[:, None])
    start = latents.gaussian
    for values in latents.categorical:
        yield placed(codes, start, torch.eye(values))
        start += values


def _swept(model: nn.Module, images: Tensor, codes: Tensor, reach: float) -> Tensor:
    """A block a sweep, with the images that it starts from set apart at its left."""
    left = tiled(images[:, None])
    blocks = [decoded(model, path) for path in paths(model.latents, codes, reach)]
    return stacked([beside(left, tiled(block)) for block in blocks])
