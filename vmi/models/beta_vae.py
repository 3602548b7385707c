"""The beta-VAE, whose rate has a weight."""

from torch import Tensor

from vmi.models.vae import VAE

__all__ = ["BetaVAE"]


class BetaVAE(VAE):
    r"""Creates a VAE whose rate is weighted; :math:`\beta = 1` is the VAE.

    .. math:: L = -E_{q(z|x)} \log p(x|z) + \beta\, KL(q(z|x) \| p(z))

    Args:
        beta: :math:`\beta \ge 0`.

    Raises:
        ValueError: The weight is negative.

    References:
        | beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework
        | (Higgins et al., 2017)
        | https://openreview.net/forum?id=Sy2fzU9gl
    """

    def __init__(self, *args, beta: float = 4.0, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not beta >= 0:
            raise ValueError(f"{beta=} is negative")
        self.beta = beta

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the loss and what it is made of; see `VAE.objective`."""
        terms = super().objective(x, noise, step)
        return terms | {"loss": terms["distortion"] + self.beta * terms["rate"]}
