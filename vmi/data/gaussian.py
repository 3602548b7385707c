"""A linear-Gaussian world, in which the likelihood, the posterior and the information are known."""

import math

import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from vmi.data.dataset import Dataset, from_arrays
from vmi.errors import UserError
from vmi.random import generator

__all__ = ["LinearGaussian", "gaussian"]


def gaussian(
    *, dimensions: int = 16, factors: int = 4, scale: float = 1.0, n: int = 10_000
) -> Dataset:
    """Creates n draws of a `LinearGaussian`, as float images of shape (1, 1, dimensions).

    The factors are the true z, so every estimate on this data can be held against a closed form.

    Args:
        dimensions: D, the number of pixels.
        factors: k, the number of factors, at most D.
        scale: Standard deviation of the noise.
        n: How many images, both splits together; 3 are the fewest that leave one for each.

    Raises:
        UserError: A setting is out of range.
    """
    if type(n) is not int or n < 3:
        raise UserError(f"gaussian: n must be a whole number of at least 3, not {n!r}")
    if not (type(dimensions) is type(factors) is int and 1 <= factors <= dimensions):
        raise UserError(
            "gaussian: needs 1 <= factors <= dimensions, whole numbers, "
            f"not factors={factors!r}, dimensions={dimensions!r}"
        )
    world = LinearGaussian(dimensions=dimensions, latents=factors, scale=scale)
    x, z = world.sample(n, generator("gaussian", "sample", dimensions, factors))
    return from_arrays(
        "gaussian",
        x.float().view(n, 1, 1, dimensions),
        factors=z.float(),
        factor_names=tuple(f"z{j}" for j in range(factors)),
        binary=False,
        source="drawn: z ~ N(0, I), x ~ N(W z, scale^2 I)",
    )


class LinearGaussian:
    r"""A world of independent Gaussian factors, observed through a linear map with noise (PPCA).

        z ~ N(0, I_k),    x = W z + s \epsilon,    \epsilon ~ N(0, I_D)

    The columns of W are orthogonal with norms d_1 > ... > d_k, evenly spaced from 3 to 1, and are
    fixed by D and k. All that is returned is float64.

    Args:
        dimensions: D.
        latents: k, from 1 to D.
        scale: s > 0.

    Raises:
        UserError: An argument is out of range.

    References:
        Tipping & Bishop (1999), https://doi.org/10.1111/1467-9868.00196

    Example:
        >>> world = LinearGaussian(dimensions=3, latents=1, scale=1.0)
        >>> round(world.information(), 4)  # .5 log(1 + 3^2)
        1.1513
    """

    def __init__(self, *, dimensions: int = 16, latents: int = 4, scale: float = 1.0) -> None:
        """Checks the sizes and fixes W."""
        if not (isinstance(dimensions, int) and 1 <= latents <= dimensions and scale > 0):
            raise UserError(
                "gaussian: needs 1 <= latents <= dimensions, whole numbers, and scale > 0, "
                f"not latents={latents}, dimensions={dimensions}, scale={scale}"
            )
        self.scale = scale
        self.norms = torch.linspace(3, 1, latents, dtype=torch.float64)
        self.loadings = _orthonormal(dimensions, latents) * self.norms  # W, (D, k)

    def sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draws n pairs; returns x (n, D) and z (n, k)."""
        dimensions, latents = self.loadings.shape
        z = torch.randn(n, latents, generator=generator, dtype=torch.float64)
        noise = torch.randn(n, dimensions, generator=generator, dtype=torch.float64)
        return z @ self.loadings.T + self.scale * noise, z

    def log_prob(self, x: Tensor) -> Tensor:
        r"""Returns log p(x) in nats, (N,), of images (N, ...) with D pixels each.

        x ~ N(0, W W' + s^2 I), where the Woodbury identity gives

        log p(x) = -.5 [ D log(2 \pi) + (D - k) log s^2 + \sum_j log(d_j^2 + s^2)
                         + |x|^2 / s^2 - \sum_j (w_j' x)^2 / (s^2 (d_j^2 + s^2)) ].
        """
        x = x.double().flatten(1)
        dimensions, latents = self.loadings.shape
        noise, total = self.scale**2, self.norms**2 + self.scale**2
        volume = dimensions * math.log(2 * math.pi) + (dimensions - latents) * math.log(noise)
        explained = ((x @ self.loadings) ** 2 / total).sum(1)
        return -0.5 * (volume + total.log().sum() + ((x**2).sum(1) - explained) / noise)

    def posterior(self, x: Tensor) -> Independent:
        """Returns p(z | x), (N,) by (k,), of images (N, ...) with D pixels each.

        z_j | x ~ N(w_j' x / (d_j^2 + s^2), s^2 / (d_j^2 + s^2)), independent as W'W is diagonal.
        """
        total = self.norms**2 + self.scale**2
        mean = x.double().flatten(1) @ self.loadings / total
        return Independent(Normal(mean, (self.scale / total.sqrt()).expand_as(mean)), 1)

    def information(self) -> float:
        """Returns I(x; z) = .5 log det(I + W'W / s^2) = .5 sum_j log(1 + d_j^2 / s^2) in nats."""
        return 0.5 * torch.log1p(self.norms**2 / self.scale**2).sum().item()


def _orthonormal(rows: int, columns: int) -> Tensor:
    """Returns an orthonormal basis that the sizes alone fix, signs included."""
    stream = generator("gaussian", "loadings", rows, columns)
    basis, upper = torch.linalg.qr(
        torch.randn(rows, columns, generator=stream, dtype=torch.float64)
    )
    return basis * upper.diagonal().sign()
