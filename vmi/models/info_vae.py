"""The InfoVAE with the maximum mean discrepancy."""

from typing import ClassVar

import torch
from torch import Tensor

from vmi.models.vae import VAE

__all__ = ["InfoVAE", "mmd"]


class InfoVAE(VAE):
    r"""Creates a VAE that also draws the aggregate posterior to the prior.

    .. math::
        L = -E_{q(z|x)} \log p(x|z) + (1 - \alpha) KL(q(z|x) \| p(z))
            + (\alpha + \lambda - 1) MMD^2(q(z), p(z))

    Categories enter the discrepancy sampled alike on both sides, at the same temperature and
    relaxed or hard, so that it vanishes where q(z) = p(z).

    Args:
        alpha: :math:`\alpha`; 0 keeps the whole rate, 1 drops it (MMD-VAE).
        lambda_: :math:`\lambda`; the weight :math:`\alpha + \lambda - 1` may not be negative.

    Raises:
        ValueError: A weight is negative.

    References:
        | InfoVAE: Balancing Learning and Inference in Variational Autoencoders (Zhao et al., 2019)
        | https://arxiv.org/abs/1706.02262
    """

    noises: ClassVar[tuple[str, ...]] = ("posterior", "prior")

    def __init__(self, *args, alpha: float = 0.0, lambda_: float = 1000.0, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not alpha <= 1:
            raise ValueError(f"alpha={alpha} gives the rate the negative weight {1 - alpha:g}")
        if not alpha + lambda_ - 1 >= 0:
            weight = alpha + lambda_ - 1
            raise ValueError(f"{alpha=}, {lambda_=} give the MMD the negative weight {weight:g}")
        self.alpha, self.lambda_ = alpha, lambda_

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the loss and what it is made of; see `VAE.objective`."""
        q, z, p = self.reconstruct(x, noise["posterior"], step)
        terms = self.negative_elbo(x, q, p)
        temperature, hard = self.latents.temperature(step), self.latents.hard
        draws = self.latents.prior(z).relaxed_sample(noise["prior"], temperature, hard)
        terms["mmd"] = mmd(z, draws)
        loss = terms["distortion"] + (1 - self.alpha) * terms["rate"]
        return terms | {"loss": loss + (self.alpha + self.lambda_ - 1) * terms["mmd"]}


def mmd(x: Tensor, y: Tensor) -> Tensor:
    r"""Returns the unbiased squared maximum mean discrepancy of two samples.

    .. math:: k(a, b) = \exp(-\|a - b\|^2 / D^2)

    the kernel of the authors' code. Unbiased, so it is 0 on average where the distributions are
    equal, and can be slightly negative.

    Args:
        x: (N, D) sample of one distribution.
        y: (M, D) sample of the other.

    References:
        | A Kernel Two-Sample Test (Gretton et al., 2012), Lemma 6
        | https://jmlr.org/papers/v13/gretton12a.html
    """
    return _between(x) + _between(y) - 2 * _kernel(x, y).mean()


def _between(x: Tensor) -> Tensor:
    """The mean kernel over pairs of different points; k(a, a) = 1."""
    n = len(x)
    return (_kernel(x, x).sum() - n) / (n * (n - 1))


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    squares = (x[:, None] - y[None]).square().sum(-1)
    return torch.exp(-squares / x.shape[-1] ** 2)
