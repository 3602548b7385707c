r"""Mutual information of two arrays by denoising one with and without the other, in nats."""

import math

import torch
from torch import Tensor

from vmi.mi.fit import Generators, Network, draw, fit, minibatch
from vmi.mi.stacks import CONVENTION, Side, stacked
from vmi.records import Estimate

__all__ = ["minde"]

NOISIEST, CLEAREST = -6.0, 12.0  # log signal-to-noise ratios
LEVELS = 8  # of noise that have an affine map each
DECAY_ROWS = 3000.0  # less than for critics: a denoiser fits noise, which is new each time
LOOKS = 16  # noise levels at which each row is reported


@stacked
def minde(
    x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=1000
) -> list[Estimate]:
    r"""MINDE-c: the score of a diffused x, with y and without it, by one network.

    Let :math:`x_\lambda = \alpha x + \sigma \epsilon` with
    :math:`\alpha^2 + \sigma^2 = 1, \lambda = \log(\alpha^2 / \sigma^2)`, a variance-preserving
    diffusion told by its log signal-to-noise ratio. Girsanov's theorem gives

    .. math:: I(x; y) = \frac12 \int E \| \hat\epsilon(x_\lambda) - \hat\epsilon(x_\lambda, y) \|^2
        d\lambda = \frac12 \int E \| \epsilon - \hat\epsilon(x_\lambda) \|^2
        - E \| \epsilon - \hat\epsilon(x_\lambda, y) \|^2 d\lambda

    for the exact denoisers. What is reported is the latter difference on pairs that the network has
    not seen: the former cannot be negative and counts the network's errors as information. The
    integral runs from -6 to 12, evenly sampled. Neither a lower nor an upper bound; no ceiling.

    Args:
        x: What is diffused.
        y: What is given.
        generator: Of all draws.
        k: The size of a batch in training.
        width: Of the network's hidden layers.
        steps: At most so many.

    References:
        | MINDE: Mutual Information Neural Diffusion Estimation (Franzese et al., 2024)
        | https://arxiv.org/abs/2310.09031
        | Information-Theoretic Diffusion (Kong et al., 2023)
        | https://arxiv.org/abs/2302.03792
    """
    denoiser = Denoiser(x, y, generator, width)
    held = [x.held, y.held, *_noise(x.held, generator)]
    fit(
        [denoiser.network],
        lambda b: -denoiser.errors(*b, *_noise(b[0], generator)).sum(0),
        [x.fit, y.fit],
        lambda: -denoiser.errors(*held).mean(2).sum(0),
        generator,
        k=minibatch(x.fit.shape[1], k),
        steps=steps,
        decay_rows=DECAY_ROWS,
    )
    terms = denoiser.gains(x.report, y.report, generator)
    values, errors = terms.mean(1).tolist(), (terms.std(1) / math.sqrt(terms.shape[1])).tolist()
    about = {"unit": "nats", "n": terms.shape[1], "convention": f"x given y; {CONVENTION}"}
    return [Estimate(v, e, **about) for v, e in zip(values, errors, strict=True)]


class Denoiser:
    """A stack of networks that tell the noise in x, with y and without.

    Its output is linear in weights of LEVELS levels of noise, between which it interpolates.
    Without y it starts from the best linear denoiser of a standard normal x.

    Args:
        x: What is diffused.
        y: What is given.
        generators: Of the initial weights.
        width: Of the hidden layers.
    """

    def __init__(self, x: Side, y: Side, generators: Generators, width: int) -> None:
        inputs = 2 * x.dimensions + y.dimensions + 1 + LEVELS
        self.network = Network(generators, inputs, width, x.dimensions * LEVELS)

    def errors(self, x: Tensor, y: Tensor, noise: Tensor, snr: Tensor) -> Tensor:
        """Returns squared errors (2, S, N) without and with y; snr is the log ratio (S, N, 1)."""
        sigma = (-snr).sigmoid().sqrt()
        noisy = snr.sigmoid().sqrt() * x + sigma * noise
        levels = _hats(snr)
        alone = [noisy, *(torch.zeros_like(t) for t in (noisy, y, snr)), levels]
        given = [noisy, noisy, y, torch.ones_like(snr), levels]
        n = x.shape[1]
        out = self.network(torch.cat([torch.cat(alone, -1), torch.cat(given, -1)], 1))
        out = out.unflatten(-1, (LEVELS, -1)).unflatten(1, (2, n))
        told = sigma[:, None] * noisy[:, None] + (out * levels[:, None, ..., None]).sum(-2)
        return (told - noise[:, None]).square().sum(-1).transpose(0, 1)

    @torch.no_grad()
    def gains(self, x: Tensor, y: Tensor, generators: Generators) -> Tensor:
        """Returns terms (S, N) whose mean is the integral."""
        total = torch.zeros(x.shape[:2], dtype=torch.float64)
        start = torch.stack([torch.rand(x.shape[1], 1, generator=g) for g in generators])
        for look in range(LOOKS):
            snr = NOISIEST + (CLEAREST - NOISIEST) * (start + look) / LOOKS
            alone, given = self.errors(x, y, draw(generators, *x.shape[1:]), snr)
            total += alone - given
        return total / LOOKS * (CLEAREST - NOISIEST) / 2


def _noise(x: Tensor, generators: Generators) -> tuple[Tensor, Tensor]:
    """Draws noise like x (S, N, D), and log signal-to-noise ratios (S, N, 1) evenly spread."""
    n = x.shape[1]
    shift = torch.stack([torch.rand(1, generator=g) for g in generators])
    share = (shift + torch.arange(n) / n) % 1
    return draw(generators, *x.shape[1:]), (NOISIEST + (CLEAREST - NOISIEST) * share)[..., None]


def _hats(snr: Tensor) -> Tensor:
    """The weights (S, N, LEVELS) of linear interpolation between levels of noise."""
    place = (snr - NOISIEST) / (CLEAREST - NOISIEST) * (LEVELS - 1)
    return (1 - (place - torch.arange(LEVELS)).abs()).clamp_min(0)
