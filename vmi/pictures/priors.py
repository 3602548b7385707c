"""A prior beside the aggregate posterior: decoded samples, and maps of densities of two numbers."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from torch import Tensor, nn

from vmi.data.dataset import Split
from vmi.errors import NotApplicable
from vmi.nets.codes import Codes, encode
from vmi.nets.densities import log_aggregate
from vmi.nets.latents import Latents
from vmi.pictures.layout import beside, enlarged, rendered, tiled
from vmi.pictures.tiles import decoded, drawn
from vmi.priors.aggregate import Aggregate
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard
from vmi.random import generator

__all__ = ["densities", "samples_beside"]

ROWS, COLUMNS = 4, 6  # of each block of samples
WIDE = 480  # pixels, at least, of three blocks
CODES = 2000  # whose mixture is the aggregate posterior
REACH, POINTS, ESTIMATES = 4.0, 81, 10  # of a map: how far, points a side, of an estimated density


def samples_beside(model: nn.Module, split: Split, prior: Prior | None = None) -> Tensor:
    """Decoded draws of N(0, I), of the prior if it is another, and of q(z), by the same decoder.

    The blocks stand beside each other in this order, each of four rows. q(z) is the mixture of the
    posteriors of the images, so that the last block is what the best prior could show.
    """
    aggregate = _aggregate(model.latents, encode(model, split))
    blocks = [
        tiled(decoded(model, codes.unflatten(0, (ROWS, COLUMNS))))
        for codes in (
            drawn(model, ROWS * COLUMNS, split.images, "samples", each)
            for each in (None, *([prior] if prior is not None else []), aggregate)
        )
    ]
    picture = blocks[0]
    for block in blocks[1:]:
        picture = beside(picture, block)
    return enlarged(picture, WIDE)


def densities(model: nn.Module, split: Split, prior: Prior | None = None) -> Tensor:
    r"""Maps of q(z), of N(0, I) and of the prior if it is another, over a code of two numbers.

    q(z) is the mixture of the posteriors of the images. An estimated density is averaged over ten
    estimates. Each is scaled to sum to 1 over its map, which estimates do not by themselves, and
    says :math:`KL(q \| p)` of what lies there, which is then never negative.

    Raises:
        NotApplicable: The code is not two Gaussian dimensions.
    """
    latents = model.latents
    if (latents.gaussian, latents.size) != (2, 2):
        raise NotApplicable("maps are of codes of two Gaussian dimensions and nothing else")
    posterior = encode(model, split).thinned(CODES).posterior
    line = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    z = torch.cartesian_prod(line, line)
    maps = {"q(z)": log_aggregate(posterior, z), "N(0, I)": Standard(latents).log_prob(z)}
    if prior is not None:
        noise = generator("pictures", "densities")
        several = 1 if prior.bound == "exact" else ESTIMATES
        log_p = prior.log_prob(z[:, None].expand(-1, several, -1), noise)
        maps["the prior"] = log_p.exp().mean(1).log()
    return rendered(_maps(maps, float(line[1] - line[0]) ** 2))


def _aggregate(latents: Latents, codes: Codes) -> Aggregate:
    prior = Aggregate(latents, codes=CODES)
    prior.fit(codes, generator())
    return prior


def _maps(maps: dict[str, Tensor], area: float) -> Figure:
    """A panel a density, of one scale of colours."""
    figure = Figure(figsize=(2.3 * len(maps), 3.0), dpi=130, layout="constrained")
    maps = {name: log_p - log_p.logsumexp(0) - math.log(area) for name, log_p in maps.items()}
    q = maps["q(z)"]
    norm = PowerNorm(0.5, 0.0, float(torch.stack(list(maps.values())).max().exp()))
    for axis, (name, log_p) in zip(figure.subplots(1, len(maps)), maps.items(), strict=True):
        _map(axis, log_p.exp().view(POINTS, POINTS), norm)
        divergence = float((q.exp() * (q - log_p)).nan_to_num(0.0).sum() * area)
        said = "" if log_p is q else f"\nKL(q ‖ p) = {abs(divergence):.2f}"  # of -1e-17 too
        axis.set_title(f"{name}{said}", size=8)
    return figure


def _map(axis: Axes, density: Tensor, norm: PowerNorm) -> None:
    extent = (-REACH, REACH, -REACH, REACH)
    axis.imshow(density.T.numpy(), norm=norm, cmap="Blues", origin="lower", extent=extent)
    axis.set_xlabel("first number of the code", size=7)
    axis.tick_params(length=0, labelsize=7)
