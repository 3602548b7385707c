"""The InfoVAE with the maximum mean discrepancy."""

from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor

from vmi.models.vae import VAE

__all__ = ["InfoVAE", "Kernel", "mmd"]

Kernel = Literal["gaussian", "imq"]


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
        kernel: Of the discrepancy, "gaussian" as by the authors, or "imq"; see `mmd`.
        bandwidth: The squared length of the kernel; that of `mmd` without.

    Raises:
        ValueError: A weight is negative, or the kernel is none of these or has no length.

    References:
        | InfoVAE: Balancing Learning and Inference in Variational Autoencoders (Zhao et al., 2019)
        | https://arxiv.org/abs/1706.02262
        | Wasserstein Auto-Encoders (Tolstikhin et al., 2018), of the kernel "imq"
        | https://arxiv.org/abs/1711.01558
    """

    noises: ClassVar[tuple[str, ...]] = ("posterior", "prior")

    def __init__(
        self,
        *args,
        alpha: float = 0.0,
        lambda_: float = 1000.0,
        kernel: Kernel = "gaussian",
        bandwidth: float | None = None,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        if kernel not in get_args(Kernel):
            raise ValueError(f"{kernel=} is none of {get_args(Kernel)}")
        if bandwidth is not None and not 0 < bandwidth < float("inf"):
            raise ValueError(f"{bandwidth=} is no squared length above 0")
        self.kernel, self.bandwidth = kernel, bandwidth
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
        terms["mmd"] = mmd(z, draws, self.kernel, self.bandwidth)
        loss = terms["distortion"] + (1 - self.alpha) * terms["rate"]
        return terms | {"loss": loss + (self.alpha + self.lambda_ - 1) * terms["mmd"]}


def mmd(
    x: Tensor, y: Tensor, kernel: Kernel = "gaussian", bandwidth: float | None = None
) -> Tensor:
    r"""Returns the unbiased squared maximum mean discrepancy of two samples.

    .. math:: E\, k(x, x') + E\, k(y, y') - 2 E\, k(x, y)

    over pairs of different points. Unbiased, so it is 0 on average where the distributions are
    equal, and can be slightly negative. The kernels, of a squared length h:

    - "gaussian": :math:`k(a, b) = \exp(-\|a - b\|^2 / h)`; :math:`h = D^2` as in the code of
      InfoVAE's authors.
    - "imq", the inverse multiquadric: :math:`k(a, b) = h / (h + \|a - b\|^2)`, whose tails still
      pull codes that are far off; :math:`h = 2 D`, the squared distance to be expected of two
      draws of the prior.

    Args:
        x: (N, D) sample of one distribution.
        y: (M, D) sample of the other.
        kernel: Its name.
        bandwidth: h; the one above without.

    References:
        | A Kernel Two-Sample Test (Gretton et al., 2012), Lemma 6
        | https://jmlr.org/papers/v13/gretton12a.html
        | Wasserstein Auto-Encoders (Tolstikhin et al., 2018), section 4, of "imq"
        | https://arxiv.org/abs/1711.01558
    """
    dimensions = x.shape[-1]
    length = bandwidth or (dimensions**2 if kernel == "gaussian" else 2 * dimensions)

    def similar(a: Tensor, b: Tensor) -> Tensor:
        squares = (a[:, None] - b[None]).square().sum(-1)
        return torch.exp(-squares / length) if kernel == "gaussian" else length / (length + squares)

    def between(a: Tensor) -> Tensor:
        """The mean over pairs of different points; k(a, a) = 1."""
        return (similar(a, a).sum() - len(a)) / (len(a) * (len(a) - 1))

    return between(x) + between(y) - 2 * similar(x, y).mean()
