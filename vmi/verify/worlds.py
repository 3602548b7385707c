"""Problems with exact answers, which estimators, metrics and likelihoods are held against."""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from vmi.data.gaussian import LinearGaussian
from vmi.models.vae import VAE
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.random import generator

__all__ = [
    "CategoricalWorld",
    "JointWorld",
    "TwoModes",
    "channel_codes",
    "linear_codes",
    "linear_gap",
    "linear_images",
    "linear_vae",
    "one_hot_codes",
    "plain_codes",
    "symmetric_channel",
]

# ---------------------------------------------------------------- a linear-Gaussian world


def linear_vae(world: LinearGaussian, spread: float = 1.0) -> VAE:
    """A VAE that holds p(x|z) of the world and, with spread 1, the exact p(z|x), in float64.

    Any other spread multiplies the posterior's standard deviations, which leaves the gap
    `linear_gap` between log p(x) and the evidence lower bound of every image.
    """
    dimensions, latents = world.loadings.shape
    likelihood = f"gaussian-{world.scale}"
    model = VAE((1, 1, dimensions), Latents(latents), "linear", likelihood).double()
    total = world.norms**2 + world.scale**2
    variance = spread**2 * world.scale**2 / total
    _fix(model.encoder, _above(world.loadings.T / total[:, None]), _below(variance.log()))
    _fix(model.decoder, world.loadings, torch.zeros(dimensions))
    return model.eval().requires_grad_(False)


def linear_gap(world: LinearGaussian, spread: float) -> float:
    """KL(q(z|x) || p(z|x)), the same for every image: the means agree, the scales do not."""
    return len(world.norms) * (spread**2 - 1 - 2 * math.log(spread)) / 2


def linear_images(world: LinearGaussian, n: int) -> Tensor:
    """Draws n images of the world, (n, 1, 1, D), the same each time."""
    x, _ = world.sample(n, generator("problems", n))
    return x.view(n, 1, 1, -1)


def linear_codes(world: LinearGaussian, n: int) -> Codes:
    """The exact posteriors of n images; their aggregate is the prior, so rate = information."""
    posterior = world.posterior(linear_images(world, n)).base_dist
    return Codes(posterior.mean, posterior.stddev)


# ---------------------------------------------------------------- a world of two modes


class Magnitude(nn.Module):
    """Maps a code to its magnitude, which z and -z share."""

    def forward(self, z: Tensor) -> Tensor:
        """Returns |z|, (..., G)."""
        return z.abs()


class TwoModes:
    r"""x = |z| + noise, z ~ N(0, 1): of every image but the darkest, z and -z are as likely.

    .. math:: p(z|x) \propto N(z; m, v) + N(z; -m, v), \quad m = x / (1 + s^2), \quad
        v = s^2 / (1 + s^2)

    each on its own side of 0. The encoder of its `vae` has the first alone.

    Args:
        scale: s, of the noise.
    """

    def __init__(self, scale: float = 0.05) -> None:
        self.scale = scale

    def sample(self, n: int) -> Tensor:
        """Draws n images of z beyond 1, (n, 1, 1, 1), where the two sides are far apart."""
        z = 1 + torch.rand(n, generator=generator("z", n), dtype=torch.float64)
        noise = torch.randn(n, generator=generator("x", n), dtype=torch.float64)
        return (z + self.scale * noise).view(n, 1, 1, 1)

    def log_prob(self, x: Tensor) -> Tensor:
        r"""Returns :math:`\ln 2 N(x; 0, 1 + s^2) \Phi(m / \sqrt v)`, (N,)."""
        x = x.flatten()
        variance = 1 + self.scale**2
        inside = torch.special.log_ndtr(x / (variance * self.scale**2) ** 0.5)
        density = -(x**2) / (2 * variance) - math.log(2 * math.pi * variance) / 2
        return math.log(2) + density + inside

    def vae(self) -> VAE:
        """Holds p(x|z), and of p(z|x) the mode above 0."""
        model = VAE((1, 1, 1), Latents(1), "linear", f"gaussian-{self.scale}").double()
        variance = 1 + self.scale**2
        gain = torch.tensor([[1 / variance], [0.0]]).double()
        spread = torch.tensor([0.0, math.log(self.scale**2 / variance)]).double()
        _fix(model.encoder, gain, spread)
        _fix(model.decoder, torch.ones(1, 1), torch.zeros(1))
        model.decoder.net = nn.Sequential(Magnitude(), model.decoder.net)
        return model.eval().requires_grad_(False)


# ---------------------------------------------------------------- a categorical world


class CategoricalWorld:
    """One of K values is drawn evenly and seen as D independent bits; all of it can be summed.

    Args:
        values: K.
        pixels: D, few enough to go through all 2^D images.
    """

    def __init__(self, values: int = 4, pixels: int = 9) -> None:
        self.logits = 1.5 * torch.randn(values, pixels, generator=generator(0)).double()

    def log_likelihoods(self, x: Tensor) -> Tensor:
        """Returns log p(x|c) for every c, (N, K)."""
        return x.flatten(1).double() @ self.logits.T + self._offsets()

    def log_prob(self, x: Tensor) -> Tensor:
        """Returns log p(x), (N,)."""
        return self.log_likelihoods(x).logsumexp(1) - math.log(len(self.logits))

    def posterior(self, x: Tensor) -> Tensor:
        """Returns p(c|x), (N, K)."""
        return self.log_likelihoods(x).softmax(1)

    def images(self) -> Tensor:
        """Every image there is, (2^D, 1, 1, D)."""
        pixels = self.logits.shape[1]
        x = torch.tensor(list(itertools.product((0.0, 1.0), repeat=pixels)), dtype=torch.float64)
        return x.view(-1, 1, 1, pixels)

    def sample(self, n: int) -> Tensor:
        """Draws n images, (n, 1, 1, D), the same each time."""
        c = torch.randint(len(self.logits), (n,), generator=generator("c", n))
        uniform = torch.rand(n, self.logits.shape[1], generator=generator("x", n))
        return (uniform < self.logits[c].sigmoid()).double()[:, None, None]

    def information(self) -> float:
        """I(x; c), by going through all images."""
        x = self.images()
        posterior = self.posterior(x)
        divergence = (posterior * (posterior * len(self.logits)).log()).sum(1)
        return float((self.log_prob(x).exp() * divergence).sum())

    def vae(self, sharpness: float = 1.0) -> VAE:
        """Holds p(x|c) and, with sharpness 1, the exact p(c|x); with 0, q(c|x) is uniform."""
        values, pixels = self.logits.shape
        model = VAE((1, 1, pixels), Latents(0, (values,)), "linear", "bernoulli").double()
        _fix(model.encoder, sharpness * self.logits, sharpness * self._offsets())
        _fix(model.decoder, self.logits.T, torch.zeros(pixels))
        return model.eval().requires_grad_(False)

    def _offsets(self) -> Tensor:
        return -nn.functional.softplus(self.logits).sum(1)


# ---------------------------------------------------------------- a joint world


class JointWorld:
    """A Gaussian z and one of K values c, evenly drawn: x = W z + a_c + noise, a known mixture.

    Without overlap the a_c are orthogonal to the loadings W, so that p(z|x, c) is the same for
    every c, and p(z, c|x) = p(z|x) p(c|x) is what an encoder can hold.

    Args:
        values: K.
        overlap: How much of the a_c lies along the loadings; the encoder is then not exact.
    """

    def __init__(self, values: int = 3, overlap: float = 0.0) -> None:
        self.world = LinearGaussian(dimensions=8, latents=2, scale=1.0)
        basis = self.world.loadings / self.world.norms
        drawn = 1.5 * torch.randn(values, len(basis), generator=generator("a", values)).double()
        along = drawn @ basis @ basis.T
        self.offsets = drawn - along + overlap * along  # a_c, (K, D)

    def log_likelihoods(self, x: Tensor) -> Tensor:
        """Returns log p(x|c) for every c, (N, K)."""
        x = x.flatten(1).double()
        return torch.stack([self.world.log_prob(x - offset) for offset in self.offsets], 1)

    def log_prob(self, x: Tensor) -> Tensor:
        """Returns log p(x), (N,)."""
        return self.log_likelihoods(x).logsumexp(1) - math.log(len(self.offsets))

    def sample(self, n: int) -> Tensor:
        """Draws n images, (n, 1, 1, D), the same each time."""
        c = torch.randint(len(self.offsets), (n,), generator=generator("c", n))
        return linear_images(self.world, n) + self.offsets[c][:, None, None]

    def vae(self, spread: float = 1.0) -> VAE:
        """Holds p(x|z, c), p(c|x) and, without overlap and with spread 1, p(z|x)."""
        world, offsets = self.world, self.offsets
        (pixels, latents), values = world.loadings.shape, len(offsets)
        code, likelihood = Latents(latents, (values,)), f"gaussian-{world.scale}"
        model = VAE((1, 1, pixels), code, "linear", likelihood).double()
        total = world.norms**2 + world.scale**2
        gain = world.loadings.T / total[:, None]
        noise = world.scale**2 * torch.eye(pixels, dtype=torch.float64)
        tilt = torch.linalg.solve(world.loadings @ world.loadings.T + noise, offsets.T).T
        centre, log_variance = -gain @ offsets.mean(0), (spread**2 * world.scale**2 / total).log()
        bias = torch.cat([centre, log_variance, -(tilt * offsets).sum(1) / 2])
        _fix(model.encoder, torch.cat([gain, torch.zeros_like(gain), tilt]), bias)
        _fix(model.decoder, torch.cat([world.loadings, offsets.T], 1), torch.zeros(pixels))
        return model.eval().requires_grad_(False)


def _fix(module: nn.Module, weight: Tensor, bias: Tensor) -> None:
    """Sets the one affine map of a module."""
    (layer,) = (m for m in module.modules() if isinstance(m, nn.Linear))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)


def _above(rows: Tensor) -> Tensor:
    return torch.cat([rows, torch.zeros_like(rows)])


def _below(values: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(values), values])


# ---------------------------------------------------------------- codes with known information


def one_hot_codes(*values: Sequence[int] | Tensor, sizes: Sequence[int]) -> Codes:
    """Codes that are certain of a value in each categorical block, without a Gaussian block."""
    blocks = zip(values, sizes, strict=True)
    return channel_codes(*(torch.eye(k)[torch.as_tensor(v)] for v, k in blocks))


def channel_codes(*blocks: Tensor) -> Codes:
    """Codes of the probabilities of each categorical block, (N, K) each, and no Gaussian block."""
    empty = torch.zeros(len(blocks[0]), 0)
    return Codes(empty, empty, blocks)


def symmetric_channel(k: int, flip: float, n: int) -> tuple[Codes, float]:
    """k inputs, evenly drawn, each mistaken with probability `flip` for one of the others."""
    table = torch.full((k, k), flip / (k - 1), dtype=torch.float64)
    table.fill_diagonal_(1 - flip)
    noise = sum(p * math.log(p) for p in (1 - flip, *[flip / (k - 1)] * (k - 1)) if p)
    return channel_codes(table.repeat(n // k, 1)), math.log(k) + noise


def plain_codes(mean: Tensor, scale: float = 1.0, **about) -> Codes:
    """Codes of Gaussian means with one scale."""
    return Codes(mean.float(), torch.full_like(mean.float(), scale), **about)
