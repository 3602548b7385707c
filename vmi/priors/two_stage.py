"""A second VAE, of the codes of the first."""

import torch
from torch import Generator, Tensor, nn
from torch.distributions import kl_divergence

from vmi.nets.coders import Encoder
from vmi.nets.codes import Codes
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.priors.fitting import CONVENTION, climb, initialise, mlp, split
from vmi.priors.prior import Prior

__all__ = ["TwoStage"]

RATE = 3e-3  # of Adam
PIECE = 100_000  # importance samples weighed at a time, so that memory is bounded


class TwoStage(Prior):
    r"""The marginal of a VAE with a Gaussian code u that is fitted to the codes z of a frozen one.

    .. math::
        p(z, c) = E_{u \sim N(0, I)} N(z; m(u), diag(\gamma^2)) \prod_j Cat(c_j; \pi_j(u)), \quad
        \max E_{q(z)} [E_{q(u|z)} \log p(z|u) - KL(q(u|z) \| p(u))]

    with one learned :math:`\gamma` a dimension and as many dimensions of u as the code has
    numbers. Its density is estimated without bias by k importance samples of q(u|z).

    Args:
        latents: What a code of the first is made of.
        samples: k, of an estimate of the density.
        hidden: Units of each of two hidden layers, each way.
        steps: At most so many.

    References:
        | Diagnosing and Enhancing VAE Models (Dai & Wipf, 2019), https://arxiv.org/abs/1903.05789
        | Importance Weighted Autoencoders (Burda et al., 2016), https://arxiv.org/abs/1509.00519
    """

    bound = "lower"

    def __init__(
        self, latents: Latents, *, samples: int = 100, hidden: int = 100, steps: int = 3000
    ) -> None:
        super().__init__(latents)
        self.samples, self.steps = samples, steps
        self.inner = Latents(gaussian=latents.size)
        self.encoder = Encoder(mlp(latents.size, self.inner.outputs, hidden), self.inner)
        self.decoder = mlp(self.inner.size, latents.size, hidden)
        self.log_scale = nn.Parameter(torch.zeros(latents.gaussian))

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits the second VAE to posteriors of training images."""
        initialise(self, generator)
        nn.init.zeros_(self.log_scale)
        parts = split(codes, generator)
        how = {"steps": self.steps, "learning_rate": RATE}
        climb(self, self.objective, parts, self.latents, generator, **how)

    def objective(self, z: Tensor, generator: Generator) -> Tensor:
        """Returns the ELBO of codes (B, size), by one sample of u each, (B,)."""
        z = z.float()
        q = self.encoder(z)
        u = q.sample_from(self.inner.draw_noise(q.batch_shape, generator))
        return self.given(u).log_prob(z) - kl_divergence(q, self.inner.prior(u))

    def given(self, u: Tensor) -> JointCode:
        """Returns p(z, c | u) of u (..., size)."""
        sizes = [self.latents.gaussian, *self.latents.categorical]
        mean, *logits = self.decoder(u).split(sizes, -1)
        return JointCode(mean, self.log_scale.exp().expand_as(mean), logits)

    @torch.no_grad()
    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws u of N(0, I), and then codes, (n, size)."""
        u = self.inner.draw_noise((n,), generator)
        return self.given(u).sample_from(self.latents.draw_noise((n,), generator)).double()

    def log_prob(self, z: Tensor, generator: Generator) -> Tensor:
        """Returns the logarithm of an unbiased estimate of the density of codes (..., size)."""
        rows = z.flatten(0, -2).float()
        pieces = rows.split(max(1, PIECE // self.samples))
        found = [self._estimate(piece, generator) for piece in pieces]
        return torch.cat(found).view(z.shape[:-1])

    def _estimate(self, z: Tensor, generator: Generator) -> Tensor:
        q = self.encoder(z)
        u = q.sample_from(self.inner.draw_noise((self.samples, len(z)), generator))
        log_w = self.given(u).log_prob(z) + self.inner.prior(u).log_prob(u) - q.log_prob(u)
        return log_w.double().logsumexp(0) - torch.tensor(self.samples).double().log()

    @property
    def convention(self) -> str:
        """k, and what it was fitted on."""
        return f"{self.samples} samples of the second stage, {CONVENTION}"
