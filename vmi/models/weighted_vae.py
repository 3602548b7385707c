"""A VAE with one weight for each part of its rate: the control for VMI-VAE."""

import math

from torch import Tensor

from vmi.models.beta_vae import BetaVAE
from vmi.nets.joint_code import kl_gaussian

__all__ = ["WeightedVAE"]


class WeightedVAE(BetaVAE):
    r"""Creates a beta-VAE in which some parts of the rate have weights of their own.

    .. math:: L = -E_{q(z|x)} \log p(x|z) + \beta\, R + (\beta_c - \beta)\, R_c
        + (\beta_m - \beta)\, R_m

    with R the rate, :math:`R_c` that of all categories and :math:`R_m` that of the informed
    Gaussian dimensions.

    As :math:`E\, KL(q(c|x) \| p(c)) = I_q(x;c) + KL(q(c) \| p(c))`, a weight of the categories
    below 0 rewards information. Their rate is at most the logarithm of the number of values, so the
    loss stays bounded below. It is the control for VMI-VAE: the same reward, without a network that
    predicts the code from the decoded image.

    Args:
        beta: :math:`\beta \ge 0`, the weight of all that has none of its own.
        categorical_beta: :math:`\beta_c`, any number; `beta` by default.
        informed_beta: :math:`\beta_m \ge 0`; `beta` by default.

    Raises:
        ValueError: A weight that may not be negative is, one is not finite, or those that are
            given weigh no part that the code has.

    References:
        | beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework
        | (Higgins et al., 2017)
        | https://openreview.net/forum?id=Sy2fzU9gl
    """

    def __init__(
        self,
        *args,
        beta: float = 1.0,
        categorical_beta: float | None = None,
        informed_beta: float | None = None,
        **kwargs,
    ) -> None:
        super().__init__(*args, beta=beta, **kwargs)
        self.categorical_beta = beta if categorical_beta is None else categorical_beta
        self.informed_beta = beta if informed_beta is None else informed_beta
        if not self.informed_beta >= 0:
            raise ValueError(f"{informed_beta=} is negative")
        if not math.isfinite(self.categorical_beta):
            raise ValueError(f"{categorical_beta=} is not finite")
        # A model of a suite meets codes of many data sets, of which some have one of the parts.
        parts = (categorical_beta, self.latents.categorical), (informed_beta, self.latents.informed)
        given = [part for weight, part in parts if weight is not None]
        if given and not any(given):
            raise ValueError(f"{categorical_beta=} and {informed_beta=} weigh nothing of this code")

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the loss and what it is made of; see `VAE.objective`."""
        q, _, p = self.reconstruct(x, noise["posterior"], step)
        terms = self.negative_elbo(x, q, p)
        informed, prior = self.latents.informed, self.latents.prior(q.gaussian.mean)
        rate_informed = kl_gaussian(q.leading(informed), prior.leading(informed)).mean()
        loss = terms["distortion"] + self.beta * terms["rate"]
        loss = loss + (self.categorical_beta - self.beta) * terms["rate_categorical"]
        loss = loss + (self.informed_beta - self.beta) * rate_informed
        return terms | {"loss": loss}
