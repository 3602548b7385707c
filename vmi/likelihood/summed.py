"""The log-likelihood with the categories of the code summed out, exactly."""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.likelihood.bounds import (
    batch,
    gain,
    importance_samples,
    log_mean_weights,
    log_p_x,
    said,
)
from vmi.nets.latents import Latents
from vmi.priors.prior import Prior

__all__ = ["every_category", "iwae_summed", "log_p_summed", "summed_log_weights"]

LARGEST = 256  # values of all categories together that are gone through


@torch.no_grad()
def iwae_summed(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior | None = None,
    *,
    k: int = 100,
) -> Estimate:
    r"""Returns log p(x) with the categories summed out, in nats an image.

    .. math::
        \log p(x) \ge E \log \frac1k \sum_{i=1}^k
            \frac{p(z_i) \sum_c p(c) p(x|z_i, c)}{q(z_i|x)}, \quad z_i \sim q(z|x)

    with z the Gaussian block and c all categories together. Each weight is the expectation over
    q(c|x) of a weight of `iwae`, so at equal k the bound is at least as tight (Rao-Blackwell); it
    costs as many times more decodings as c has values. A code without a Gaussian block leaves no
    integral: :math:`\log \sum_c p(c) p(x|c)` is exact, and neither k nor the encoder matters.

    The standard error is that of the mean over images; `ess` as in `iwae`.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        prior: In place of that of the training, p(z) and p(c).
        k: Importance samples an image.

    Raises:
        NotApplicable: The code has no category, or more than 256 values of all of them together.

    References:
        | Importance Weighted Autoencoders (Burda et al., 2016)
        | https://arxiv.org/abs/1509.00519
    """
    if not model.latents.categorical:
        raise NotApplicable("the code has no category to sum out")
    values = every_category(model.latents).to(images)
    if not model.latents.gaussian:
        return _exact(model, images, values, generator, prior)
    parts = images.split(batch(images, k * len(values)))
    bounds, sizes = log_mean_weights(
        parts, k, lambda x: summed_log_weights(model, x, k, generator, values, prior)
    )
    convention = f"{k} samples of the encoder an image, {len(values)} categories summed out"
    about = said(prior, convention)
    return mean_estimate(bounds, bound="lower", ess=float(sizes.mean()), **about)


def every_category(latents: Latents) -> Tensor:
    """Returns each combination of the categories' values as one-hots, (values, K_1 + ... + K_m).

    Of a code without categories it is one row of nothing.

    Raises:
        NotApplicable: There are more than 256 of them.

    Example:
        >>> every_category(Latents(gaussian=3, categorical=(2,))).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    combinations = math.prod(latents.categorical)
    if combinations > LARGEST:
        message = f"{combinations} combinations of categories are too many to sum out"
        raise NotApplicable(f"{message} (at most {LARGEST})")
    rows = itertools.product(*(torch.eye(k) for k in latents.categorical))
    return torch.stack([torch.cat([torch.empty(0), *row]) for row in rows])


def log_p_summed(
    model: nn.Module,
    x: Tensor,
    z: Tensor,
    values: Tensor,
    won: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    r"""Returns :math:`\log \sum_c p(c) p(x|z, c)` in nats, (B,), in float64.

    Args:
        model: In evaluation mode.
        x: Images, (B, C, H, W).
        z: The Gaussian block of their codes, (B, G).
        values: From `every_category`.
        won: What another prior gives codes (B, values, size) beyond p, (B, values).
    """
    n = len(values)
    codes = torch.cat([z[:, None].expand(-1, n, -1), values.expand(len(z), -1, -1)], -1)
    log_p = log_p_x(model, x.repeat_interleave(n, 0), codes.flatten(0, 1)).double().view(-1, n)
    log_p = log_p if won is None else log_p + won(codes)
    return log_p.logsumexp(1) - math.log(n)


def _exact(
    model: nn.Module,
    images: Tensor,
    values: Tensor,
    generator: torch.Generator,
    prior: Prior | None,
) -> Estimate:
    parts, won = images.split(batch(images, len(values))), partial(_won, prior, generator, 1)
    log_p = [log_p_summed(model, x, x.new_empty(len(x), 0), values, won) for x in parts]
    about = said(prior, f"all {len(values)} categories summed out")
    return mean_estimate(torch.cat(log_p), bound=prior.bound if prior else "exact", **about)


def _won(prior: Prior | None, generator: torch.Generator, k: int, codes: Tensor) -> Tensor:
    """What a prior gives the codes (k B, values, size) of k samples of B images, (k B, values).

    All codes of an image share what the density is estimated from, and no two images do.
    """
    by_image = codes.unflatten(0, (k, -1)).movedim(2, 0)
    return gain(prior, by_image, generator).movedim(0, 2).flatten(0, 1)


def summed_log_weights(
    model: nn.Module,
    x: Tensor,
    k: int,
    generator: torch.Generator,
    values: Tensor,
    prior: Prior | None = None,
) -> Iterator[Tensor]:
    """Yields log-weights as `log_weights` does: of the same samples' Gaussian blocks."""
    for q, code in importance_samples(model, x, k, generator, len(values)):
        z, _ = q.split(code)
        standard = model.latents.prior(code).gaussian
        repeated, won = x.expand(len(z), *x.shape), partial(_won, prior, generator, len(z))
        log_p = log_p_summed(model, repeated.flatten(0, 1), z.flatten(0, 1), values, won)
        log_ratio = standard.log_prob(z).double() - q.gaussian.log_prob(z).double()
        yield log_p.view(log_ratio.shape) + log_ratio
