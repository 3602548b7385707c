r"""Lower bounds on the log-likelihood: ELBO <= IWAE-k <= IWAE-k' <= log p(x) for k <= k'."""

import math
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.distributions import kl_divergence

from vmi.estimate import Estimate, mean_estimate
from vmi.nets.joint_code import JointCode
from vmi.priors.prior import Prior

__all__ = [
    "batch",
    "elbo",
    "gain",
    "importance_samples",
    "iwae",
    "log_mean_weights",
    "log_p_x",
    "log_weights",
    "said",
]

PIXELS = 20_000_000  # of the samples drawn at a time, so that memory is bounded whatever k and N
CACHED = 125_000  # pixels decoded at a time, which fit in a processor's cache


@torch.no_grad()
def elbo(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior | None = None,
    *,
    samples: int = 10,
) -> list[Estimate]:
    r"""Returns the evidence lower bound and its two parts, in nats an image.

    .. math:: ELBO = E_{q(z|x)} \log p(x|z) - KL(q(z|x) \| p(z)) = -(distortion + rate)

    The rate is exact, the distortion an average over exact samples of the code (one-hot, not
    relaxed). The standard error is that of the mean over images. Under another prior p' the rate is
    less by :math:`E_{q(z|x)} \log p'(z) / p(z)`, an average over the same samples.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        prior: p', if it is not that of the training.
        samples: Of each image's code.

    References:
        | Auto-Encoding Variational Bayes (Kingma & Welling, 2014)
        | https://arxiv.org/abs/1312.6114
    """
    distortions, rates = [], []
    for x in images.split(batch(images, samples)):
        q = model.encoder(x)
        codes = torch.stack(list(_samples(model, q, samples, generator)))
        drawn = [log_p_x(model, x, z) for z in codes]
        distortions.append(-torch.stack(drawn).mean(0))
        divergence = kl_divergence(q, model.latents.prior(q.mean)).double()
        rates.append(divergence - gain(prior, codes, generator).mean(0))
    distortion, rate = torch.cat(distortions).double(), torch.cat(rates)
    convention, about = f"KL exact, {samples} one-hot samples an image", said(prior)
    divergence = "KL(q(z|x) || p(z)), exact"
    if about["convention"]:  # of another prior, its part is an average over samples
        convention = f"{samples} one-hot samples an image, {about['convention']}"
        divergence = convention
    common = {"warning": about["warning"]}
    return [
        mean_estimate(-(distortion + rate), bound="lower", convention=convention, **common),
        mean_estimate(distortion, part="distortion", convention=f"{samples} samples an image"),
        mean_estimate(rate, part="rate", convention=divergence, **common),
    ]


@torch.no_grad()
def iwae(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior | None = None,
    *,
    k: int = 100,
) -> list[Estimate]:
    r"""Returns the importance-weighted bound on log p(x), in nats an image.

    .. math::
        \log p(x) \ge E \log \frac1k \sum_{i=1}^k w_i, \quad
        w_i = \frac{p(x|z_i) p(z_i)}{q(z_i|x)}, \quad z_i \sim q(z|x)

    It grows with k; with k = 1 it is the ELBO. Its `ess`, and the part of that name, is the mean
    effective sample size :math:`(\sum w)^2 / \sum w^2`, from 1 (one weight rules: a loose bound) to
    k (all weights are equal). The standard error is that of the mean over images.

    A high ess is necessary for a tight bound and not sufficient: it tells how evenly the encoder
    covers what it covers, and nothing of what it misses. Where the posterior has two equal modes
    and the encoder fits one of them, the weights are equal, the ess is k, and the bound is ln 2 too
    low whatever k is. `bdmc` bounds log p(x) from both sides, on data that the model draws.

    Where the density of another prior is estimated, each weight is an unbiased estimate, and the
    bound holds for whatever it is estimated from; see `vmi.priors.prior.Prior`.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        prior: In place of that of the training.
        k: Importance samples an image.

    References:
        | Importance Weighted Autoencoders (Burda et al., 2016)
        | https://arxiv.org/abs/1509.00519
    """
    parts = images.split(batch(images, k))
    bounds, sizes = log_mean_weights(parts, k, lambda x: log_weights(model, x, k, generator, prior))
    about, size = said(prior, f"{k} samples of the encoder an image"), float(sizes.mean())
    ess = Estimate(size, ceiling=k, n=len(sizes), part="ess", convention="mean over images")
    return [mean_estimate(bounds, bound="lower", ess=size, **about), ess]


def log_mean_weights(
    parts: Iterable[Tensor], k: int, weigh: Callable[[Tensor], Iterable[Tensor]]
) -> tuple[Tensor, Tensor]:
    r"""Returns :math:`\log \frac1k \sum_i w_i` and the effective sample size of each image, (N,).

    Args:
        parts: The images, a batch at a time.
        k: Weights an image.
        weigh: The log-weights of a batch of B images: k rows, (.., B), in any number of parts.
    """
    bounds, sizes = [], []
    for x in parts:
        sums = squares = torch.full((len(x),), -math.inf, dtype=torch.float64)
        for log_w in weigh(x):
            sums = torch.logaddexp(sums, log_w.logsumexp(0))
            squares = torch.logaddexp(squares, (2 * log_w).logsumexp(0))
        bounds.append(sums - math.log(k))
        sizes.append((2 * sums - squares).exp())
    return torch.cat(bounds), torch.cat(sizes)


def log_weights(
    model: nn.Module, x: Tensor, k: int, generator: torch.Generator, prior: Prior | None = None
) -> Iterator[Tensor]:
    """Yields the log-weights of k importance samples of each image, (at most k, B), in float64.

    They come in parts, so that no more than a fixed number of pixels is decoded at a time.
    """
    for q, z in importance_samples(model, x, k, generator):
        standard = model.latents.prior(q.mean)
        repeated = x.expand(len(z), *x.shape)
        log_p = log_p_x(model, repeated.flatten(0, 1), z.flatten(0, 1)).view(z.shape[:2])
        log_w = log_p.double() + standard.log_prob(z).double() - q.log_prob(z).double()
        yield log_w + gain(prior, z, generator)


def importance_samples(
    model: nn.Module, x: Tensor, k: int, generator: torch.Generator, decodings: int = 1
) -> Iterator[tuple[JointCode, Tensor]]:
    """Yields q(z|x) of B images and k of its samples, (at most k, B, size) at a time.

    Args:
        model: In evaluation mode.
        x: The images.
        k: Samples an image.
        generator: Of the samples.
        decodings: How many codes will be decoded for each sample; parts are smaller by as much.
    """
    q, part = model.encoder(x), max(1, PIXELS // max(1, x.numel() * decodings))
    for start in range(0, k, part):
        yield q, torch.stack(list(_samples(model, q, min(part, k - start), generator)))


def _samples(
    model: nn.Module, q: JointCode, count: int, generator: torch.Generator
) -> Iterator[Tensor]:
    for _ in range(count):
        yield q.sample_from(model.latents.draw_noise(q.batch_shape, generator).to(q.mean))


def log_p_x(model: nn.Module, x: Tensor, z: Tensor) -> Tensor:
    """Returns log p(x|z) of pairs of an image (C, H, W) and a code, (B,), in nats.

    Decoded in parts, which is twice as fast as in arrays that do not fit in the cache.
    """
    rows = max(1, CACHED // math.prod(x.shape[1:]))
    pairs = zip(x.split(rows), z.split(rows), strict=True)
    return torch.cat([model.decoder(codes).log_prob(images) for images, codes in pairs])


def gain(prior: Prior | None, z: Tensor, generator: torch.Generator) -> Tensor:
    """Returns what a prior gives codes (..., size) beyond that of the training, (...), in nats."""
    if prior is None:
        return torch.zeros(z.shape[:-1], dtype=torch.float64)
    return prior.gain(z, generator)


def said(prior: Prior | None, convention: str = "") -> dict[str, str]:
    """Returns the convention and the warning of a number under a prior."""
    if prior is None:
        return {"convention": convention, "warning": ""}
    conventions = ", ".join(filter(None, (convention, prior.convention)))
    return {"convention": conventions, "warning": prior.warning}


def batch(images: Tensor, samples: int) -> int:
    """How many images at a time: all their samples together, but at least 16 images."""
    return max(16, PIXELS // (samples * math.prod(images.shape[1:])))
