"""The beta-VAE, with one weight for the whole rate or one for each part of it."""

import math

from torch import Tensor

from vmi.models.vae import VAE
from vmi.nets.latents import kl_gaussian

__all__ = ["BetaVAE"]


class BetaVAE(VAE):
    r"""Creates a VAE whose rate is weighted; :math:`\beta = 1` is the VAE.

    .. math:: L = -E_{q(z|x)} \log p(x|z) + \beta\, KL(q(z|x) \| p(z))

    The category's part of the rate and that of the informed Gaussian dimensions may have weights of
    their own. As :math:`E\, KL(q(c|x) \| p(c)) = I_q(x;c) + KL(q(c) \| p(c))`, a weight of the
    category below 0 pays for information; that part is bounded by the logarithm of the number of
    values, so that the loss still is. It is the control for VMI-VAE: the same pay without a network
    that could tell the code from the decoded image.

    Args:
        beta: :math:`\beta \ge 0`.
        categorical_beta: The weight of all categories; any number. As `beta` if left out.
        informed_beta: The weight of the informed Gaussian dimensions, >= 0. As `beta` if left out.

    Raises:
        ValueError: A weight that may not be negative is, or one is not finite.

    References:
        | beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework
        | (Higgins et al., 2017)
        | https://openreview.net/forum?id=Sy2fzU9gl
    """

    def __init__(
        self,
        *args,
        beta: float = 4.0,
        categorical_beta: float | None = None,
        informed_beta: float | None = None,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        informed_beta = beta if informed_beta is None else informed_beta
        for name, weight in {"beta": beta, "informed_beta": informed_beta}.items():
            if not weight >= 0:
                raise ValueError(f"{name}={weight} is negative")
        categorical_beta = beta if categorical_beta is None else categorical_beta
        if not math.isfinite(categorical_beta):
            raise ValueError(f"categorical_beta={categorical_beta} is not finite")
        self.beta, self.informed_beta = beta, informed_beta
        self.categorical_beta = categorical_beta

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the loss and what it is made of; see `VAE.objective`."""
        q, _, p = self.reconstruct(x, noise["posterior"], step)
        terms = self.negative_elbo(x, q, p)
        chosen = q.leading(self.latents.informed)
        rate_informed = kl_gaussian(chosen, self.latents.chosen.prior(chosen.gaussian.mean)).mean()
        loss = terms["distortion"] + self.beta * terms["rate"]
        loss = loss + (self.categorical_beta - self.beta) * terms["rate_categorical"]
        loss = loss + (self.informed_beta - self.beta) * rate_informed
        return terms | {"loss": loss}
