r"""Lower bounds on the log-likelihood: ELBO <= IWAE-k <= IWAE-k' <= log p(x) for k <= k'."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.distributions import kl_divergence

from vmi.mi.aggregate import mean_estimate
from vmi.records import Estimate

__all__ = ["elbo", "iwae", "log_weights"]

PIXELS = 20_000_000  # decoded at a time, so that memory is bounded whatever k and N are


@torch.no_grad()
def elbo(
    model: nn.Module, images: Tensor, generator: torch.Generator, *, samples: int = 10
) -> list[Estimate]:
    r"""Returns the evidence lower bound and its two parts, in nats an image.

    .. math:: ELBO = E_{q(z|x)} \log p(x|z) - KL(q(z|x) \| p(z)) = -(distortion + rate)

    The rate is exact, the distortion an average over exact samples of the code (one-hot, not
    relaxed). The standard error is that of the mean over images.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        samples: Of each image's code.
    """
    distortions, rates = [], []
    for x in images.split(_batch(images, samples)):
        q = model.encoder(x)
        rates.append(kl_divergence(q, model.latents.prior(q.mean)))
        drawn = [_log_p_x(model, x, z) for z in _samples(model, q, samples, generator)]
        distortions.append(-torch.stack(drawn).mean(0))
    distortion, rate = torch.cat(distortions).double(), torch.cat(rates).double()
    return [
        mean_estimate(-(distortion + rate), bound="lower"),
        mean_estimate(distortion, part="distortion"),
        mean_estimate(rate, part="rate"),
    ]


@torch.no_grad()
def iwae(
    model: nn.Module, images: Tensor, generator: torch.Generator, *, k: int = 100
) -> list[Estimate]:
    r"""Returns the importance-weighted bound on log p(x), in nats an image.

    .. math::
        \log p(x) \ge E \log \frac1k \sum_{i=1}^k w_i, \quad
        w_i = \frac{p(x|z_i) p(z_i)}{q(z_i|x)}, \quad z_i \sim q(z|x)

    It grows with k; with k = 1 it is the ELBO. The part `ess` is the mean effective sample size
    :math:`(\sum w)^2 / \sum w^2`, from 1 (one weight rules: a loose bound) to k (the encoder is
    the posterior: the bound is log p(x)). The standard error is that of the mean over images.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        k: Importance samples an image.

    References:
        | Importance Weighted Autoencoders (Burda et al., 2016)
        | https://arxiv.org/abs/1509.00519
    """
    bounds, sizes = [], []
    for x in images.split(_batch(images, k)):
        sums = squares = torch.full((len(x),), -math.inf, dtype=torch.float64)
        for log_w in log_weights(model, x, k, generator):
            sums = torch.logaddexp(sums, log_w.logsumexp(0))
            squares = torch.logaddexp(squares, (2 * log_w).logsumexp(0))
        bounds.append(sums - math.log(k))
        sizes.append((2 * sums - squares).exp())
    size = torch.cat(sizes)
    ess = Estimate(float(size.mean()), ceiling=k, n=len(size), part="ess")
    return [mean_estimate(torch.cat(bounds), bound="lower"), ess]


def log_weights(
    model: nn.Module, x: Tensor, k: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yields the log-weights of k importance samples of each image, (at most k, B), in float64.

    They come in parts, so that no more than a fixed number of pixels is decoded at a time.
    """
    q, part = model.encoder(x), max(1, PIXELS // max(1, x.numel()))
    prior = model.latents.prior(q.mean)
    for start in range(0, k, part):
        z = torch.stack(list(_samples(model, q, min(part, k - start), generator)))
        repeated = x.expand(len(z), *x.shape)
        log_p = _log_p_x(model, repeated.flatten(0, 1), z.flatten(0, 1)).view(z.shape[:2])
        yield log_p.double() + prior.log_prob(z).double() - q.log_prob(z).double()


def _samples(model: nn.Module, q, count: int, generator: torch.Generator) -> Iterator[Tensor]:
    for _ in range(count):
        yield q.sample_from(model.latents.draw_noise(q.batch_shape, generator).to(q.mean))


def _log_p_x(model: nn.Module, x: Tensor, z: Tensor) -> Tensor:
    return model.decoder(z).log_prob(x)


def _batch(images: Tensor, samples: int) -> int:
    """How many images at a time: all their samples together, but at least 16 images."""
    return max(16, PIXELS // (samples * math.prod(images.shape[1:])))
