"""The prior that a model is trained with."""

from torch import Generator, Tensor, float64, zeros

from vmi.nets.codes import Codes
from vmi.priors.prior import Prior

__all__ = ["Standard"]


class Standard(Prior):
    """N(0, I) in the Gaussian dimensions and uniform in each category; nothing is fitted.

    References:
        | Auto-Encoding Variational Bayes (Kingma & Welling, 2014)
        | https://arxiv.org/abs/1312.6114
    """

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits nothing."""

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws codes, (n, size), in float64."""
        noise = self.latents.draw_noise((n,), generator).double()
        return self.latents.prior(noise).sample_from(noise)

    def gain(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """Returns 0, exactly."""
        return zeros(z.shape[:-1], dtype=float64)

    def log_prob(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """Returns the exact log-density of codes (..., size), (...)."""
        return self.latents.prior(zeros(self.latents.size, dtype=float64)).log_prob(z.double())
