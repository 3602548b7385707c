"""The variational autoencoder, which every other model differs from by its objective."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from vmi.nets.coders import Decoder, Encoder
from vmi.nets.joint_code import JointCode, kl_categorical, kl_gaussian
from vmi.nets.latents import Latents
from vmi.nets.likelihoods import Likelihood, make_likelihood
from vmi.nets.networks import Network, make_network

__all__ = ["VAE"]


class VAE(nn.Module):
    r"""Creates a variational autoencoder with a Gaussian, categorical or joint code.

    .. math:: L = -E_{q(z|x)} \log p(x|z) + KL(q(z|x) \| p(z))

    A model has no part in seeds, devices or files. The trainer reads two attributes:

    - `phases`: the methods that are minimised in turn at every step, and for each the child
      modules whose parameters it moves; () means all that no other phase claims.
    - `noises`: the names of the noise that those methods look up; each is drawn from a stream of
      its own, so that a model that needs more noise disturbs no draw of one that needs less.

    Args:
        shape: (C, H, W) of an image.
        latents: What the code is made of.
        network: A family of networks, or the name of one, e.g. "dense-200".
        likelihood: p(x|z), from a decoder's outputs to a distribution of images, or the name of
            one: "bernoulli", "gaussian" or "squashed-gaussian".

    References:
        | Auto-Encoding Variational Bayes (Kingma & Welling, 2014)
        | https://arxiv.org/abs/1312.6114

    Example:
        >>> from vmi.nets.networks import Dense
        >>> model = VAE((1, 8, 8), Latents(gaussian=2), Dense((1, 8, 8), hidden=16), "gaussian-0.5")
        >>> model.encoder(torch.zeros(3, 1, 8, 8)).mean.shape
        torch.Size([3, 2])
    """

    phases: ClassVar[dict[str, tuple[str, ...]]] = {"objective": ()}
    noises: ClassVar[tuple[str, ...]] = ("posterior",)

    def __init__(
        self,
        shape: tuple[int, int, int],
        latents: Latents,
        network: str | Network = "dense",
        likelihood: str | Likelihood = "bernoulli",
    ) -> None:
        super().__init__()
        self.latents, self.networks = latents, make_network(network, shape)
        self.encoder = Encoder(self.networks.encoder(latents.outputs), latents)
        self.decoder = Decoder(self.networks.decoder(latents.size), make_likelihood(likelihood))

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the loss and what it is made of, each a mean over the batch in nats.

        Args:
            x: Images, (B, C, H, W).
            noise: For each name in `noises`, (B, latents.size).
            step: The training step, for schedules.
        """
        q, _, p = self.reconstruct(x, noise["posterior"], step)
        return self.negative_elbo(x, q, p)

    def reconstruct(
        self, x: Tensor, noise: Tensor, step: int
    ) -> tuple[JointCode, Tensor, Distribution]:
        """Returns q(z|x), a relaxed sample z of it, and p(x|z)."""
        q = self.encoder(x)
        z = q.relaxed_sample(noise, self.latents.temperature(step), self.latents.hard)
        return q, z, self.decoder(z)

    def negative_elbo(self, x: Tensor, q: JointCode, p: Distribution) -> dict[str, Tensor]:
        """Returns loss = distortion + rate, with the rate by block."""
        prior = self.latents.prior(q.gaussian.mean)
        distortion = -p.log_prob(x).mean()
        rate_gaussian = kl_gaussian(q, prior).mean()
        rate_categorical = kl_categorical(q, prior).mean()
        rate = rate_gaussian + rate_categorical
        return {
            "loss": distortion + rate,
            "distortion": distortion,
            "rate": rate,
            "rate_gaussian": rate_gaussian,
            "rate_categorical": rate_categorical,
        }

    def forward(self, phase: str, *args: object) -> dict[str, Tensor]:
        """Returns what the phase of that name returns; `torch.func` calls no other method."""
        return getattr(self, phase)(*args)

    def draw_noise(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draws the noise of a name for a batch shape; the same kind for all names here."""
        return self.latents.draw_noise(shape, generator)
